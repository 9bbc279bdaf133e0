"""The embedded backend: the hosted one's contract on this machine, over one SQLite file, with no account anywhere."""

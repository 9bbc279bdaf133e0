"""The tests: a package of its own name, so that no other `tests` among the installed packages is taken for it."""

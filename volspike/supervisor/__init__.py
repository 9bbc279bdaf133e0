"""`volspike up`: keeps the daemons alive in the foreground, by the rules that systemd follows in production."""

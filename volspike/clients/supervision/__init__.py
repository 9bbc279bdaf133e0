"""Whoever keeps the daemons alive: systemd, or `volspike up` in the foreground."""

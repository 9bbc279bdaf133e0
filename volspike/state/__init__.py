"""The state files that daemons speak through."""

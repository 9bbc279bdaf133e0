"""The decisions, pure: memory, settings and observation in; memory and decision out."""

"""One module = one process = one unit."""

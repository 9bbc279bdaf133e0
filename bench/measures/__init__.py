"""One module per promise, or per pair of promises that one run measures."""

"""What the pages show: pure functions from values to words, numbers and rows."""

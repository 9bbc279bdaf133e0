"""The performance promises of the suite, measured: `python -m bench`."""

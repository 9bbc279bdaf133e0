"""The nouns of the suite, frozen; nothing here waits, reads, writes or knows the time."""

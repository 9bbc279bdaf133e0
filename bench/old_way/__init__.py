"""The baseline: the funding pipeline as it was documented before, in the plainest code that does it.

Where the old text leaves a choice, the faster one is taken, so that a ratio owes nothing to a straw man:
websocket-client's check of UTF-8 in pure Python is off, handlers are coroutines (no thread pool), and its files lie
in memory beside the suite's own.
"""

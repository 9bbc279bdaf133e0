"""The baseline: the funding pipeline as it was documented before, in the plainest code that does it.

Where the old text leaves a choice, the faster one is taken, so that a ratio never owes anything to a straw man:
websocket-client's check of UTF-8 in pure Python is off, uvicorn writes no access log, handlers are coroutines (no
thread pool), and its files lie in memory beside the suite's own.
"""

"""The assistant's door: questions about the market and the suite, answered read-only over the Model Context Protocol.

`answers` are the shapes, each unit in its name; `market`, `told` and `condition` make them of what the readers have
read; `questions` are the tools; `server` is the door, on standard input and output or on loopback HTTP.
"""

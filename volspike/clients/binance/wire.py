"""What all of Binance's JSON has in common; pure.

Numbers come as strings. Statuses and types are open sets. One strange row costs itself only.
"""

from typing import Annotated

from msgspec import Meta, MsgspecError

Finite = Annotated[float, Meta(ge=-1e18, le=1e18)]
"""A number that is neither infinite nor NaN."""
Positive = Annotated[float, Meta(gt=0, le=1e18)]
Amount = Annotated[float, Meta(ge=0, le=1e18)]
Instant = Annotated[int, Meta(ge=0, le=10**14)]
"""Epoch ms."""
Name = Annotated[str, Meta(min_length=1, max_length=64)]

UNDECODABLE = (MsgspecError, ValueError, RecursionError)
"""What decoding a stranger's bytes raises: ValueError for broken UTF-8, RecursionError for endless nesting."""


class Malformed(ValueError):  # noqa: N818 - says it all
    """A frame or an answer that is no JSON of Binance's; the message quotes its beginning."""

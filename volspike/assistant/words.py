"""Instants, ages and symbols as an assistant is told them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches

from volspike.model.market import market_symbol

LIKENESS = 0.6
MOST_TEXT = 500
"""Characters of a text that comes from elsewhere."""


class UnknownSymbolError(Exception):
    """A symbol of which nothing is known; the message names those that may be meant."""


def instant(at: float) -> str:
    """Return an instant (epoch seconds) as ISO 8601 in UTC, to the second."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def age(at: float, now: float) -> float:
    """Return how old something is, in seconds to a tenth; what comes from the future is new."""
    return round(max(0.0, now - at), 1)


def plain(text: str) -> str:
    """Return a text without control characters, cut where it is longer than anything of the suite's own."""
    return "".join(character if character.isprintable() else " " for character in text)[:MOST_TEXT]


def known_symbol(asked: str, known: Iterable[str]) -> str:
    """Return the symbol that is meant by `BTCUSDT`, `btc` or `BTC/USDT`. Raises UnknownSymbolError."""
    names = set(known)
    for name in (asked.strip().upper(), market_symbol(asked.strip())):
        if name in names:
            return name
    if not names:
        raise UnknownSymbolError("no data yet: the daemon that gathers them has not run; ask for suite_health")
    near = get_close_matches(market_symbol(asked.strip()), sorted(names), 3, LIKENESS)
    meant = f"; near it are {', '.join(near)}" if near else ""
    raise UnknownSymbolError(f"symbol {plain(asked)[:40]!r} is not among the {len(names)} that are known{meant}")

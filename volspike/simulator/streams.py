"""Names of streams and the routes on which they deliver.

Since April 2026 a connection carries one category. A stream asked for on another route, or on the old unrouted path,
is acknowledged and stays silent for ever; so is a name that no stream has. Upper case in a symbol is such a name.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

MARKET_ROUTE = "market"
MARK_PRICES = "!markPrice@arr"
TICKERS = "!ticker@arr"
MINI_TICKERS = "!miniTicker@arr"
ALL_MARKET = {MARK_PRICES: 3, f"{MARK_PRICES}@1s": 1, TICKERS: 1, MINI_TICKERS: 1}
PER_SYMBOL = {"markPrice": 3, "markPrice@1s": 1, "ticker": 1, "kline_1h": 1}
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that delivers: of one symbol, or of all when `symbol` is empty; `every` is in seconds."""

    name: str
    kind: str
    every: int
    symbol: str = ""


def lower(symbol: str) -> str:
    """Return `symbol` as stream names spell it: only ASCII letters have a lower case here."""
    return symbol.translate(_LOWER)


class Directory:
    """Knows which names are streams."""

    def __init__(self, symbols: list[str]) -> None:
        """Offer streams of `symbols` beside those of the whole market."""
        self._symbols = {lower(symbol): symbol for symbol in symbols}

    def find(self, route: str, name: str) -> Stream | None:
        """Return the stream that `name` delivers on `route`, None when it stays silent."""
        if route != MARKET_ROUTE:
            return None
        if name in ALL_MARKET:
            return Stream(name, name.partition("@arr")[0] + "@arr", ALL_MARKET[name])
        symbol, _, kind = name.partition("@")
        if symbol in self._symbols and kind in PER_SYMBOL:
            return Stream(name, kind.partition("@")[0], PER_SYMBOL[kind], self._symbols[symbol])
        return None

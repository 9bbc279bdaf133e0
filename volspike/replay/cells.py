"""One cell of a recorded file to a value, or to the words for what is wrong with it."""

from datetime import UTC, datetime
from math import isfinite, nan

YEAR_2000 = 946_684_800
YEAR_2100 = 4_102_444_800
LONGEST_SYMBOL = 64
_SECONDS_MOST = 1e11
_MILLISECONDS_MOST = 1e14


class BadCellError(ValueError):
    """A cell that cannot be used; the message names the column, the value and what is allowed."""

    def __init__(self, column: str, text: str, allowed: str) -> None:
        super().__init__(f"{column} {text!r}: must be {allowed}")


def positive(column: str, text: str) -> float:
    """Return a finite number above 0. Raises BadCellError."""
    value = _finite(text)
    if not value > 0:
        raise BadCellError(column, text, "a number above 0")
    return value


def from_zero(column: str, text: str) -> float:
    """Return a finite number from 0 up: an hour without a trade has no volume. Raises BadCellError."""
    value = _finite(text)
    if not value >= 0:
        raise BadCellError(column, text, "a number from 0 up")
    return value


def instant(column: str, text: str) -> float:
    """Return the epoch seconds of a time given in epoch s, ms or µs, or as ISO (UTC unless it says otherwise).

    Binance's own dumps have them all: ms in candles (µs in those of the spot market), text in the metrics. Raises
    BadCellError.
    """
    seconds = _finite(text)
    if seconds >= _SECONDS_MOST:
        seconds /= 1e3 if seconds < _MILLISECONDS_MOST else 1e6
    elif not seconds > 0:
        seconds = _iso(text)
    if not YEAR_2000 <= seconds < YEAR_2100:
        raise BadCellError(column, text, "epoch s, ms or µs, or like 2026-01-31 14:00:00, between 2000 and 2100")
    return seconds


def symbol(text: str) -> str:
    """Return a symbol. Raises BadCellError."""
    name = text.strip()
    if not 0 < len(name) <= LONGEST_SYMBOL:
        raise BadCellError("symbol", text, f"a name of 1 to {LONGEST_SYMBOL} characters")
    return name


def _finite(text: str) -> float:
    """Return a number; NaN, which no comparison holds for, when it is none or not finite."""
    try:
        value = float(text)
    except ValueError:
        return nan
    return value if isfinite(value) and "_" not in text else nan  # Python would read 1_000


def _iso(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return nan

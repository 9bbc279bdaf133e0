"""The pace of polling open interest: how often, whom not to ask, and when slow is too slow.

No call and no stream gives the open interest of all symbols at once, so a sweep asks for each of them.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from msgspec import Struct

SECONDS_PER_MINUTE = 60
PARK_SECONDS = 3600.0
RHYTHM_SECONDS = 600.0
SLOW_FACTOR = 2.0
MISSING_SHARE = 0.1


class Pace(Struct, frozen=True):
    """How many requests a minute the interval is worked out for, and between which bounds it lies."""

    max_requests_per_minute: int = 2000
    min_interval_seconds: int = 5
    max_interval_seconds: int = 20


def interval_seconds(pace: Pace, symbols: int) -> int:
    """Return the seconds from one sweep over so many symbols to the next; halves go to the even second."""
    interval = round(SECONDS_PER_MINUTE * symbols / pace.max_requests_per_minute)
    return min(max(interval, pace.min_interval_seconds), pace.max_interval_seconds)


def park(parked: Mapping[str, float], settling: Iterable[str], now: float) -> dict[str, float]:
    """Return until when each symbol is left alone: those that settle for an hour from now, the others as before."""
    still = {symbol: until for symbol, until in parked.items() if until > now}
    return still | dict.fromkeys(settling, now + PARK_SECONDS)


def to_ask(symbols: Iterable[str], parked: Mapping[str, float], now: float) -> list[str]:
    """Return the symbols that are not parked, in their order."""
    return [symbol for symbol in symbols if parked.get(symbol, now) <= now]


def is_incomplete(symbols: int, failures: int) -> bool:
    """Tell whether so much of a sweep is missing that it is a failure and not bad luck: more than a tenth."""
    return failures > MISSING_SHARE * symbols


class Rhythm(Struct, frozen=True):
    """When the latest sweeps began: those of the last ten minutes and the one before them."""

    starts: tuple[float, ...] = ()


def keep(rhythm: Rhythm, at: float) -> Rhythm:
    """Return the rhythm with a sweep that begins now."""
    starts = (*rhythm.starts, at)
    since = at - RHYTHM_SECONDS
    return Rhythm((*(start for start, following in pairwise(starts) if following > since), at))


def mean_interval(rhythm: Rhythm) -> float | None:
    """Return the mean seconds between the sweeps of the last ten minutes; None until so much time is known."""
    starts = rhythm.starts
    if not starts or starts[-1] - starts[0] < RHYTHM_SECONDS:
        return None
    return (starts[-1] - starts[0]) / (len(starts) - 1)


def is_slow(rhythm: Rhythm, interval: float) -> bool:
    """Tell whether sweeps have come less than half as often as the formula says, over ten minutes."""
    mean = mean_interval(rhythm)
    return mean is not None and mean > SLOW_FACTOR * interval

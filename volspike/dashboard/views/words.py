"""Numbers and times as people read them."""

import math
from collections.abc import Collection
from datetime import UTC, datetime

from volspike.rules.alert_text import compact

THOUSAND = 1000
MINUTE = 60
HOUR = 3600
DAY = 86_400
LEAST_DIGITS = 2
MOST_DIGITS = 12
EXCHANGE_DIGITS = 8
"""The decimals of a price at the exchange."""
AXIS_STEPS = 5
"""Into how many steps, about, ECharts divides an axis; a step is a round number."""
TRILLIONS = 4
"""The largest unit of an amount, as a power of a thousand."""

UNKNOWN = "–"


def amount(value: float | None) -> str:
    """Return an amount in the unit that leaves one to three digits before the point: `5.71B`."""
    if value is None:
        return UNKNOWN
    return f"-{compact(-value)}" if value < 0 else compact(value)


def axis_digits(values: Collection[float]) -> int:
    """Return the decimals of the amounts on an axis over these values, so that no two of its labels are the same."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    if high <= max(low, 0.0):
        return LEAST_DIGITS
    unit = 3 * max(0, min(TRILLIONS, math.floor(math.log10(high) / 3)))
    step = math.floor(math.log10((high - low) / AXIS_STEPS))
    return max(LEAST_DIGITS, min(MOST_DIGITS, unit - step))


def price(value: float | None) -> str:
    """Return a price with five digits or so that count: `61,956.45`, `0.0056414`; of a tiny one fewer: `0.00000179`."""
    if value is None:
        return UNKNOWN
    digits = LEAST_DIGITS
    if 0 < value < THOUSAND:
        power = math.floor(math.log10(value))
        digits = max(LEAST_DIGITS, min(4 - power, max(EXCHANGE_DIGITS, 2 - power)))
    return f"{value:,.{digits}f}"


def percent(value: float | None, digits: int, *, signed: bool = False) -> str:
    """Return a fraction in percent; what is told as nothing has no sign."""
    if value is None:
        return UNKNOWN
    text = f"{value:z.{digits}%}"
    return f"+{text}" if signed and value > 0 and text != f"{0:.{digits}%}" else text


def times(value: float | None) -> str:
    """Return a multiple: `3.08×`."""
    return UNKNOWN if value is None else f"{value:.2f}×"


def instant(at: float) -> str:
    """Return an instant in UTC: `2026-10-01 12:02:03`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def age(seconds: float) -> str:
    """Return how long ago something was, coarse enough to read: `40 s`, `3 min`, `2 h 5 min`, `3 d`."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        minutes = whole % HOUR // MINUTE
        return f"{whole // HOUR} h {minutes} min" if minutes else f"{whole // HOUR} h"
    return f"{whole // DAY} d"

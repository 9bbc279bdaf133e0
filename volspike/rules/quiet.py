"""Quiet hours: when people are left alone, and what that means for the age of what waits for them.

They are hours of a wall clock, so a night is as long as the change to or from summer time makes it. Each night lasts
from one instant to another: where the wall shows its end twice, the first time ends it; where it leaves it out, what
the wall shows instead does.
"""

from datetime import date, datetime, time, timedelta, tzinfo

from msgspec import Struct

_DAY = timedelta(days=1)


class QuietHours(Struct, frozen=True):
    """From when to when each day, by the clocks of a time zone; over midnight where the end is the earlier one."""

    start: time
    end: time
    zone: tzinfo


def until(hours: QuietHours, now: float) -> float | None:
    """Return when the quiet hours end that hold at `now` (epoch seconds); None when none do."""
    today = _day(hours, now)
    nights = (_night(hours, day) for day in (today - _DAY, today))
    return next((end for start, end in nights if start <= now < end), None)


def respite(hours: QuietHours, now: float, seconds: float) -> float:
    """Return how many quiet seconds lie among the latest ones up to `now` of which so many were not quiet.

    What may wait for `seconds` and was not told because of the quiet hours may be older by so much.
    """
    found, left, at, day = 0.0, seconds, now, _day(hours, now)
    while True:
        start, end = _night(hours, day)
        if start < at:
            left -= max(at - end, 0.0)
            if left <= 0:
                return found
            found += min(at, end) - start
            at = start
        day -= _DAY


def lasted(hours: QuietHours, since: float, now: float) -> float:
    """Return how many of the seconds from `since` up to `now` were quiet."""
    found, day = 0.0, _day(hours, now)
    while True:
        start, end = _night(hours, day)
        if end <= since:
            return found
        found += max(0.0, min(end, now) - max(start, since))
        day -= _DAY


def _day(hours: QuietHours, now: float) -> date:
    return datetime.fromtimestamp(now, hours.zone).date()


def _night(hours: QuietHours, day: date) -> tuple[float, float]:
    """Return from when to when (epoch seconds) the night lasts that begins on a day."""
    start = datetime.combine(day, hours.start, hours.zone).timestamp()
    last_day = day if hours.start < hours.end else day + _DAY
    return start, max(start, datetime.combine(last_day, hours.end, hours.zone).timestamp())

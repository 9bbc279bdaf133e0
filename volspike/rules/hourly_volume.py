"""Two days of one symbol's hourly volume, from candles that overlap what is known."""

from collections.abc import Iterable

from volspike.model.market import Candle, HourVolume

KEEP_HOURS = 48
HOUR_SECONDS = 3600
TELLING_SECONDS = 300
"""From when on an hour tells something of itself: the scan of :00 sees the new one a second after it has begun."""


def step(known: Iterable[HourVolume], candles: Iterable[Candle]) -> tuple[HourVolume, ...]:
    """Return the hours with these candles in them, oldest first; a candle replaces what was known of its hour."""
    volumes = {hour.start: hour.quote_volume for hour in known}
    volumes |= {candle.open_time_ms // 1000: candle.quote_volume for candle in candles}
    return tuple(HourVolume(start, volumes[start]) for start in sorted(volumes)[-KEEP_HOURS:])


def telling(hours: tuple[HourVolume, ...], seen_at: float) -> tuple[HourVolume, ...]:
    """Return the hours up to the newest that told something when they were seen, at that epoch second."""
    is_too_young = bool(hours) and seen_at - hours[-1].start < TELLING_SECONDS
    return hours[:-1] if is_too_young else hours


def ratio(hours: tuple[HourVolume, ...]) -> float | None:
    """Return how many times the hour before the newest one has; None unless both are there, one after the other."""
    before = [hour for hour in hours[-2:-1] if hour.start == hours[-1].start - HOUR_SECONDS and hour.quote_volume > 0]
    return hours[-1].quote_volume / before[0].quote_volume if before else None

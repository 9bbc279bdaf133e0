"""Two days of one symbol's hourly volume, from candles that overlap what is known."""

from collections.abc import Iterable

from volspike.model.market import Candle, HourVolume

KEEP_HOURS = 48


def step(known: Iterable[HourVolume], candles: Iterable[Candle]) -> tuple[HourVolume, ...]:
    """Return the hours with these candles in them, oldest first; a candle replaces what was known of its hour."""
    volumes = {hour.start: hour.quote_volume for hour in known}
    volumes |= {candle.open_time_ms // 1000: candle.quote_volume for candle in candles}
    return tuple(HourVolume(start, volumes[start]) for start in sorted(volumes)[-KEEP_HOURS:])


def ratio(hours: tuple[HourVolume, ...]) -> float | None:
    """Return how many times the hour before the newest one has; None unless both are there, one after the other."""
    before = [hour for hour in hours[-2:-1] if hour.start == hours[-1].start - 3600 and hour.quote_volume > 0]
    return hours[-1].quote_volume / before[0].quote_volume if before else None

"""How numbers and times are shown to people."""

from math import ceil

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
MINUTES_PER_HOUR = 60
HOURS_PER_DAY = 24
SECONDS_PER_DAY = 86_400
BYTES_PER_MEGABYTE = 1_000_000


def duration(seconds: float | None) -> str:
    """Return a duration in its largest fitting unit: `4s`, `12m`, `3h`, `2d`."""
    if seconds is None:
        return "–"
    for unit, length in (("d", SECONDS_PER_DAY), ("h", SECONDS_PER_HOUR), ("m", SECONDS_PER_MINUTE)):
        if seconds >= length:
            return f"{seconds // length:.0f}{unit}"
    return f"{max(seconds, 0) // 1:.0f}s"


def left(seconds: float) -> str:
    """Return how long something still lasts, a minute that has begun as a whole one: `30m`, `3h 59m`, `6d 23h`."""
    hours, minutes = divmod(ceil(max(seconds, 0) / SECONDS_PER_MINUTE), MINUTES_PER_HOUR)
    days, hours = divmod(hours, HOURS_PER_DAY)
    units = (f"{days}d", f"{hours}h") if days else (f"{hours}h", f"{minutes}m")
    return " ".join(unit for unit in units if not unit.startswith("0")) or "0m"


def megabytes(size: int | None) -> str:
    """Return a size in MB."""
    return "–" if size is None else f"{size / BYTES_PER_MEGABYTE:.0f} MB"

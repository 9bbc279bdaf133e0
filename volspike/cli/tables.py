"""How numbers and times are shown to people."""

SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
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


def megabytes(size: int | None) -> str:
    """Return a size in MB."""
    return "–" if size is None else f"{size / BYTES_PER_MEGABYTE:.0f} MB"

"""Numbers and times as people read them."""

MINUTE = 60
HOUR = 3600
DAY = 86_400


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

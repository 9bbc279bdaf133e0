"""How fresh the market is, in a few words."""

from typing import NamedTuple

from volspike.dashboard.views.words import age

LATE_SECONDS = 15.0
"""The feed speaks every second; this late, it is silent."""


class Light(NamedTuple):
    """What the head of each page says of the feed."""

    text: str
    is_good: bool


def light(connected: bool | None, newest_at: float | None, now: float) -> Light:
    """Judge the feed: its connection, and the receipt of its newest row; times are epoch seconds."""
    if connected is None or newest_at is None:
        return Light("no data yet", is_good=False)
    seconds = now - newest_at
    if seconds >= LATE_SECONDS:
        return Light(f"silent for {age(seconds)}", is_good=False)
    return Light("live", is_good=True) if connected else Light("reconnecting", is_good=False)

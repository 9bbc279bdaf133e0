"""How fresh the market is, or that an emergency stop holds, in a few words."""

from datetime import UTC, datetime
from typing import NamedTuple

from volspike.dashboard.views.words import DAY, age
from volspike.model.documents import EmergencyStop
from volspike.rules import emergency

LATE_SECONDS = 15.0
"""The feed speaks every second; this late, it is silent."""


class Light(NamedTuple):
    """What the head of each page says of the feed."""

    text: str
    is_good: bool
    is_stopped: bool = False


def light(connected: bool | None, newest_at: float | None, now: float, stop: EmergencyStop | None = None) -> Light:
    """Judge the feed: its connection, and the receipt of its newest row; times are epoch seconds.

    During an emergency stop there is nothing to judge, but to say that it holds.
    """
    if stop is not None:
        began = datetime.fromtimestamp(stop.since, UTC)
        since = f"{began:%H:%M}" if now - stop.since < DAY else f"{began:%Y-%m-%d %H:%M}"
        said = f"{emergency.BEGINS} {since} UTC: nothing is asked, nothing is sent"
        return Light(said, is_good=False, is_stopped=True)
    if connected is None or newest_at is None:
        return Light("no data yet", is_good=False)
    seconds = now - newest_at
    if seconds >= LATE_SECONDS:
        return Light(f"silent for {age(seconds)}", is_good=False)
    return Light("live", is_good=True) if connected else Light("reconnecting", is_good=False)

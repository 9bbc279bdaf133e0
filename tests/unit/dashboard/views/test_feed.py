"""The light of the feed."""

import pytest

from volspike.dashboard.views.feed import Light, light
from volspike.model.documents import VERSION, EmergencyStop

BEGAN = 1_790_856_123.0
"""2026-10-01 12:02:03 UTC."""


@pytest.mark.parametrize(
    ("connected", "newest_at", "told"),
    [
        (None, None, Light("no data yet", is_good=False)),
        (True, None, Light("no data yet", is_good=False)),
        (True, 1000.0, Light("live", is_good=True)),
        (True, 986.0, Light("live", is_good=True)),
        (True, 985.0, Light("silent for 15 s", is_good=False)),
        (False, 999.0, Light("reconnecting", is_good=False)),
        (False, 700.0, Light("silent for 5 min", is_good=False)),
    ],
)
def test_it_judges_connection_and_age(connected: bool | None, newest_at: float | None, told: Light) -> None:
    assert light(connected, newest_at, 1000.0) == told


@pytest.mark.parametrize(
    ("now", "since"), [(BEGAN + 1, "12:02"), (BEGAN + 86_399, "12:02"), (BEGAN + 86_400, "2026-10-01 12:02")]
)
def test_an_emergency_stop_is_told_instead_of_a_feed_that_nobody_asks(now: float, since: str) -> None:
    said = f"emergency stop since {since} UTC: nothing is asked, nothing is sent"

    assert light(False, now, now, EmergencyStop(VERSION, BEGAN)) == Light(said, is_good=False, is_stopped=True)

"""The light of the feed."""

import pytest

from volspike.dashboard.views.feed import Light, light


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

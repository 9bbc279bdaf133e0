"""The frame around every page."""

import re

import pytest

from tests.unit.dashboard.conftest import Served
from volspike.dashboard.frame import route
from volspike.dashboard.navigation import MARKET
from volspike.model.documents import VERSION, EmergencyStop
from volspike.state import emergency


def test_a_page_says_where_one_is(served: Served) -> None:
    page = served.client.get("/").text

    assert page.count("vs-here") == page.count("aria-current") == 1
    assert "vs-tab" in page


@pytest.mark.parametrize("path", ["/", "/symbol/BTCUSDT", "/alerts", "/my-alerts", "/health", "/news"])
def test_every_page_says_that_an_emergency_stop_holds_and_no_longer(served: Served, path: str) -> None:
    emergency.begin(served.settings.state_dir, EmergencyStop(VERSION, served.clock.now() - 60))
    during = served.get(path)
    emergency.end(served.settings.state_dir)

    assert re.search(r"emergency stop since \d\d:\d\d UTC: nothing is asked, nothing is sent", during)
    assert "vs-stopped" in during
    assert "vs-stopped" not in served.get(path)


def test_the_window_of_a_symbol_has_its_name(served: Served) -> None:
    assert "<title>币安人生USDT · VolSpike</title>" in served.client.get("/symbol/币安人生USDT").text


def test_a_name_from_outside_is_text_in_the_title_too(served: Served) -> None:
    page = served.client.get("/symbol/%3C%2Ftitle%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").text

    assert "<script>alert(1)</script>" not in page


def test_a_page_has_time_to_be_drawn_on_a_busy_machine() -> None:
    assert route(MARKET).response_timeout >= 20

"""The Symbol page without a browser."""

import pytest

from tests.unit.dashboard.conftest import Served
from tests.unit.delivery.conftest import ROUTES
from tests.unit.examples import NOW
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind, Message
from volspike.state import documents


def test_the_numbers_come_with_the_page(served: Served) -> None:
    page = served.client.get("/symbol/BTCUSDT").text

    assert "91,725.88" in page
    assert "0.0100%" in page


def test_a_symbol_has_ways_to_its_alerts_and_to_one_of_ones_own(served: Served) -> None:
    page = served.client.get("/symbol/币安人生USDT").text

    asked = "?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT"
    assert f"/alerts{asked}" in page
    assert f"/my-alerts{asked}" in page


def test_the_volume_chart_promises_no_more_hours_than_there_may_be(served: Served) -> None:
    assert "USDT an hour, up to two days" in served.client.get("/symbol/BTCUSDT").text


def test_a_symbol_that_the_feed_does_not_know_is_told_so(served: Served) -> None:
    assert "not among the 2 symbols of the feed" in served.client.get("/symbol/NOPEUSDT").text


def test_a_symbol_of_which_nothing_is_known_has_a_way_to_the_market_and_no_empty_frames(served: Served) -> None:
    page = served.client.get("/symbol/NOPEUSDT").text

    assert "To the market" in page
    assert [name for name in ("Open interest", "Funding rate", "Per year") if name in page] == []


def test_a_symbol_that_has_left_the_feed_keeps_its_charts_and_alerts(served: Served) -> None:
    with Outbox(served.settings.state_dir / documents.OUTBOX, served.clock, ROUTES) as outbox:
        outbox.put([Message("gone", Kind.VOLUME, "GONEUSDT", NOW, b"{}", "GONE hourly volume")])

    page = served.client.get("/symbol/GONEUSDT").text

    assert "not among the 2 symbols of the feed" in page
    assert "GONE hourly volume" in page
    assert "Funding rate" in page


@pytest.mark.parametrize("asked", ["btcusdt", "BtcUsdt"])
def test_a_symbol_in_lower_case_leads_to_the_one_that_there_is(served: Served, asked: str) -> None:
    answer = served.client.get(f"/symbol/{asked}")

    assert answer.url.path == "/symbol/BTCUSDT"
    assert "91,725.88" in answer.text


def test_the_reading_of_a_page_ends_with_it(served: Served) -> None:
    before = len(served.place._topics)

    served.client.get("/symbol/BTCUSDT")

    assert len(served.place._topics) == before + 1

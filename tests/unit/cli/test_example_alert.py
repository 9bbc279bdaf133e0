"""The alert that is proposed to a newcomer."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.examples import NOW, funding_document, funding_row, unit_state
from volspike import settings as settings_module
from volspike.cli import example_alert
from volspike.cli.terminal import Terminal
from volspike.model.market import Candle
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, file

KLINES = "/fapi/v1/klines"
STREAMING = replace(unit_state(), status_text="streaming 648 symbols since …")


def minutes(opened: float, present: float) -> list[Candle]:
    """Return the minute before this one and this one, of which half a minute is over."""
    begun = int(NOW - 90) * 1000
    return [Candle(begun, opened, present, 1e6), Candle(begun + 60_000, present, present, 1e6)]


@pytest.mark.parametrize(
    ("opened", "present", "proposed"),
    [
        (60_000.0, 60_090.0, 60_210.0),  # a dollar a second
        (60_090.0, 60_000.0, 59_880.0),
        (60_000.0, 60_000.0, 60_006.0),
        (60_001.5, 60_000.0, 59_994.0),  # would be there at once, or never
    ],
)
def test_a_price_is_proposed_that_is_reached_in_two_minutes(opened: float, present: float, proposed: float) -> None:
    assert example_alert.ahead(minutes(opened, present), NOW) == pytest.approx(proposed)


def test_a_demo_proposes_a_price_beside_the_present_one(capsys: pytest.CaptureFixture[str]) -> None:
    opened = int(Clock().now()) * 1000
    row = [opened, *["62868.1"] * 4, "9", opened + 59_999, "9e6", 5, "4", "4e6", "0"]
    with AnsweringServer() as exchange:
        exchange.answers[KLINES] = Answer(body=json.dumps([row]).encode())
        settings = settings_module.load({"BINANCE_REST_URL": exchange.url})
        Terminal(settings, simulated=True).introduce_once([STREAMING])

        assert exchange.asked == [f"{KLINES}?symbol=BTCUSDT&interval=1m&limit=2"]
    assert "volspike alerts add BTCUSDT price 62874 " in capsys.readouterr().out


@pytest.mark.parametrize("answer", [Answer(503), Answer(body=b"[]"), Answer(418)])
def test_where_a_demo_does_not_tell_the_price_something_stands_for_it(answer: Answer) -> None:
    with AnsweringServer() as exchange:
        exchange.answers[KLINES] = answer
        settings = settings_module.load({"BINANCE_REST_URL": exchange.url})

        assert example_alert.price(settings, simulated=True) == "PRICE"


def told_by_the_feed(place: Path, *, symbol: str = "BTCUSDT", age_seconds: float = 1.0) -> Settings:
    """Write a feed that has told of a symbol, and return the settings of its suite, which has no exchange to ask."""
    at = Clock().now() - age_seconds
    document = funding_document({symbol: replace(funding_row(), mark_price=62_868.1, updated_at=at)})
    file.write(place / documents.FUNDING, documents.encode(document))
    return settings_module.load({"VOLSPIKE_RUNTIME_DIR": str(place), "BINANCE_REST_URL": "http://127.0.0.1:9"})


def test_against_binance_a_price_beside_the_mark_price_is_proposed_and_binance_is_not_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Terminal(told_by_the_feed(tmp_path), simulated=False).introduce_once([STREAMING])

    assert "volspike alerts add BTCUSDT price 62931 " in capsys.readouterr().out


@pytest.mark.parametrize(("symbol", "age_seconds"), [("ETHUSDT", 1.0), ("BTCUSDT", 200.0)])
def test_where_the_feed_does_not_know_the_price_of_now_something_stands_for_it(
    tmp_path: Path, symbol: str, age_seconds: float
) -> None:
    settings = told_by_the_feed(tmp_path, symbol=symbol, age_seconds=age_seconds)

    assert example_alert.price(settings, simulated=False) == "PRICE"


def test_where_there_is_no_feed_yet_something_stands_for_the_price(tmp_path: Path) -> None:
    settings = settings_module.load({"VOLSPIKE_RUNTIME_DIR": str(tmp_path)})

    assert example_alert.price(settings, simulated=False) == "PRICE"

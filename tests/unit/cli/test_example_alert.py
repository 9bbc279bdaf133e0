"""The alert that a demo proposes."""

import json

import pytest
from msgspec.structs import replace

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.examples import NOW, unit_state
from volspike import settings as settings_module
from volspike.cli import example_alert
from volspike.cli.terminal import Terminal
from volspike.model.market import Candle
from volspike.runtime.clock import Clock

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
def test_where_the_price_is_not_known_any_is_proposed(answer: Answer) -> None:
    with AnsweringServer() as exchange:
        exchange.answers[KLINES] = answer

        assert example_alert.price(settings_module.load({"BINANCE_REST_URL": exchange.url})) == "65000"

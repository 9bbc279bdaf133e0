"""Which names deliver where."""

import pytest

from volspike.simulator import streams
from volspike.simulator.streams import Directory


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory(["BTCUSDT", "币安人生USDT", "BTCUSDT_260925"])


@pytest.mark.parametrize(
    ("name", "kind", "every", "symbol"),
    [
        ("!markPrice@arr@1s", "!markPrice@arr", 1, ""),
        ("!markPrice@arr", "!markPrice@arr", 3, ""),
        ("!ticker@arr", "!ticker@arr", 1, ""),
        ("!miniTicker@arr", "!miniTicker@arr", 1, ""),
        ("btcusdt@markPrice", "markPrice", 3, "BTCUSDT"),
        ("btcusdt@markPrice@1s", "markPrice", 1, "BTCUSDT"),
        ("币安人生usdt@ticker", "ticker", 1, "币安人生USDT"),
        ("btcusdt_260925@kline_1h", "kline_1h", 1, "BTCUSDT_260925"),
    ],
)
def test_streams_of_the_market_route(directory: Directory, name: str, kind: str, every: int, symbol: str) -> None:
    found = directory.find("market", name)

    assert found is not None
    assert (found.name, found.kind, found.every, found.symbol) == (name, kind, every, symbol)


@pytest.mark.parametrize("route", ["", "public", "private"])
@pytest.mark.parametrize("name", ["!markPrice@arr@1s", "!ticker@arr", "btcusdt@kline_1h"])
def test_on_any_other_route_they_stay_silent(directory: Directory, route: str, name: str) -> None:
    assert directory.find(route, name) is None


@pytest.mark.parametrize("name", ["BTCUSDT@markPrice", "no@ticker", "btcusdt@depth", "!markPrice", "", "@"])
def test_names_that_no_stream_has_stay_silent(directory: Directory, name: str) -> None:
    assert directory.find("market", name) is None


def test_only_ascii_letters_have_a_lower_case() -> None:
    assert streams.lower("İBTC币USDT") == "İbtc币usdt"

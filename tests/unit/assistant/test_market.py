"""Funding and open interest as answers: with their units, their age, and what is unknown left unknown."""

import pytest
from msgspec.structs import replace

from tests.unit.assistant.conftest import NOW
from volspike.assistant import market as answering
from volspike.assistant.market import FundingOrder, Timeframe
from volspike.assistant.words import UnknownSymbolError
from volspike.readers.market import Market


def test_funding_of_a_symbol_is_annualised_by_its_own_interval(market: Market) -> None:
    answer = answering.funding(market, "eth")

    assert answer.model_dump() == {
        "symbol": "ETHUSDT",
        "mark_price_in_quote_asset": 100.0,
        "funding_rate_fraction": -0.0005,
        "funding_interval_hours": 4,
        "annualised_funding_fraction": pytest.approx(-1.095),
        "next_funding_at": "2025-12-03T08:00:00Z",
        "age_seconds": 1.0,
        "is_stale": False,
    }


def test_what_is_unknown_of_a_symbol_is_null(market: Market) -> None:
    answer = answering.funding(market, "QUARTERUSDT_261225")

    assert (answer.funding_rate_fraction, answer.next_funding_at, answer.annualised_funding_fraction) == (None,) * 3


def test_an_old_rate_is_told_as_old_and_is_in_no_list(market: Market) -> None:
    assert answering.funding(market, "OLD").is_stale
    assert "OLDUSDT" not in [row.symbol for row in answering.top_funding(market, FundingOrder.HIGHEST, 50).fundings]


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        (FundingOrder.HIGHEST, "币安人生USDT", "ETHUSDT"),
        (FundingOrder.LOWEST, "ETHUSDT", "币安人生USDT"),
        (FundingOrder.LARGEST, "ETHUSDT", "BTCUSDT"),
    ],
)
def test_fundings_come_in_their_order(market: Market, order: FundingOrder, first: str, last: str) -> None:
    answer = answering.top_funding(market, order, 50)

    assert (answer.fundings[0].symbol, answer.fundings[-1].symbol) == (first, last)
    assert (answer.symbols_with_fresh_funding, answer.note, answer.as_of) == (3, "", "2025-12-03T01:12:24Z")
    assert len(answering.top_funding(market, order, 2).fundings) == 2


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"newest_at": None}, "no funding data yet: the funding feed has not run"),
        ({"newest_at": NOW - 400.0}, "the funding feed is silent: its newest row is 400 s old, so no rate counts as"),
        ({"connected": False}, "the funding feed is not connected to Binance just now"),
    ],
)
def test_what_is_wrong_with_the_feed_is_told(market: Market, changes: dict[str, object], note: str) -> None:
    assert answering.top_funding(replace(market, **changes), FundingOrder.HIGHEST, 5).note.startswith(note)


def test_open_interest_is_told_in_contracts_and_usdt(market: Market) -> None:
    answer = answering.open_interest(market, "BTC")

    assert (answer.open_interest_contracts, answer.open_interest_usdt) == (1000.0, 90_000_000.0)
    assert (answer.change_1h_fraction, answer.change_5min_fraction) == (0.02, None)
    assert (answer.age_seconds, answer.is_stale) == (5.0, False)


def test_without_a_fresh_price_its_value_is_unknown(market: Market) -> None:
    old, unpriced = answering.open_interest(market, "OLD"), answering.open_interest(market, "NEW")

    assert (old.open_interest_usdt, old.is_stale) == (None, True)
    assert unpriced.open_interest_usdt is None


def test_the_largest_moves_come_first_and_only_fresh_ones(market: Market) -> None:
    answer = answering.top_open_interest_changes(market, Timeframe.HOUR, 50)

    assert [row.symbol for row in answer.open_interests] == ["ETHUSDT", "BTCUSDT"]
    assert (answer.symbols_with_fresh_open_interest, answer.note) == (3, "")


@pytest.mark.parametrize(
    ("at", "timeframe", "note"),
    [
        (NOW, Timeframe.MINUTES_5, "no change is known yet: the OI poller has not run for 5min"),
        (NOW + 600, Timeframe.HOUR, "open interest is stale: no symbol was asked for within the last 60 s"),
    ],
)
def test_a_list_that_is_empty_says_why(market: Market, at: int, timeframe: Timeframe, note: str) -> None:
    answer = answering.top_open_interest_changes(replace(market, at=at), timeframe, 5)

    assert (answer.open_interests, answer.note) == ([], note)


def test_before_the_first_sweep_that_is_told(market: Market) -> None:
    answer = answering.top_open_interest_changes(replace(market, open_interest={}), Timeframe.HOUR, 5)

    assert answer.note == "no open interest yet: the OI poller has not run"


def test_a_symbol_that_is_not_polled_is_unknown(market: Market) -> None:
    with pytest.raises(UnknownSymbolError):
        answering.open_interest(market, "币安人生")

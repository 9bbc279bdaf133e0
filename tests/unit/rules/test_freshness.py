"""What of the other daemons' files still counts."""

import pytest

from volspike.model.market import FundingRow, OpenInterestRow, TickerRow
from volspike.rules import freshness

NOW = 1_790_856_000.0


def funding_row(age: float) -> FundingRow:
    return FundingRow(0.0001, 1.5, 1.5, 1_790_870_400_000, NOW - age)


def ticker(age: float, price: float = 1.5) -> TickerRow:
    return TickerRow(price, 0.0, 1e6, NOW - age)


@pytest.mark.parametrize(("age", "known"), [(0, True), (180, True), (180.1, False), (-1, True), (-3600, False)])
def test_funding_is_known_for_three_minutes(age: float, known: bool) -> None:
    assert ("BTCUSDT" in freshness.funding({"BTCUSDT": funding_row(age)}, NOW)) is known


def test_each_symbol_s_funding_is_judged_by_its_own_row() -> None:
    rows = {"OLDUSDT": funding_row(500), "BTCUSDT": funding_row(1)}

    assert freshness.funding(rows, NOW) == {"BTCUSDT": rows["BTCUSDT"]}


@pytest.mark.parametrize(("age", "known"), [(0, True), (60, True), (60.1, False), (-1, True), (-3600, False)])
def test_open_interest_is_known_for_a_minute(age: float, known: bool) -> None:
    rows = {"BTCUSDT": OpenInterestRow(91.5, NOW - age)}

    assert freshness.open_interest(rows, NOW) == ({"BTCUSDT": 91.5} if known else {})


def test_prices_hold_while_the_feed_lives_even_those_of_symbols_that_rarely_trade() -> None:
    rows = {"RAREUSDT": ticker(900, 2.0), "BTCUSDT": ticker(9)}

    assert freshness.last_prices(rows, NOW) == {"RAREUSDT": 2.0, "BTCUSDT": 1.5}


@pytest.mark.parametrize("age", [10.1, 900, -3600])
def test_the_prices_of_a_feed_that_is_silent_are_unknown(age: float) -> None:
    assert freshness.last_prices({"BTCUSDT": ticker(age)}, NOW) is None


def test_a_feed_without_a_row_knows_no_prices() -> None:
    assert freshness.last_prices({}, NOW) is None

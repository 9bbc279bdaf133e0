"""Everything that has a price."""

import pytest

from volspike.simulator import instruments
from volspike.simulator.market import Market
from volspike.simulator.recording import Recording


def test_the_universe_of_the_suite_is_as_recorded(bundled: Recording) -> None:
    universe = [
        contract
        for contract in instruments.listed(bundled)
        if (contract.contract_type, contract.quote, contract.status) == ("PERPETUAL", "USDT", "TRADING")
    ]

    assert len(universe) == 530


def test_one_symbol_has_an_unknown_status_and_another_an_unknown_contract_type(bundled: Recording) -> None:
    listed = {contract.symbol: contract for contract in instruments.listed(bundled)}

    assert listed["BTCSTUSDT"].status == "TRADING_HALT"
    assert listed["GAIBUSDT"].contract_type == "PREDICTION_PERPETUAL"


def test_there_is_one_instrument_for_each_row_of_premium_index(market: Market, bundled: Recording) -> None:
    assert [each.symbol for each in market.instruments] == [row.symbol for row in bundled.premiums]
    assert market.by_symbol["EOSUSDT"].contract is None


@pytest.mark.parametrize(
    ("symbol", "hours"), [("BTCUSDT", 8), ("币安人生USDT", 4), ("LABUSDT", 1), ("BTCUSDT_260925", 0), ("WAVESUSDT", 0)]
)
def test_funding_intervals_are_as_recorded(market: Market, symbol: str, hours: int) -> None:
    assert market.by_symbol[symbol].interval == hours * 3600


@pytest.mark.parametrize("second", [1_790_856_000, 1_790_863_199, 1_790_870_399])
def test_the_next_funding_lies_ahead_and_rolls_over_when_it_is_reached(market: Market, second: int) -> None:
    bitcoin = market.by_symbol["BTCUSDT"]

    assert bitcoin.next_funding_ms(second) == 1_790_870_400_000
    assert bitcoin.next_funding_ms(1_790_870_400) == 1_790_899_200_000


def test_coin_margined_contracts_bear_names_that_the_real_streams_mix_in(market: Market) -> None:
    names = {instrument.symbol for instrument in market.coin_margined}

    assert {"BTCUSD_PERP", "ETHUSD_PERP", "BTCUSD_261225"} <= names
    assert {instrument.margin for instrument in market.coin_margined} == {2}
    assert not names & market.by_symbol.keys()


def test_prices_are_rounded_to_the_tick(market: Market) -> None:
    assert market.by_symbol["BTCUSDT"].rounded(62_909.7777) == 62_909.8


def test_bars_are_remembered_in_bounded_memory(market: Market) -> None:
    bitcoin = market.by_symbol["BTCUSDT"]

    assert bitcoin.bar(400_000) is bitcoin.bar(400_000)
    for hour in range(400_000, 400_500):
        bitcoin.bar(hour)
    assert len(bitcoin._kept) <= instruments.KEPT_BARS

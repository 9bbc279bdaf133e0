"""The market as a pure function of seed and second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import VolumeAlert, VolumeMemory
from volspike.model.market import Candle
from volspike.rules import volume_spike
from volspike.rules.volume_spike import Limits, Observation
from volspike.simulator import candles
from volspike.simulator.instruments import Instrument
from volspike.simulator.market import Market, start_hour
from volspike.simulator.recording import Recording

SYMBOLS = ["BTCUSDT", "YGGUSDT", "币安人生USDT", "TSLAUSDT", "BTCUSDT_260925", "OMGUSDT", "EOSUSDT"]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_same_seed_gives_the_same_market_whatever_was_asked_before(
    bundled: Recording, market: Market, noon: int, symbol: str
) -> None:
    another = Market(bundled, seed=1, origin=noon)
    for second in range(noon, noon + 500, 50):
        another.quote(another.by_symbol["ETHUSDT"], second)

    mine, theirs = (each.quote(each.by_symbol[symbol], noon + 77) for each in (market, another))

    assert (mine.mark, mine.rate, mine.next_funding_ms) == (theirs.mark, theirs.rate, theirs.next_funding_ms)


def test_another_seed_gives_another_market(bundled: Recording, market: Market, noon: int) -> None:
    other = Market(bundled, seed=2, origin=noon)

    assert other.price(other.by_symbol["BTCUSDT"], noon) != market.price(market.by_symbol["BTCUSDT"], noon)


def test_the_eventful_hour_plays_in_the_clock_hour_of_the_start(market: Market, bundled: Recording, noon: int) -> None:
    recorded = bundled.candles["BTCUSDT"]

    bar, before = (market.by_symbol["BTCUSDT"].bar(noon // 3600 - back) for back in (0, 1))

    assert (bar.open, bar.quote) == (recorded.open[24], recorded.quote[24])
    assert (before.open, before.quote) == (recorded.open[23], recorded.quote[23])


def test_another_hour_can_be_the_first(bundled: Recording, noon: int) -> None:
    market = Market(bundled, start_hour=3, origin=noon + 1800)

    assert market.by_symbol["ETHUSDT"].bar(noon // 3600).open == bundled.candles["ETHUSDT"].open[3]


def test_sixty_symbols_spike_within_five_minutes_of_the_eventful_hour(market: Market, noon: int) -> None:
    hour = noon // 3600

    def spikes(minutes: int) -> int:
        bars = [(each.bar(hour - 1), each.bar(hour)) for each in market.instruments if each.trading]
        return sum(now.quote * now.share(minutes / 60) >= max(3 * before.quote, 3_000_000) for before, now in bars)

    assert spikes(1) >= 2
    assert spikes(5) >= 50


@pytest.mark.parametrize("minute", [0, 1, 2, 2.99, 3, 4, 17, 30, 59, 59.99])
def test_whenever_it_is_started_the_first_scan_finds_recorded_spikes(
    bundled: Recording, noon: int, minute: float
) -> None:
    started = int(noon + minute * 60)
    market = Market(bundled, start_hour=start_hour(started), origin=started)

    def alerts(instrument: Instrument) -> list[VolumeAlert]:
        rows = candles.rows(market, instrument, 3600, range(noon - 7200, noon + 1, 3600), started)
        known = [Candle(int(row[0]), float(row[1]), float(row[4]), float(row[7])) for row in rows]
        observation = Observation(instrument.symbol, started, started, known)
        return volume_spike.step(VolumeMemory(), Limits(), observation)[1]

    spiking = [each.symbol for each in market.instruments if each.trading and alerts(each)]
    assert len(spiking) >= 40
    assert set(spiking) <= bundled.candles.keys()


@given(st.sampled_from(SYMBOLS), st.integers(min_value=0, max_value=100_000))
def test_a_second_moves_no_price_by_a_thousandth(market: Market, noon: int, symbol: str, later: int) -> None:
    instrument = market.by_symbol[symbol]

    now, then = (market.price(instrument, noon + later + step) for step in (0, 1))

    assert now > 0
    assert then == pytest.approx(now, rel=0.001)


@given(st.sampled_from(SYMBOLS), st.integers(min_value=0, max_value=100_000))
def test_a_second_moves_no_funding_rate_by_a_tenth_of_a_millionth(
    market: Market, noon: int, symbol: str, later: int
) -> None:
    instrument = market.by_symbol[symbol]

    now, then = (float(market.rate(instrument, noon + later + step)) for step in (0, 1))

    assert abs(now - then) < 1e-7
    assert now == pytest.approx(instrument.rate, abs=3.1e-6)


def test_mark_prices_move_from_second_to_second(market: Market, noon: int) -> None:
    assert len({market.price(market.by_symbol["BTCUSDT"], noon + step) for step in range(30)}) == 30


@pytest.mark.parametrize("symbol", ["OMGUSDT", "EOSUSDT", "BTCSTUSDT"])
def test_what_does_not_trade_stands_still(market: Market, noon: int, symbol: str) -> None:
    assert len({market.price(market.by_symbol[symbol], noon + 600 * step) for step in range(30)}) == 1


def test_delivery_contracts_have_neither_rate_nor_funding_time(market: Market, noon: int) -> None:
    quote = market.quote(market.by_symbol["BTCUSDT_260925"], noon)

    assert (quote.rate, quote.next_funding_ms) == ("0.00000000", 0)


def test_a_true_zero_rate_has_a_funding_time(market: Market, noon: int) -> None:
    quote = market.quote(market.by_symbol["XAUUSDT"], noon)

    assert quote.rate == "0.00000000"
    assert quote.next_funding_ms > noon * 1000


def test_no_rate_is_a_negative_zero(market: Market, noon: int) -> None:
    rates = {market.rate(each, noon + step) for each in market.instruments for step in range(0, 3600, 600)}

    assert "-0.00000000" not in rates


def test_open_interest_follows_the_record(market: Market, bundled: Recording, noon: int) -> None:
    recorded = bundled.open_interest["BTCUSDT"]
    bitcoin = market.by_symbol["BTCUSDT"]

    assert market.open_interest(bitcoin, noon) == recorded[24 * 12]
    assert market.open_interest(bitcoin, noon + 300) == recorded[24 * 12 + 1]
    assert market.open_interest(bitcoin, noon + 150) == pytest.approx(sum(recorded[288:290]) / 2)


@given(st.integers(min_value=0, max_value=200_000))
def test_open_interest_is_positive_and_never_jumps(market: Market, noon: int, later: int) -> None:
    for symbol in ("YGGUSDT", "龙虾USDT", "BTCUSDT"):
        instrument = market.by_symbol[symbol]
        now, then = (market.open_interest(instrument, noon + later + step) for step in (0, 1))
        assert now > 0
        assert then == pytest.approx(now, rel=0.001)


def test_open_interest_of_spiking_symbols_moves_within_minutes(market: Market, noon: int) -> None:
    moves = [
        market.open_interest(each, noon + 300) / market.open_interest(each, noon) - 1
        for each in market.instruments
        if each.trading and each.bar(noon // 3600).spikes
    ]

    assert sum(abs(move) >= 0.03 for move in moves) > 5

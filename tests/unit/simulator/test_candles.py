"""Candles in the exchange's form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.simulator import candles
from volspike.simulator.market import Market
from volspike.simulator.recording import Recording

INSIDE = st.integers(min_value=0, max_value=3599)
SYMBOLS = st.sampled_from(["BTCUSDT", "YGGUSDT", "1000SHIBUSDT", "币安人生USDT", "OMGUSDT"])


def numbers(row: candles.Row) -> list[float]:
    return [float(value) for value in row]


def test_a_closed_hour_is_as_recorded(market: Market, bundled: Recording, noon: int) -> None:
    recorded = bundled.candles["BTCUSDT"]

    row = candles.row(market, market.by_symbol["BTCUSDT"], noon, 3600, noon + 9000)

    assert len(row) == 12
    assert row[0] == noon * 1000
    assert row[6] == noon * 1000 + 3_599_999
    assert numbers(row)[1:4] == [recorded.open[24], recorded.high[24], recorded.low[24]]
    assert float(row[7]) == pytest.approx(recorded.quote[24])
    assert row[8] == recorded.trades[24]
    assert all(isinstance(row[place], str) for place in (1, 2, 3, 4, 5, 7, 9, 10, 11))


@given(SYMBOLS, INSIDE)
def test_the_running_hour_agrees_with_the_price_of_the_second(
    market: Market, noon: int, symbol: str, inside: int
) -> None:
    instrument = market.by_symbol[symbol]

    row = numbers(candles.running(market, instrument, noon + inside))

    assert row[4] == pytest.approx(market.last(instrument, noon + inside))
    assert row[3] <= min(row[1], row[4]) <= max(row[1], row[4]) <= row[2]


@given(SYMBOLS, INSIDE, INSIDE)
def test_within_an_hour_high_and_volume_only_rise_and_low_only_falls(
    market: Market, noon: int, symbol: str, one: int, other: int
) -> None:
    earlier, later = (
        numbers(candles.running(market, market.by_symbol[symbol], noon + inside)) for inside in sorted((one, other))
    )

    assert later[2] >= earlier[2]
    assert later[3] <= earlier[3]
    assert later[5] >= earlier[5]
    assert later[7] >= earlier[7]


@pytest.mark.parametrize("interval", ["1m", "5m", "15m", "30m"])
def test_short_candles_add_up_to_their_hour(market: Market, noon: int, interval: str) -> None:
    length, later = candles.SECONDS[interval], noon + 7200
    instrument = market.by_symbol["YGGUSDT"]

    parts = candles.rows(market, instrument, length, range(noon, noon + 3600, length), later)
    whole = candles.row(market, instrument, noon, 3600, later)

    assert float(whole[7]) == pytest.approx(sum(float(part[7]) for part in parts), rel=1e-6)
    assert parts[0][1] == whole[1]
    assert parts[-1][4] == whole[4]
    assert float(whole[2]) == pytest.approx(max(float(part[2]) for part in parts))


@pytest.mark.parametrize("interval", ["4h", "1d"])
def test_long_candles_are_put_together_from_hours(market: Market, noon: int, interval: str) -> None:
    length = candles.SECONDS[interval]
    instrument, opened = market.by_symbol["ETHUSDT"], noon // length * length

    whole = candles.row(market, instrument, opened, length, opened + 2 * length)
    hours = candles.rows(market, instrument, 3600, range(opened, opened + length, 3600), opened + 2 * length)

    assert float(whole[7]) == pytest.approx(sum(float(hour[7]) for hour in hours), rel=1e-6)
    assert (whole[1], whole[4]) == (hours[0][1], hours[-1][4])

"""The day behind us."""

import pytest

from volspike.simulator.market import Market
from volspike.simulator.tickers import Tickers


def test_a_day_is_the_sum_of_its_hours(market: Market, tickers: Tickers, noon: int) -> None:
    bitcoin = market.by_symbol["BTCUSDT"]

    ticker = tickers.at(bitcoin, noon)

    hours = [bitcoin.bar(noon // 3600 - back) for back in range(1, 25)]
    assert ticker.quote == pytest.approx(sum(bar.quote for bar in hours))
    assert ticker.volume == pytest.approx(sum(bar.volume for bar in hours))
    assert ticker.open == bitcoin.rounded(hours[-1].open)
    assert ticker.low <= ticker.last <= ticker.high


def test_the_change_is_not_a_price(market: Market, tickers: Tickers, noon: int) -> None:
    ticker = tickers.at(market.by_symbol["BTCUSDT"], noon)

    assert ticker.change == pytest.approx(ticker.last - ticker.open)
    assert ticker.change_percent == pytest.approx(100 * (ticker.last / ticker.open - 1))


def test_the_window_moves_without_a_jump_when_the_hour_turns(market: Market, tickers: Tickers, noon: int) -> None:
    for symbol in ("BTCUSDT", "YGGUSDT", "龙虾USDT"):
        before, after = (tickers.at(market.by_symbol[symbol], noon + 3600 + step) for step in (-1, 0))
        assert after.quote == pytest.approx(before.quote, rel=0.01)


def test_only_some_symbols_change_in_a_second_and_they_differ(tickers: Tickers, noon: int) -> None:
    first, second = ({ticker.symbol for ticker in tickers.changed(noon + step)} for step in (0, 1))

    assert first != second
    assert 0.5 < len(first) / len(tickers.trading) < 0.9


def test_each_symbol_trades_within_a_minute(tickers: Tickers, noon: int) -> None:
    seen = {ticker.symbol for step in range(60) for ticker in tickers.changed(noon + step)}

    assert len(seen) == len(tickers.trading)


def test_settling_symbols_have_no_ticker(tickers: Tickers) -> None:
    assert "OMGUSDT" not in {instrument.symbol for instrument in tickers.trading}


def test_the_average_of_a_day_without_trade_is_its_price(market: Market, tickers: Tickers, noon: int) -> None:
    ticker = tickers.at(market.by_symbol["OMGUSDT"], noon)

    assert ticker.average == ticker.last

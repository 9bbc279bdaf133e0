"""Candles in the exchange's form: rows of twelve elements, decimals as strings, the last row still running.

Hours are the bars of the market; shorter intervals are cut out of an hour's path, longer ones are put together.
"""

from volspike.simulator.instruments import HOUR, Instrument
from volspike.simulator.market import TICK, TREMBLE, Market

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400}
TAKER_SHARE = 0.5
TAKER_SWING = 0.1
REACH = TREMBLE + TICK
"""How far the tremble may carry the price off its path: a running high must never come down again."""

Row = tuple[int | str, ...]


def running(market: Market, instrument: Instrument, second: int) -> Row:
    """Return the open hour up to `second`."""
    return row(market, instrument, second // HOUR * HOUR, HOUR, second)


def rows(market: Market, instrument: Instrument, interval: int, opens: range, now: int) -> list[Row]:
    """Return the candles of `interval` seconds that open at `opens`, as far as they have come at `now`."""
    return [row(market, instrument, opened, interval, now) for opened in opens]


def row(market: Market, instrument: Instrument, opened: int, interval: int, now: int) -> Row:
    """Return the candle that opens at `opened`, as far as it has come at `now`."""
    end = min(opened + interval, now)
    lows, highs, base, quote, trades = [], [], 0.0, 0.0, 0
    for hour in range(opened // HOUR, max(end - 1, opened) // HOUR + 1):
        bar = instrument.bar(hour)
        start, stop = (min(max(instant / HOUR - hour, 0.0), 1.0) for instant in (opened, end))
        low, high = bar.extent(start, stop)
        share = bar.share(stop) - bar.share(start)
        lows.append(max(bar.low, low * (1.0 - REACH)))
        highs.append(min(bar.high, high * (1.0 + REACH)))
        base += bar.volume * share
        quote += bar.quote * share
        trades += int(bar.trades * share)
    first = instrument.bar(opened // HOUR).path(opened % HOUR / HOUR)
    if end < opened + interval:
        final = market.last(instrument, now)
    else:
        final = instrument.bar((end - 1) // HOUR).path(((end - 1) % HOUR + 1) / HOUR)
    taker = TAKER_SHARE + TAKER_SWING * market.noise.at(instrument.key + 10, opened // interval)
    digits = instrument.decimals
    return (
        opened * 1000,
        *(f"{instrument.rounded(price):.{digits}f}" for price in (first, max(highs), min(lows), final)),
        f"{base:.3f}",
        (opened + interval) * 1000 - 1,
        f"{quote:.5f}",
        trades,
        f"{base * taker:.3f}",
        f"{quote * taker:.5f}",
        "0",
    )

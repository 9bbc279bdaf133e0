"""One hour of one symbol: its candle and the path that the price takes through it.

Within the hour the price goes in straight lines from the open to the nearer extreme, to the other extreme and to the
close; a rising hour sees its low first. The close of an hour is the open of the next one, so the path never jumps.

Volume comes evenly, except in an hour that spikes (at least three times the hour before): there most of it comes
early, `1 - (1 - f)^24` at the fraction `f` of the hour, a third within the first minute and 88 % within five, so that
whoever watches the simulator sees spikes soon.
"""

from collections.abc import Callable
from dataclasses import dataclass

from volspike.simulator.noise import Noise
from volspike.simulator.recording import Candles

SPIKE_MULTIPLE = 3.0
SPIKE_STEEPNESS = 24
FIRST_AT = 0.3
SECOND_AT = 0.7
HOURS_PER_DAY = 24
SWING = 0.03
SWING_HOURS = 7
STEP = 0.004
WICK = 0.003
VOLUME_SWING = 0.3


@dataclass(frozen=True, slots=True)
class Bar:
    """A whole hour, from its first instant to its last."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    quote: float
    trades: int
    spikes: bool = False

    def corners(self) -> tuple[tuple[float, float], ...]:
        """Return the corners of the path as (fraction of the hour, price)."""
        first, second = (self.low, self.high) if self.close >= self.open else (self.high, self.low)
        return (0.0, self.open), (FIRST_AT, first), (SECOND_AT, second), (1.0, self.close)

    def path(self, fraction: float) -> float:
        """Return the price at `fraction` of the hour."""
        first, second = (self.low, self.high) if self.close >= self.open else (self.high, self.low)
        if fraction < FIRST_AT:
            return self.open + (first - self.open) * fraction / FIRST_AT
        if fraction < SECOND_AT:
            return first + (second - first) * (fraction - FIRST_AT) / (SECOND_AT - FIRST_AT)
        return second + (self.close - second) * (fraction - SECOND_AT) / (1.0 - SECOND_AT)

    def extent(self, start: float, end: float) -> tuple[float, float]:
        """Return the lowest and the highest price of the path between two fractions of the hour."""
        inside = [price for fraction, price in self.corners() if start < fraction < end]
        prices = (self.path(start), self.path(end), *inside)
        return min(prices), max(prices)

    def share(self, fraction: float) -> float:
        """Return which share of the hour's volume has been traded at `fraction` of it."""
        if self.spikes:
            return 1.0 - (1.0 - fraction) ** SPIKE_STEEPNESS
        return fraction


Bars = Callable[[int], Bar]
"""Gives the bar of an hour, counted from the epoch."""


def recorded(series: Candles, shift: int) -> Bars:
    """Play the recorded hours over and over; clock hour `h` plays recorded hour `(h + shift)` modulo their number.

    Prices and volumes are as recorded, except that an hour closes at the open of the next: that is the recorded close
    almost to the tick, and at the seam it leads the last hour back to the first.
    """
    hours = len(series.open)

    def bar(hour: int) -> Bar:
        place = (hour + shift) % hours
        close = series.open[(place + 1) % hours]
        return Bar(
            open=series.open[place],
            high=max(series.high[place], close),
            low=min(series.low[place], close),
            close=close,
            volume=series.volume[place],
            quote=series.quote[place],
            trades=series.trades[place],
            spikes=series.quote[place] >= SPIKE_MULTIPLE * series.quote[place - 1],
        )

    return bar


def generated(noise: Noise, key: int, anchor: float) -> Bars:
    """Make up quiet hours around the price `anchor`: it stays within some 3.5 % and volume never spikes.

    A symbol turns over between 1.6 and 100 million a day, its own amount, and never three times the hour before.
    """
    daily_quote = 10 ** (7.1 + 0.9 * noise.at(key, 0))

    def level(hour: int) -> float:
        return anchor * (1 + SWING * noise.smooth(key, hour / SWING_HOURS) + STEP * noise.at(key + 1, hour))

    def bar(hour: int) -> Bar:
        opened, closed = level(hour), level(hour + 1)
        high = max(opened, closed) * (1 + WICK * abs(noise.at(key + 2, hour)))
        low = min(opened, closed) * (1 - WICK * abs(noise.at(key + 3, hour)))
        quote = daily_quote / HOURS_PER_DAY * (1 + VOLUME_SWING * noise.at(key + 4, hour))
        return Bar(opened, high, low, closed, quote / (opened + closed) * 2, quote, int(quote // 900) + 1)

    return bar


def motionless(price: float) -> Bars:
    """Stand still at `price`, without any trade, as a symbol does that is settling."""
    still = Bar(price, price, price, price, 0.0, 0.0, 0)
    return lambda _hour: still

"""Statistics of the last 24 hours, as 24hrTicker and /ticker/24hr give them.

The window rolls with the second for price and volume; its high and low look at whole hours at its far end.
"""

from dataclasses import dataclass

from volspike.simulator.instruments import HOUR, HOURS_PER_DAY, Instrument
from volspike.simulator.market import Market

DAY = HOUR * HOURS_PER_DAY
QUIETEST = -0.4
"""At this level of noise and below a symbol did not trade in a second; about 70 % of them do."""


@dataclass(frozen=True, slots=True)
class Ticker:
    """One symbol's day up to `second`."""

    symbol: str
    decimals: int
    second: int
    last: float
    open: float
    high: float
    low: float
    volume: float
    quote: float
    trades: int

    @property
    def change(self) -> float:
        """Price change over the day, in units of price: what the wire calls `p`."""
        return self.last - self.open

    @property
    def change_percent(self) -> float:
        """Price change over the day in percent."""
        return 100.0 * self.change / self.open

    @property
    def average(self) -> float:
        """Average price weighted with volume."""
        return self.quote / self.volume if self.volume else self.last


@dataclass(frozen=True, slots=True)
class _Closed:
    """Sums over the 23 hours that lie whole in the window."""

    volume: float
    quote: float
    trades: int
    high: float
    low: float


class Tickers:
    """Computes tickers; the sums over whole hours are remembered for as long as the clock hour lasts."""

    def __init__(self, market: Market) -> None:
        """Serve the trading symbols of `market`."""
        self.market = market
        self.trading = [instrument for instrument in market.instruments if instrument.trading]
        self._hour = 0
        self._closed: dict[str, _Closed] = {}

    def at(self, instrument: Instrument, second: int) -> Ticker:
        """Return the day of `instrument` up to `second`."""
        hour, inside = divmod(second, HOUR)
        closed = self._sums(instrument, hour)
        bar, oldest = instrument.bar(hour), instrument.bar(hour - HOURS_PER_DAY)
        share, left = bar.share(inside / HOUR), 1.0 - oldest.share(inside / HOUR)
        last = self.market.last(instrument, second)
        return Ticker(
            instrument.symbol,
            instrument.decimals,
            second,
            last,
            instrument.rounded(oldest.path(inside / HOUR)),
            max(closed.high, last),
            min(closed.low, last),
            closed.volume + bar.volume * share + oldest.volume * left,
            closed.quote + bar.quote * share + oldest.quote * left,
            closed.trades + int(bar.trades * share) + int(oldest.trades * left),
        )

    def changed(self, second: int) -> list[Ticker]:
        """Return the tickers of the symbols that traded in this second, as the streams send them."""
        noise = self.market.noise
        return [
            self.at(instrument, second)
            for instrument in self.trading
            if noise.at(instrument.key + 9, second) > QUIETEST
        ]

    def _sums(self, instrument: Instrument, hour: int) -> _Closed:
        if hour != self._hour:
            self._closed.clear()
            self._hour = hour
        found = self._closed.get(instrument.symbol)
        if found is None:
            bars = [instrument.bar(past) for past in range(hour - HOURS_PER_DAY + 1, hour)]
            found = self._closed[instrument.symbol] = _Closed(
                sum(bar.volume for bar in bars),
                sum(bar.quote for bar in bars),
                sum(bar.trades for bar in bars),
                max(bar.high for bar in bars),
                min(bar.low for bar in bars),
            )
        return found

"""The whole market at any instant, as a pure function of the recording, the seed and the second.

Nothing is stepped and nothing is remembered, so REST, streams and candles agree: they all read the same second.

* Price: the path of the hour's bar plus a tremble of at most 0.02 %, never outside the bar. Symbols with recorded
  candles follow them; others stay near the price of the recorded snapshot; settling ones stand still.
* Mark price = price; last price = the same, rounded to the tick of the symbol; index and estimated settle price keep
  the recorded ratio to it.
* Funding: the recorded rate, wandering by at most 3e-6 and less than 3e-8 a second; a recorded zero stays zero.
* Open interest: the recorded one where there is one, else the daily turnover in coins, breathing by 4 % over hours;
  an hour of spiking volume moves it by up to 9 % within its first ten minutes.
"""

from dataclasses import dataclass

from volspike.simulator import instruments
from volspike.simulator.instruments import HOUR, Instrument
from volspike.simulator.noise import Noise
from volspike.simulator.recording import Recording

EVENTFUL_HOUR = 24
FIRST_SECONDS = 180
"""So long into the eventful hour most of its symbols have not traded enough yet to count as spiking."""
TREMBLE = 0.00015
TICK = 0.00005
TREMBLE_SECONDS = 20
RATE_WANDER = 3e-6
RATE_SECONDS = 300
INTEREST_STEP = 300
BREATH = 0.04
BREATH_HOURS = 3
SURGE = 0.09
SURGE_SECONDS = 600


def start_hour(origin: float) -> int:
    """Return the recorded hour to play in the clock hour of `origin` so that whoever looks now sees spikes.

    It is the eventful one; in the first three minutes of a clock hour the one after it, so that the eventful one has
    just closed.
    """
    return EVENTFUL_HOUR + (1 if origin % HOUR < FIRST_SECONDS else 0)


@dataclass(frozen=True, slots=True)
class Quote:
    """One instrument at one second; `rate` is the text that the exchange would send."""

    instrument: Instrument
    mark: float
    index: float
    settle: float
    rate: str
    next_funding_ms: int


class Market:
    """Answers for any second; `start_hour` is the recorded hour that plays in the clock hour of `origin`."""

    def __init__(
        self, recording: Recording, *, seed: int = 1, start_hour: int = EVENTFUL_HOUR, origin: float = 0.0
    ) -> None:
        """Build the instruments; `origin` is in epoch seconds."""
        self.recording = recording
        self.noise = Noise(seed)
        self._shift = start_hour - int(origin // HOUR)
        self.instruments = instruments.usd_margined(recording, self.noise, self._shift)
        self.coin_margined = instruments.coin_margined(self.instruments)
        self.by_symbol = {instrument.symbol: instrument for instrument in self.instruments}
        self.contracts = instruments.listed(recording)

    def price(self, instrument: Instrument, second: int) -> float:
        """Return the mark price."""
        hour, inside = divmod(second, HOUR)
        bar = instrument.bar(hour)
        if instrument.still:
            return bar.open
        noise, key = self.noise, instrument.key
        tremble = TREMBLE * noise.smooth(key, second / TREMBLE_SECONDS) + TICK * noise.at(key + 5, second)
        return min(max(bar.path(inside / HOUR) * (1.0 + tremble), bar.low), bar.high)

    def last(self, instrument: Instrument, second: int) -> float:
        """Return the price of the last trade."""
        return instrument.rounded(self.price(instrument, second))

    def quote(self, instrument: Instrument, second: int) -> Quote:
        """Return mark price and funding."""
        mark = self.price(instrument, second)
        return Quote(
            instrument,
            mark,
            mark * instrument.index_ratio,
            mark * instrument.settle_ratio,
            self.rate(instrument, second),
            instrument.next_funding_ms(second),
        )

    def rate(self, instrument: Instrument, second: int) -> str:
        """Return the funding rate as a fraction with eight decimals."""
        if instrument.rate == 0.0:
            return "0.00000000"
        wander = RATE_WANDER * self.noise.smooth(instrument.key + 6, second / RATE_SECONDS)
        return f"{round(instrument.rate + wander, 8) + 0.0:.8f}"  # + 0.0 turns -0.0 into 0.0

    def open_interest(self, instrument: Instrument, second: int) -> float:
        """Return the open interest in units of the contract."""
        series = self.recording.open_interest.get(instrument.symbol)
        if series is not None:
            return self._recorded_interest(series, second)
        hour, inside = divmod(second, HOUR)
        key, noise = instrument.key + 7, self.noise
        breath = BREATH * noise.smooth(key, second / HOUR / BREATH_HOURS)
        surge = self._surge(instrument, hour, min(1.0, inside / SURGE_SECONDS))
        surge += self._surge(instrument, hour - 1, 1.0 - inside / HOUR)
        return instrument.turnover() * (1.0 + breath + surge)

    def _recorded_interest(self, series: list[float], second: int) -> float:
        place, inside = divmod(second + self._shift * HOUR, INTEREST_STEP)
        before, after = series[place % len(series)], series[(place + 1) % len(series)]
        return before + (after - before) * inside / INTEREST_STEP

    def _surge(self, instrument: Instrument, hour: int, share: float) -> float:
        if not instrument.bar(hour).spikes:
            return 0.0
        return SURGE * self.noise.at(instrument.key + 8, hour) * share

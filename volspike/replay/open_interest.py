"""The open-interest rule over a recorded series, each row as one sample of the poller."""

from volspike.model.alerts import OpenInterestAlert
from volspike.model.market import OpenInterestSample
from volspike.replay import cells
from volspike.replay.run import Run
from volspike.replay.table import Table
from volspike.rules import history, open_interest
from volspike.rules.history import KEEP_SECONDS, History, Reach
from volspike.rules.open_interest import Memory, Observation, Thresholds

COLUMNS = (
    ("timestamp", "t", "create_time", "time"),
    ("sum_open_interest", "oi", "open_interest"),
)
NOTIONAL = ("sum_open_interest_value", "oi_usd", "open_interest_usd")


class OpenInterestRun(Run[OpenInterestAlert]):
    """A file of samples; as much of each symbol is remembered as the lookbacks need."""

    unjudged = (
        "no sample has another one a lookback before it, so there was nothing to compare: is the series too coarse?"
    )

    def __init__(self, table: Table, symbol: str | None, thresholds: Thresholds) -> None:
        self._time, self._open_interest = table.need("open interest", *COLUMNS)
        super().__init__(table, symbol)
        self._thresholds = thresholds
        self._reach = _reach(thresholds)
        self._notional = table.find(*NOTIONAL)
        self._memory = Memory()
        self._histories: dict[str, History] = {}

    def _take(self, symbol: str, row: list[str]) -> list[OpenInterestAlert]:
        sample = self._sample(symbol, row)
        past = self._histories.get(symbol, History())
        self._histories[symbol], baselines = history.step(past, self._reach, sample)
        self._memory, alerts = open_interest.step(self._memory, self._thresholds, Observation(sample, baselines))
        self._count(symbol, sample.at, judged=any(baseline is not None for baseline in baselines))
        return alerts

    def _sample(self, symbol: str, row: list[str]) -> OpenInterestSample:
        at = cells.instant("timestamp", row[self._time])
        self._follows(symbol, at, "timestamp", row[self._time])
        contracts = cells.positive("open interest", row[self._open_interest])
        return OpenInterestSample(symbol, at, contracts, self._mark_price(row, contracts))

    def _mark_price(self, row: list[str], contracts: float) -> float | None:
        """Return the mark price, by which Binance turns contracts into their value; None where that is missing."""
        text = "" if self._notional is None else row[self._notional]
        value = cells.from_zero("open interest value", text) if text.strip() else 0.0
        return value / contracts if value else None


def _reach(thresholds: Thresholds) -> Reach:
    """Return a reach that remembers as long as the poller does, or longer when a lookback asks for it."""
    lookbacks = tuple(timeframe.lookback_seconds for timeframe in thresholds.timeframes)
    longest = max(lookback + history.tolerance(lookback) for lookback in lookbacks)
    return Reach(lookbacks, max(KEEP_SECONDS, longest))

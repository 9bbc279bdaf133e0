"""What the OI poller says of itself: its status in a sentence, its metrics, and what is lost or slow, once."""

import logging
from datetime import UTC, datetime

from msgspec import Struct

from volspike.daemons.oi_sweep import Sweep
from volspike.rules import polling
from volspike.rules.polling import Rhythm
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon

log = logging.getLogger(__name__)


class Swept(Struct, frozen=True):
    """A sweep that has ended: how many symbols the universe has, who is parked, how often and how long."""

    sweep: Sweep
    symbols: int
    parked: int
    samples: int
    interval: int
    seconds: float


class PollerReport:
    """The voice of the poller: `status` is what it does now, in a sentence, `sweeps` how many have ended."""

    def __init__(self, daemon: Daemon) -> None:
        self.status = "waiting for the liquid universe"
        self.sweeps = 0
        self._clock = daemon.clock
        self._binance = Condition("open interest from Binance", daemon.clock.monotonic)
        self._slow = False
        metrics = daemon.metrics
        self._sweeps = metrics.counter("open_interest_sweeps", "Sweeps over the liquid universe.")
        self._samples = metrics.counter("open_interest_samples", "Samples of open interest.")
        self._failures = metrics.counter("open_interest_failures", "Requests for open interest without an answer.")
        self._symbols = metrics.gauge("open_interest_symbols", "Symbols of the liquid universe.")
        self._parked = metrics.gauge("open_interest_parked", "Symbols left alone because they are being settled.")
        self._interval = metrics.gauge("open_interest_interval_seconds", "Seconds between sweeps, by the formula.")
        self._seconds = metrics.gauge("open_interest_sweep_seconds", "How long the latest sweep took.")
        self._swept_at = metrics.gauge("open_interest_sweep_timestamp_seconds", "When the latest sweep ended.")
        self._shut_out_until = metrics.gauge(
            "open_interest_shut_out_until_timestamp_seconds", "Until when Binance refuses to answer, 0 if it does not."
        )

    @property
    def problem(self) -> str:
        """Return what is wrong with the answers of Binance, or nothing."""
        return self._binance.problem

    def waiting(self, problem: str) -> None:
        """Say that there is nothing to poll."""
        self.status = f"waiting for the liquid universe: {problem}"
        self._symbols.set(0)

    def shut_out(self, until: float) -> None:
        """Say that nothing is asked because Binance has refused this machine."""
        ends = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M:%S} UTC"
        self.status = f"Binance has shut this machine out until {ends}; nothing is asked before"
        self._binance.fails(f"shut out until {ends}")
        self._shut_out_until.set(until)

    def under_way(self, symbols: int, waits_seconds: float) -> str:
        """Return what to say while a sweep is under way, which may be waiting for its share of the weight account."""
        status = self.status if self.sweeps else f"the first sweep over {symbols} symbols is under way"
        if not waits_seconds:
            return status
        until = datetime.fromtimestamp(self._clock.now() + waits_seconds, UTC)
        return f"{status}; waits for weight until {until:%H:%M:%S} UTC"

    def swept(self, done: Swept, alerts_today: int) -> None:
        """Tell of a sweep that has ended."""
        sweep = done.sweep
        self.sweeps += 1
        self._sweeps.inc()
        self._samples.inc(done.samples)
        self._failures.inc(sweep.failures)
        self._symbols.set(done.symbols)
        self._parked.set(done.parked)
        self._interval.set(done.interval)
        self._seconds.set(done.seconds)
        self._swept_at.set(self._clock.now())
        self._shut_out_until.set(0)
        failed = self._judge(done)
        self.status = (
            f"{done.symbols} symbols every {done.interval} s, last sweep {done.seconds:.1f} s, {done.parked} parked"
            f"{failed}; {alerts_today} alerts today"
        )

    def _judge(self, done: Swept) -> str:
        """Return what to say of requests that failed; a sweep of which much is missing is a loss."""
        sweep = done.sweep
        if sweep.shut_out is not None:
            self._binance.fails(str(sweep.shut_out))
            return f", shut out: {sweep.shut_out}"
        if sweep.given_up or polling.is_incomplete(done.symbols, sweep.failures):
            self._binance.fails(f"{sweep.failures} requests failed, such as: {sweep.problem}")
        else:
            self._binance.works()
        gave_up = ", given up" if sweep.given_up else ""
        return f", {sweep.failures} failed ({sweep.problem}){gave_up}" if sweep.failures else ""

    def pace(self, rhythm: Rhythm, interval: int) -> None:
        """Warn, once, when the sweeps of ten minutes came less than half as often as they should."""
        slow = polling.is_slow(rhythm, interval)
        if slow and not self._slow:
            mean = polling.mean_interval(rhythm) or 0.0
            log.warning(
                "sweeps are slow: the weight account or the exchange holds them back",
                extra={"mean_seconds": round(mean, 1), "interval_seconds": interval},
            )
        elif self._slow and not slow:
            log.info("sweeps are in time again", extra={"interval_seconds": interval})
        self._slow = slow

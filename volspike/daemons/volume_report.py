"""How the volume scans are told: status, metrics, and a log of what changes."""

from collections import Counter
from datetime import UTC, datetime

from volspike.daemons.volume_scan import Outcome
from volspike.model.alerts import AlertType
from volspike.rules import pacing
from volspike.rules.volume_spike import SCAN_EVERY_SECONDS
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon


class VolumeReport:
    """What operators see of the scans."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._condition = Condition("the volume scan", daemon.clock.monotonic)
        metrics = daemon.metrics
        self._scans = metrics.counter("volume_scans", "Volume scans made.")
        self._symbols = metrics.gauge("volume_scan_symbols", "Symbols whose candles the latest scan has judged.")
        self._missed = metrics.gauge("volume_scan_failed_symbols", "Symbols whose candles the latest scan has not got.")
        self._seconds = metrics.gauge("volume_scan_duration_seconds", "How long the latest scan took.")
        self._started = metrics.gauge("volume_scan_timestamp_seconds", "When the latest scan began.")
        self._success = metrics.gauge(
            "volume_scan_last_success_timestamp_seconds", "When the latest scan began that saw the market."
        )
        self._alerts = {
            alert_type: metrics.counter("volume_alerts", "Volume alerts put into the outbox.", type=alert_type)
            for alert_type in AlertType
        }

    def tell(self, outcome: Outcome) -> None:
        """Tell what came of a scan, and when the next one is due."""
        self._scans.inc()
        self._symbols.set(outcome.seen)
        self._missed.set(outcome.symbols - outcome.seen)
        self._seconds.set(round(outcome.seconds, 3))
        self._started.set(outcome.started)
        for alert_type, count in Counter(alert.alert_type for alert in outcome.told).items():
            self._alerts[alert_type].inc(count)
        if outcome.failed:
            self._condition.fails(trouble(outcome))
        else:
            self._success.set(outcome.started)
            self._condition.works()
        self._daemon.save_metrics()
        now = self._daemon.clock.now()
        due = pacing.next_tick(None, SCAN_EVERY_SECONDS, now).due
        self._daemon.announce(f"{sentence(outcome)}; next at {_clock(due)}", next_due_seconds=due - now)


def sentence(outcome: Outcome) -> str:
    """Return what came of a scan; one that did not see the market says nothing of how quiet it was."""
    at = _clock(outcome.started)
    if outcome.failed:
        return f"scan {at} FAILED: {trouble(outcome)}"
    alerts = f"{len(outcome.told)} alert{'' if len(outcome.told) == 1 else 's'}"
    told = f"scanned {outcome.seen} symbols in {outcome.seconds:.1f} s at {at}, {alerts}"
    return f"{told}; {trouble(outcome)}" if outcome.problem else told


def trouble(outcome: Outcome) -> str:
    """Return what went wrong, and for how many symbols."""
    if outcome.unkept:
        return f"alerts cannot be put into the outbox: {outcome.unkept}"
    if not outcome.symbols:
        return f"no list of symbols: {outcome.problem}"
    return f"{outcome.symbols - outcome.seen} of {outcome.symbols} symbols failed: {outcome.problem}"


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M}"

"""What passes over the user alerts have done, as operators see it: status, metrics, and what is told once."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from volspike.model.alerts import Cross, UserAlert
from volspike.rules.cross import PASS_EVERY_SECONDS
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon

log = logging.getLogger(__name__)


class Pass(NamedTuple):
    """One pass: the alerts that were checked, those of which the value was not known, and how long it took.

    `lost` counts alerts that could not even be read, `problem` is why values are unknown, where that has a reason.
    """

    active: int
    checked: int
    symbols: int
    crosses: Sequence[Cross]
    valueless: Sequence[UserAlert]
    lost: int
    problem: str
    seconds: float

    @property
    def status(self) -> str:
        """Return it in a sentence."""
        told = (
            f"checked {_count(self.checked, 'alert')} on {_count(self.symbols, 'symbol')} in {self.seconds:.1f} s; "
            f"{len(self.crosses):,} crossed"
        )
        unchecked = len(self.valueless) + self.lost
        return (
            told + (f"; {unchecked:,} not checked" if unchecked else "") + (f"; {self.problem}" if self.problem else "")
        )


class PassReport:
    """Tells of passes, to the log, the status and the metrics."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._status = "checking user alerts"
        self._condition = Condition("the check of user alerts", daemon.clock.monotonic)
        self._valueless: frozenset[tuple[str, str]] = frozenset()
        metrics, passes = daemon.metrics, "Passes over the user alerts."
        self._done = metrics.counter("user_alert_passes", passes, outcome="done")
        self._failed = metrics.counter("user_alert_passes", passes, outcome="failed")
        self._checked = metrics.counter("user_alerts_checked", "Values that were held against a user's threshold.")
        self._crossed = metrics.counter("user_alerts_crossed", "Thresholds of users that were crossed.")
        self._active = metrics.gauge("user_alerts_active", "User alerts that may fire.")
        self._unchecked = metrics.gauge("user_alerts_unchecked", "Alerts that the latest pass could not check.")
        self._seconds = metrics.gauge("user_alert_pass_seconds", "How long the latest pass took.")
        self._at = metrics.gauge("user_alert_pass_timestamp_seconds", "When the latest pass ended that did not fail.")

    @property
    def problem(self) -> str:
        """Return why the latest pass has failed; empty when it has not."""
        return self._condition.problem

    def progress(self) -> None:
        """Tell that a pass is getting on."""
        self._daemon.progress(self._status, next_due_seconds=PASS_EVERY_SECONDS)

    def failed(self, problem: str) -> None:
        """Tell of a pass that could not be made at all."""
        self._failed.inc()
        self._condition.fails(problem)
        self._announce(f"cannot check user alerts: {problem}")

    def done(self, told: Pass) -> None:
        """Tell of a pass."""
        self._condition.works()
        self._done.inc()
        self._checked.inc(told.checked)
        self._crossed.inc(len(told.crosses))
        self._active.set(told.active)
        self._unchecked.set(len(told.valueless) + told.lost)
        self._seconds.set(told.seconds)
        self._at.set(self._daemon.clock.now())
        if not told.problem:
            self._tell_strangers(told.valueless)
        self._announce(told.status)

    def _announce(self, status: str) -> None:
        self._status = status
        self._daemon.announce(status, next_due_seconds=PASS_EVERY_SECONDS)
        self._daemon.save_metrics()

    def _tell_strangers(self, alerts: Sequence[UserAlert]) -> None:
        """Log symbols of which nothing is known though all sources answer, each as long as it stays so once."""
        strangers = frozenset((alert.alert_type.value, alert.symbol) for alert in alerts)
        for kind, symbol in sorted(strangers - self._valueless):
            log.warning("user alerts on a symbol without this value", extra={"alert_type": kind, "symbol": symbol})
        self._valueless = strangers


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"

"""User alerts: looks every 30 s which of the thresholds that users have set were crossed."""

import logging
import sys
from contextlib import closing, suppress

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Permanent, Transient
from volspike.daemons.launch import CannotStartError, launch
from volspike.daemons.user_alert_market import MarketView
from volspike.daemons.user_alert_memory import AlertMemories
from volspike.daemons.user_alert_passes import Pass, PassReport
from volspike.daemons.user_alert_reports import Reports
from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.rules import alert_text, alert_values, cross
from volspike.rules.cross import PASS_EVERY_SECONDS, Observation, Pace, Round
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned, Crew
from volspike.settings import Settings, require_backend_key
from volspike.state import documents

log = logging.getLogger(__name__)

SETTLE_SECONDS = 5.0


def run(daemon: Daemon, settings: Settings, once: bool) -> int:
    """Check until a signal comes; with `once`, a single time. Return 1 when that pass has failed."""
    require_backend_key(settings)
    with (
        closing(Backend(settings.backend_url, settings.backend_key)) as backend,
        Outbox(settings.state_dir / documents.OUTBOX, daemon.clock, settings.routes) as outbox,
    ):
        try:
            checker = Checker(daemon, settings, backend, outbox)
        except Permanent as error:
            raise CannotStartError(str(error)) from None
        daemon.ready("checking user alerts")
        with suppress(Abandoned):
            for _ in daemon.ticks(PASS_EVERY_SECONDS):
                checker.step()
                if once:
                    break
        checker.close(SETTLE_SECONDS if once else 0.0)
        return 1 if once and checker.report.problem else 0


class Checker:
    """The check of all user alerts, and what it remembers between its passes."""

    def __init__(self, daemon: Daemon, settings: Settings, backend: Backend, outbox: Outbox) -> None:
        self.report = PassReport(daemon)
        self._daemon = daemon
        self._lister = Crew(1)
        self._clock = daemon.clock
        self._backend = backend
        self._outbox = outbox
        self._market = MarketView(daemon, settings)
        self._memories = AlertMemories(daemon, settings, outbox)
        self._reports = Reports(backend, daemon)
        self._reports.start()
        self._full_at: float | None = None

    def close(self, seconds: float) -> None:
        """Leave behind what the next run wants to know; give waiting reports so many seconds."""
        self._memories.save()
        self._reports.settle(seconds)
        self._daemon.save_metrics()

    def step(self) -> None:
        """Make a pass; one that cannot be made is told, and made up for by the next. Raises Abandoned."""
        try:
            done = self._check()
        except (Transient, Permanent) as error:
            self.report.failed(str(error))
        else:
            self.report.done(done)

    def _check(self) -> Pass:
        began, pass_at = self._clock.monotonic(), self._clock.now()
        full = cross.is_full(pass_at, self._full_at)
        memories = self._memories.recall()
        waiting = self._memories.waiting()  # before the list is asked for: what was delivered since is not in it
        (active,) = self._lister.run([self._backend.active_alerts], lambda: self._daemon.stopping, self.report.progress)
        due = [alert for alert in active if cross.is_due(alert.user_tier, full=full) and alert.id not in waiting]
        needs = alert_values.needs(due)
        market = self._market.look(needs, self.report.progress)
        at = self._clock.now()
        valued, valueless = alert_values.known(market, due)
        found = cross.check(memories, Pace(), (Observation(alert, value, at) for alert, value in valued))
        self._outbox.put([messages.of_cross(each, at) for each in found.crosses])
        self._memories.keep(found.memories, active, urgent=bool(found.crosses))
        self._tell(found)
        if full and not self._market.problem:
            self._full_at = pass_at
        return Pass(
            active=len(active),
            checked=len(valued),
            symbols=len(needs.symbols),
            crosses=found.crosses,
            valueless=valueless,
            lost=self._backend.lost_alerts,
            problem=self._market.problem,
            seconds=self._clock.monotonic() - began,
        )

    def _tell(self, found: Round) -> None:
        self._reports.forget(each.trigger.alert_id for each in found.crosses)
        self._reports.offer(found.reports)
        for each in found.crosses:
            log.info(alert_text.crossed(each), extra={"alert": each.trigger.alert_id})


if __name__ == "__main__":
    sys.exit(launch("user-alerts", run))

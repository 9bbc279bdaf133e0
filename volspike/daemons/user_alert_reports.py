"""Reports of checked values: the backend hears of them beside the passes, at a pace of their own."""

import random
import threading
from collections.abc import Iterable

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Faulted, Permanent, Transient
from volspike.model.alerts import Report
from volspike.rules import pacing
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon

SECONDS_PER_REPORT = 1 / 20


class Reports:
    """What the backend is still to hear of, the newest value of each alert; in memory only, dropped at a stop.

    One that does not get through is not sent again: the next of its alert is owed after ten minutes.
    """

    def __init__(self, backend: Backend, daemon: Daemon) -> None:
        metrics, text = daemon.metrics, "Reports of checked values, by what became of them."
        self._sent = metrics.counter("user_alert_reports", text, outcome="sent")
        self._lost = metrics.counter("user_alert_reports", text, outcome="lost")
        self._backend = backend
        self._clock = daemon.clock
        self._condition = Condition("the backend for reports of checked values", daemon.clock.monotonic)
        self._changed = threading.Condition()
        self._waiting: dict[str, Report] = {}
        self._busy = False
        self._failures = 0

    def start(self) -> None:
        """Begin to send them, in a thread that nobody waits for."""
        threading.Thread(target=self._send_for_ever, daemon=True).start()

    def offer(self, reports: Iterable[Report]) -> None:
        """Hand over reports, each in the place of one of the same alert that still waits."""
        with self._changed:
            self._waiting.update((report.alert_id, report) for report in reports)
            self._changed.notify_all()

    def forget(self, alert_ids: Iterable[str]) -> None:
        """Drop what waits of alerts that have fired: once they are armed again, an old value could fire them."""
        with self._changed:
            for alert_id in alert_ids:
                self._waiting.pop(alert_id, None)

    def settle(self, seconds: float) -> None:
        """Return when nothing waits or is under way any more, at the latest after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._busy), self._clock.real_seconds(seconds))

    def _send_for_ever(self) -> None:
        while True:
            self._clock.sleep(self.send(self._next()))

    def _next(self) -> Report:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while not self._waiting:
                self._changed.wait()
            self._busy = True
            return self._waiting.pop(next(iter(self._waiting)))

    def send(self, report: Report) -> float:
        """Send one; return for how many seconds to rest before the next.

        A backend that cannot be reached is left alone for longer and longer. One that refuses a report is there: the
        alert may be gone.
        """
        began = self._clock.monotonic()
        try:
            self._backend.report_checked(report)
        except (Faulted, Permanent):
            self._lost.inc()
        except Transient as error:
            self._lost.inc()
            self._failures += 1
            self._condition.fails(str(error))
            return pacing.reconnect_delay(self._failures, random.random())  # noqa: S311 - it hides no secret
        else:
            self._sent.inc()
        self._failures = 0
        self._condition.works()
        return max(0.0, SECONDS_PER_REPORT - (self._clock.monotonic() - began))

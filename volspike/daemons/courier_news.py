"""The monitor's verdict as the courier tells it to people: through the outbox, like everything else."""

from pathlib import Path

from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind
from volspike.model.documents import EmergencyStop
from volspike.model.health import Report
from volspike.rules import health_news
from volspike.rules.health_news import Told
from volspike.runtime.clock import Clock
from volspike.state import documents, emergency

LOOK_SECONDS = 1.0
REMEMBERED_SECONDS = 48 * 3600.0


class News:
    """What people know of the suite's health, and the report that may change it."""

    def __init__(self, outbox: Outbox, state_dir: Path, runtime_dir: Path, clock: Clock) -> None:
        self._outbox = outbox
        self._state_dir = state_dir
        self._clock = clock
        self._reader = documents.reader(documents.health_directory(runtime_dir) / documents.HEALTH_REPORT, Report)
        self._told: Told | None = None
        self._ended: EmergencyStop | None = None
        self._looked_at = float("-inf")

    def look(self) -> None:
        """Put what people should know into the outbox. Raises Transient when it cannot be read or written."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        if self._told is None:
            self._told = self._recalled()
        self._looked_at = now
        report = self._reader.read()
        if report is not None:
            self._tell(self._told, report)
            self._tell_end(report)

    def _tell(self, told: Told, report: Report) -> None:
        known, text = health_news.step(told, report, self._clock.now())
        if text is not None:
            self._outbox.put([messages.of_verdict(text, self._clock.now(), healthy=report.healthy)])
        self._told = known

    def _tell_end(self, report: Report) -> None:
        stop = health_news.ended(report, self._clock.now())
        if stop is None or stop == self._ended or emergency.is_on(self._state_dir):
            return  # one that holds is about to stop this daemon too
        self._outbox.put([messages.of_resumption(stop, self._clock.now())])
        self._ended = stop

    def _recalled(self) -> Told:
        """Return what people were told before this process began."""
        told = Told()
        for message in self._outbox.messages(Kind.HEALTH, self._clock.now() - REMEMBERED_SECONDS):
            healthy = messages.verdict_of(message)
            if healthy is None:
                continue
            since = told.since if healthy == told.healthy and told.since is not None else message.at
            told = Told(healthy, message.at, since)
        return told

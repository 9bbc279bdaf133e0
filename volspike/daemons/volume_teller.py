"""Alerts on their way from a scan into the outbox: enriched, put, and only then remembered."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple

from volspike.clients.errors import Transient
from volspike.daemons.volume_enrichment import Enrichment
from volspike.daemons.volume_memory import Memories
from volspike.delivery.messages import of_volume_alert
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import VolumeAlert, VolumeMemory
from volspike.runtime.clock import Clock
from volspike.runtime.errands import Crew

log = logging.getLogger(__name__)

HANDS = 8
ENRICHING_SECONDS = 3.0
"""After that an alert goes as it is, whatever hangs."""

Step = Callable[[], None]
"""What is left to do, in the scan's own thread, once a call has ended."""
Inbox = SimpleQueue[Future[Step]]


class _Finding(NamedTuple):
    """Alerts that are not told yet, with the memory that may be adopted once they are."""

    memory: VolumeMemory
    alerts: list[VolumeAlert]
    due: float


class Teller:
    """The alerts of one scan; `told` are in the outbox, `unkept` says why others are not."""

    def __init__(self, outbox: Outbox, memories: Memories, enrichment: Enrichment, clock: Clock, inbox: Inbox) -> None:
        self.told: list[VolumeAlert] = []
        self.unkept = ""
        self._outbox = outbox
        self._memories = memories
        self._enrichment = enrichment
        self._clock = clock
        self._inbox = inbox
        self._crew = Crew(HANDS)
        self._found: dict[str, _Finding] = {}
        self._ripe: dict[str, _Finding] = {}

    @property
    def waiting(self) -> bool:
        """Tell whether an alert still waits for what it may be enriched with."""
        return bool(self._found)

    def find(self, symbol: str, memory: VolumeMemory, alerts: list[VolumeAlert]) -> None:
        """Take what a judgement has found, and begin to ask what else is known of it."""
        due = self._clock.monotonic() + self._clock.simulated_seconds(ENRICHING_SECONDS)
        self._found[symbol] = _Finding(memory, alerts, due)
        self._crew.begin(partial(self._enrich, symbol, alerts)).add_done_callback(self._inbox.put)

    def _enrich(self, symbol: str, alerts: list[VolumeAlert]) -> Step:
        enriched = [self._enrichment.enrich(alert) for alert in alerts]
        return partial(self._ripen, symbol, enriched)

    def _ripen(self, symbol: str, enriched: list[VolumeAlert]) -> None:
        finding = self._found.pop(symbol, None)
        if finding is not None:  # else it has gone without
            self._ripe[symbol] = finding._replace(alerts=enriched)

    def hurry(self) -> None:
        """Let alerts go as they are that have waited for too long."""
        now = self._clock.monotonic()
        for symbol in [symbol for symbol, finding in self._found.items() if now >= finding.due]:
            self._ripe[symbol] = self._found.pop(symbol)

    def put(self) -> None:
        """Put what is ripe into the outbox, in one transaction; then, and only then, remember it."""
        ripe, self._ripe = self._ripe, {}
        alerts = [alert for finding in ripe.values() for alert in finding.alerts]
        try:
            self._outbox.put([of_volume_alert(alert) for alert in alerts])
        except Transient as error:
            self.unkept = str(error)
            return
        for symbol, finding in ripe.items():
            self._memories.adopt(symbol, finding.memory)
        for alert in alerts:
            log.info("%s", alert.message)
        self.told += alerts

    def dismiss(self) -> None:
        """Wait for nothing more."""
        self._crew.dismiss()

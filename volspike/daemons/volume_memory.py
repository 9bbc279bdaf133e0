"""What the volume alerts remember: the file, made whole by what the outbox knows better."""

from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import VolumeAlert, VolumeMemory
from volspike.model.delivery import Kind
from volspike.model.documents import VERSION, VolumeAlertsDocument
from volspike.rules import volume_spike
from volspike.rules.volume_spike import RECALL_SECONDS
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper


class Memories:
    """The memory of every symbol; an alert is in the outbox before its memory is adopted."""

    def __init__(self, settings: Settings, clock: Clock, outbox: Outbox) -> None:
        """Recall what the last process knew. Raises Transient when the outbox cannot be read."""
        self._clock = clock
        self._file = Keeper(settings.state_dir / documents.VOLUME_ALERTS, clock.monotonic, durable=True)
        now = clock.now()
        document = keeper.recall(self._file.path, VolumeAlertsDocument, now)
        self._memories = dict(document.symbols) if document else {}
        for alert, _ in messages.told(outbox.messages(Kind.VOLUME, now - RECALL_SECONDS), VolumeAlert):
            self.adopt(alert.symbol, volume_spike.recall(self.of(alert.symbol), alert))

    def of(self, symbol: str) -> VolumeMemory:
        """Return what is remembered of a symbol."""
        return self._memories.get(symbol, VolumeMemory())

    def adopt(self, symbol: str, memory: VolumeMemory) -> None:
        """Take what a judgement has made of a symbol's memory."""
        if memory != self._memories.get(symbol):
            self._memories[symbol] = memory
            self._file.touch()

    def save(self, symbols: frozenset[str]) -> None:
        """Write what has changed, without the symbols that are gone from the list; a failing disk is only reported."""
        now = self._clock.now()
        self._memories = volume_spike.prune(self._memories, symbols, now)
        document = VolumeAlertsDocument(VERSION, self._memories, now)
        self._file.save(lambda: documents.encode(document), urgent=True)

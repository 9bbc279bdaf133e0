"""What is remembered of user alerts from pass to pass, and across a restart or a crash.

The file is written after each pass that has found a cross, every five minutes otherwise, and at a stop. A crash may
thus lose the values of the last five minutes: the next pass then compares with an older value, of the same side of
the threshold, for a value on the other side would have been a cross. What has fired is in the outbox.
"""

from collections.abc import Iterable, Mapping

from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import AlertMemory, Trigger, UserAlert
from volspike.model.delivery import Kind
from volspike.model.documents import VERSION, UserAlertsDocument
from volspike.rules import cross
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper

SAVE_SECONDS = 300.0


class AlertMemories:
    """The memory of each active alert by its id, and the file that holds them."""

    def __init__(self, daemon: Daemon, settings: Settings, outbox: Outbox) -> None:
        self._clock = daemon.clock
        self._outbox = outbox
        path = settings.state_dir / documents.USER_ALERTS
        document = keeper.recall(path, UserAlertsDocument, daemon.clock.now())
        self._memories = document.alerts if document else {}
        self._is_recalled = False
        self._file = Keeper(path, daemon.clock.monotonic, durable=True)
        self._saved_at = daemon.clock.monotonic()

    def recall(self) -> dict[str, AlertMemory]:
        """Return what is known; at first also by what the outbox tells of alerts that have fired. Raises Transient."""
        if not self._is_recalled:
            fired = self._outbox.messages(Kind.TRIGGER, 0)
            self._memories = cross.recall(self._memories, messages.told(fired, Trigger))
            self._is_recalled = True
        return self._memories

    def waiting(self) -> frozenset[str]:
        """Return the ids of the alerts whose trigger is still on its way to the backend. Raises Transient."""
        found = self._outbox.undelivered(Kind.TRIGGER)
        return frozenset(trigger.alert_id for trigger, _ in messages.told(found, Trigger))

    def keep(self, checked: Mapping[str, AlertMemory], active: Iterable[UserAlert], *, urgent: bool) -> None:
        """Remember what a pass has found, and nothing of alerts that are no longer active."""
        before = self._memories
        found = ((alert.id, checked.get(alert.id) or before.get(alert.id)) for alert in active)
        self._memories = {name: memory for name, memory in found if memory is not None}
        self._file.touch()
        if urgent or self._clock.monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()

    def save(self) -> None:
        """Write the file, if anything has changed since it was written."""
        self._saved_at = self._clock.monotonic()
        self._file.save(self._content, urgent=True)

    def _content(self) -> bytes:
        return documents.encode(UserAlertsDocument(VERSION, self._memories, self._clock.now()))

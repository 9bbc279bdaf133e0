"""The muted symbols on the disk: commands change them, the courier heeds them, the page shows them."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from volspike.clients.errors import Transient
from volspike.model.documents import VERSION, Mute, MutesDocument
from volspike.rules import mutes
from volspike.runtime.clock import Clock
from volspike.state import documents, file

ATTEMPTS = 50
"""How often the lock is tried, a tenth of a second each, that another command has at the same moment."""


class Mutes:
    """The muted symbols of a state directory; several processes may change them at once."""

    def __init__(self, state_dir: Path, clock: Clock) -> None:
        self._path = state_dir / documents.MUTES
        self._lock = state_dir / documents.MUTES_LOCK
        self._clock = clock
        self._reader = documents.reader(self._path, MutesDocument)

    def in_force(self) -> dict[str, Mute]:
        """Return what is muted now, by symbol, what ends first first."""
        return mutes.in_force(self._known(), self._clock.now())

    def mute(self, symbol: str, seconds: float) -> Mute:
        """Mute a symbol for so long from now, instead of for as long as before; return that.

        Raises Transient when it cannot be kept.
        """
        return self._change(lambda known, now: mutes.muted(known, symbol, now, seconds))[symbol]

    def unmute(self, symbol: str) -> bool:
        """Mute a symbol no more; tell whether it was muted. Raises Transient when that cannot be kept."""
        was_muted = symbol in self.in_force()
        self._change(lambda known, now: mutes.unmuted(known, symbol, now))
        return was_muted

    def _known(self) -> Mapping[str, Mute]:
        document = self._reader.read()
        return document.mutes if document else {}

    def _change(self, change: Callable[[Mapping[str, Mute], float], dict[str, Mute]]) -> dict[str, Mute]:
        try:
            with self._held():
                known, now = self._known(), self._clock.now()
                if self._reader.problem is not None and self._path.exists():
                    file.set_aside(self._path, now)
                changed = change(known, now)
                file.write(self._path, documents.encode(MutesDocument(VERSION, changed, now)), durable=True)
        except OSError as error:
            raise Transient(f"{self._path} cannot be written ({error.strerror})") from None
        return changed

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Be the only one who changes them; the lock ends with the process, however it ends."""
        attempts = (file.hold(self._lock) for _ in range(ATTEMPTS))
        lock = next((lock for lock in attempts if lock is not None), None)
        if lock is None:
            raise Transient(f"{self._path} is being changed by another command")
        try:
            yield
        finally:
            os.close(lock)

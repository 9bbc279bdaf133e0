"""The outbox followed: every message once, in the order in which they were put."""

from collections.abc import Collection

from volspike.delivery.ledger import Ledger, Told
from volspike.model.delivery import Kind

AT_ONCE = 1000


class Following:
    """The messages of some kinds and symbols, or of all, and how far they have been read."""

    def __init__(self, entries: Ledger, kinds: Collection[Kind] = (), symbols: Collection[str] = ()) -> None:
        self._entries = entries
        self._kinds = kinds
        self._symbols = symbols
        self._read = 0

    def latest(self, count: int) -> list[Told]:
        """Return the newest, so many at most, and go on after them. Raises Transient as the ledger does."""
        newest = self._entries.newest()
        told = self._entries.latest(count, kinds=self._kinds, symbols=self._symbols)
        self._read = max([newest, *(item.id for item in told)])
        return told

    def following(self) -> list[Told]:
        """Return what was put since, AT_ONCE at most. Raises Transient as the ledger does."""
        newest = self._entries.newest()
        if newest < self._read:  # the outbox was damaged and has begun anew
            self._read = 0
        told = self._entries.told(self._read, AT_ONCE, kinds=self._kinds, symbols=self._symbols)
        self._read = told[-1].id if told else newest
        return told

"""The outbox as operators see it: what is in it, what became of it, and what they change by hand.

The courier notices every change within a fraction of a second.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from volspike.delivery import rows
from volspike.delivery.database import Database
from volspike.model.delivery import Destination, Entry, Kind, Message, Pause, State, Tally
from volspike.runtime.clock import Clock
from volspike.runtime.closing import Closing

TALLIED_SECONDS = 86_400.0

_TOLD = f"""
    SELECT {rows.MESSAGE_COLUMNS}, id FROM deliveries AS told
    WHERE +kind IN ({rows.KINDS}) AND {rows.FIRST_OF_ITS_KEY}
"""  # noqa: S608 - our own words, no values
_NEWEST = "SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'deliveries'"
_RETRY = """
    UPDATE deliveries SET state = 'waiting', since = ?, settled_at = NULL, attempts = 0, problem = ''
    WHERE state NOT IN ('waiting', 'delivered')
"""
_DROP = "UPDATE deliveries SET state = 'dropped', settled_at = ? WHERE state NOT IN ('delivered', 'dropped')"


class Told(NamedTuple):
    """A message, and where it stands in the order in which messages were put."""

    id: int
    message: Message


class Ledger(Closing):
    """The outbox, to look into and to mend.

    Every method raises Transient where there is no outbox yet, or it cannot be read or written just now; one that is
    `read_only` only looks.
    """

    def __init__(self, path: Path, clock: Clock, *, read_only: bool = False) -> None:
        self._database = Database(path, create=False, read_only=read_only)
        self._clock = clock

    def close(self) -> None:
        """Close what is open."""
        self._database.close()

    def listing(
        self,
        *,
        states: Collection[State] = (),
        kinds: Collection[Kind] = (),
        destinations: Collection[Destination] = (),
        symbols: Collection[str] = (),
        limit: int = 50,
    ) -> list[Entry]:
        """Return the newest entries, newest first; of these states, kinds and so on, where any are named."""
        chosen, values = _chosen(state=states, kind=kinds, destination=destinations, symbol=symbols)
        return self._entries(f"WHERE TRUE{chosen} ORDER BY id DESC LIMIT ?", [*values, limit])

    def entry(self, number: int) -> Entry | None:
        """Return one entry; None when there is none of this id."""
        return next(iter(self._entries("WHERE id = ?", [number])), None)

    def retry(self, ids: Collection[int]) -> int:
        """Let those of these entries wait again that are neither waiting nor delivered; return how many did.

        Their age counts from now.
        """
        return self._change(f"{_RETRY} AND id IN ({rows.slots(ids)})", [self._clock.now(), *ids])

    def retry_all(self, states: Collection[State] = (State.REFUSED, State.EXPIRED)) -> int:
        """Let all entries of these states wait again; return how many did. Their age counts from now."""
        return self._change(f"{_RETRY} AND state IN ({rows.slots(states)})", [self._clock.now(), *states])

    def drop(self, ids: Collection[int]) -> int:
        """Give up entries that are neither delivered nor dropped; return how many were.

        One under way may still arrive.
        """
        return self._change(f"{_DROP} AND id IN ({rows.slots(ids)})", [self._clock.now(), *ids])

    def stats(self) -> dict[Destination, Tally]:
        """Return what waits for each destination, and what became of the others in the last 24 hours."""
        since = self._clock.now() - TALLIED_SECONDS
        return self._database.read(lambda connection: rows.tallies(connection, since))

    def pauses(self) -> dict[Destination, Pause]:
        """Return the destinations to which nothing goes at present."""
        return self._database.read(rows.pauses)

    def resume(self, destination: Destination) -> bool:
        """Let a destination be tried again now, whatever it is waited for; tell whether it was paused."""

        def work(connection: Connection) -> bool:
            was_paused = rows.resume(connection, destination)
            rows.ask_to_try(connection, destination, self._clock.now())
            return was_paused

        return self._database.transact(work)

    def newest(self) -> int:
        """Return the id of the newest entry that there ever was, 0 when there was none: from where to follow.

        One that is smaller than before is that of another outbox, begun anew.
        """
        (number,) = self._database.read(lambda connection: _one(connection, _NEWEST))
        return number or 0

    def told(
        self, after: int, limit: int = 1000, *, kinds: Collection[Kind] = (), symbols: Collection[str] = ()
    ) -> list[Told]:
        """Return the messages that were put after the entry of this id, each once, in their order.

        Follow on with the id of the last one. Of these kinds and symbols, where any are named.
        """
        chosen, values = _chosen(kind=kinds, symbol=symbols)
        return self._told(f"{_TOLD} AND id > ?{chosen} ORDER BY id LIMIT ?", [after, *values, limit])

    def latest(self, count: int, *, kinds: Collection[Kind] = (), symbols: Collection[str] = ()) -> list[Told]:
        """Return the newest messages, each once, in the order in which they were put."""
        chosen, values = _chosen(kind=kinds, symbol=symbols)
        return self._told(f"{_TOLD}{chosen} ORDER BY id DESC LIMIT ?", [*values, count])[::-1]

    def _told(self, statement: str, values: Sequence[object]) -> list[Told]:
        found = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return [Told(row[-1], rows.message(row[:-1])) for row in found]

    def _entries(self, clause: str, values: Sequence[object]) -> list[Entry]:
        statement = f"SELECT {rows.ENTRY_COLUMNS} FROM deliveries {clause}"  # noqa: S608 - our own words, no values
        return [
            rows.entry(row)
            for row in self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        ]

    def _change(self, statement: str, values: Sequence[object]) -> int:
        return self._database.transact(lambda connection: connection.execute(statement, values).rowcount)


def _chosen(**columns: Collection[object]) -> tuple[str, list[object]]:
    """Return the condition that each of these columns holds one of its values, where any are named, and the values."""
    named = {column: values for column, values in columns.items() if values}
    condition = "".join(f" AND {column} IN ({rows.slots(values)})" for column, values in named.items())
    return condition, [value for values in named.values() for value in values]


def _one(connection: Connection, statement: str) -> tuple[int | None]:
    row: tuple[int | None] = connection.execute(statement).fetchone()
    return row

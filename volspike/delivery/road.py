"""The outbox as the courier carries it: what may leave next, and what became of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from volspike.delivery import rows
from volspike.delivery.database import Database, check
from volspike.model.delivery import Destination, Kind, Message, Pause, State, Tally
from volspike.rules import delivery
from volspike.runtime.closing import Closing

BUSY_SECONDS = 2.0
"""The courier has to end within five seconds, whoever keeps the file locked."""
MOST_WAITING = 2000
"""How far ahead a chat is looked at."""

_HEADS = f"""
    SELECT MIN(id) AS head FROM deliveries INDEXED BY waiting
    WHERE state = 'waiting' AND destination = ?1 AND NOT (kind = ?2 AND since <= ?3)
        AND kind IN ({rows.KINDS}) GROUP BY symbol
    UNION ALL
    SELECT id FROM deliveries INDEXED BY waiting
    WHERE state = 'waiting' AND destination = ?1 AND kind = ?2 AND since <= ?3
    ORDER BY head
"""  # noqa: S608 - our own words, no values
_WAITING = """
    SELECT id, symbol, text FROM deliveries WHERE id IN (
        SELECT id FROM deliveries INDEXED BY waiting
        WHERE state = 'waiting' AND destination = ? AND kind IN ({kinds}) ORDER BY id LIMIT ?
    ) ORDER BY id
"""
_MUTED = "state = 'waiting' AND destination = ? AND symbol = ? AND since <= ? AND id NOT IN ({under_way})"
_ARRIVED = "UPDATE deliveries SET state = ?, settled_at = ?, attempts = attempts + 1, problem = ? WHERE id = ?"
_FAILED = f"{_ARRIVED} AND state = 'waiting'"
_RETRIED = "UPDATE deliveries SET attempts = attempts + 1, problem = ? WHERE id = ? AND state = 'waiting'"
_STRANGE = f"state = 'waiting' AND kind NOT IN ({rows.KINDS})"
_REFUSE_STRANGE = f"""
    UPDATE deliveries SET state = 'refused', settled_at = ?, problem = 'this release knows no alerts of kind ' || kind
    WHERE {_STRANGE} RETURNING destination, id, problem
"""  # noqa: S608 - our own words, no values
_PAUSE = "INSERT OR REPLACE INTO pauses (destination, since, reason, fingerprint) VALUES (?, ?, ?, ?)"
_CLEAN = """
    DELETE FROM deliveries
    WHERE (state = 'delivered' AND settled_at < ?) OR (state != 'delivered' AND state != 'waiting' AND settled_at < ?)
"""


class Stop(NamedTuple):
    """A row that waits for a chat."""

    id: int
    symbol: str
    text: str


class Outcome(NamedTuple):
    """What became of a row: settled in a state, or waiting as before with one attempt more."""

    id: int
    state: State
    problem: str


class Road(Closing):
    """The outbox in the courier's hands. Every method raises Transient where it cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, busy_seconds=BUSY_SECONDS)
        self._version = (0, 0)

    def close(self) -> None:
        """Close what is open."""
        self._database.close()

    def changed(self) -> bool:
        """Tell whether anybody else has changed the outbox since this was last asked."""
        (data,) = self._database.read(lambda connection: connection.execute("PRAGMA data_version").fetchone())
        version = (self._database.generation, data)
        changed = version != self._version
        self._version = version
        return changed

    def heads(self, destination: Destination, now: float) -> list[int]:
        """Return the rows that may leave for a destination at `now` (epoch seconds): of each symbol the first.

        And each trigger that has waited for so long that it has given way.
        """
        values = (destination, Kind.TRIGGER, now - delivery.WAY_SECONDS)
        found = self._database.read(lambda connection: connection.execute(_HEADS, values).fetchall())
        return [number for (number,) in found]

    def waiting(self, destination: Destination, kinds: Collection[Kind] = tuple(Kind)) -> list[Stop]:
        """Return the rows of these kinds that wait for a destination, the first ones first."""
        statement = _WAITING.format(kinds=rows.slots(kinds))
        values = (destination, *kinds, MOST_WAITING)
        found = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return [Stop(*row) for row in found]

    def messages(self, ids: Sequence[int]) -> dict[int, Message]:
        """Return the messages of these rows; without those that have gone meanwhile."""
        statement = f"SELECT {rows.MESSAGE_COLUMNS}, id FROM deliveries WHERE id IN ({rows.slots(ids)})"  # noqa: S608
        found = self._database.read(lambda connection: connection.execute(statement, ids).fetchall())
        return {row[-1]: rows.message(row[:-1]) for row in found}

    def settle(self, outcomes: Sequence[Outcome], now: float) -> None:
        """Keep what became of rows. What was dropped meanwhile stays dropped, unless it has arrived."""
        arrived = [o for o in outcomes if o.state is State.DELIVERED]
        retried = [o for o in outcomes if o.state is State.WAITING]
        failed = [o for o in outcomes if o.state not in (State.DELIVERED, State.WAITING)]

        def work(connection: Connection) -> None:
            connection.executemany(_ARRIVED, [(o.state, now, o.problem, o.id) for o in arrived])
            connection.executemany(_FAILED, [(o.state, now, o.problem, o.id) for o in failed])
            connection.executemany(_RETRIED, [(o.problem, o.id) for o in retried])

        self._database.transact(work)

    def refuse_strange(self, now: float) -> list[tuple[Destination, Outcome]]:
        """Let what is of no kind that this release knows wait no more; return what became of each row.

        A later release may have put it, before somebody went back to this one.
        """

        def look(connection: Connection) -> bool:
            statement = f"SELECT 1 FROM deliveries INDEXED BY waiting WHERE {_STRANGE} LIMIT 1"  # noqa: S608
            return connection.execute(statement).fetchone() is not None

        def work(connection: Connection) -> list[tuple[str, int, str]]:
            return connection.execute(_REFUSE_STRANGE, [now]).fetchall()

        found = self._database.transact(work) if self._database.read(look) else []
        return [(Destination(to), Outcome(number, State.REFUSED, problem)) for to, number, problem in found]

    def expire(
        self, now: float, under_way: Collection[int], respites: Mapping[Destination, float] | None = None
    ) -> dict[Destination, int]:
        """Let what has grown too old wait no more, but for what is under way; return how many of each destination.

        What quiet hours have held may be older by the `respites` (seconds) of its destination.
        """
        ages = [(kind, age) for kind in Kind if (age := delivery.expires_after(kind)) is not None]
        too_old = " OR ".join("(kind = ? AND since <= ?)" for _ in ages)
        values: list[object] = [value for kind, age in ages for value in (kind, now - age)]
        for destination, seconds in (respites or {}).items():
            held = f"destination = ? AND kind IN ({rows.slots(delivery.HELD)}) AND since > ?"
            too_old = f"({too_old}) AND NOT ({held})"
            values += [destination, *delivery.HELD, now - delivery.EXPIRY_SECONDS - seconds]
        chosen = f"state = 'waiting' AND ({too_old}) AND id NOT IN ({rows.slots(under_way)})"
        values += under_way

        def count(connection: Connection) -> list[tuple[str, int]]:
            select = "SELECT destination, COUNT(*) FROM deliveries INDEXED BY waiting"
            return connection.execute(f"{select} WHERE {chosen} GROUP BY destination", values).fetchall()

        def work(connection: Connection) -> list[tuple[str, int]]:
            counted = count(connection)
            statement = f"UPDATE deliveries SET state = 'expired', settled_at = ? WHERE {chosen}"  # noqa: S608
            connection.execute(statement, [now, *values])
            return counted

        found = self._database.transact(work) if self._database.read(count) else []
        return {Destination(destination): number for destination, number in found}

    def mute(
        self, destinations: Collection[Destination], reasons: Mapping[str, str], now: float, under_way: Collection[int]
    ) -> dict[Destination, int]:
        """Drop what waits of these symbols, but for what is under way; return how many of each destination.

        `now` is when they were seen to be muted: what came later stays, for they may be muted no more. The reason, by
        symbol, becomes the problem of its rows.
        """
        chosen = _MUTED.format(under_way=rows.slots(under_way))
        pairs = [(to, symbol) for to in destinations for symbol in reasons]

        def look(connection: Connection) -> bool:
            statement = f"SELECT 1 FROM deliveries INDEXED BY waiting WHERE {chosen} LIMIT 1"  # noqa: S608
            return any(connection.execute(statement, [*pair, now, *under_way]).fetchone() for pair in pairs)

        def work(connection: Connection) -> Counter[Destination]:
            statement = f"UPDATE deliveries SET state = 'dropped', settled_at = ?, problem = ? WHERE {chosen}"  # noqa: S608
            dropped: Counter[Destination] = Counter()
            for to, symbol in pairs:
                values = [now, reasons[symbol], to, symbol, now, *under_way]
                dropped[to] += connection.execute(statement, values).rowcount
            return +dropped

        return self._database.transact(work) if self._database.read(look) else {}

    def clean(self, now: float) -> int:
        """Forget what was delivered two days ago, or given up thirty days ago; return how many rows that were."""
        ends = (now - delivery.KEPT_DELIVERED_SECONDS, now - delivery.KEPT_UNDELIVERED_SECONDS)
        return self._database.transact(lambda connection: connection.execute(_CLEAN, ends).rowcount)

    def check(self) -> None:
        """Read the whole file, which keeps nobody from writing. Raises Damaged."""
        self._database.read(check)

    def pause(self, destination: Destination, pause: Pause) -> None:
        """Let nothing go to a destination until it is resumed."""
        values = (destination, pause.since, pause.reason, pause.fingerprint)
        self._database.transact(lambda connection: connection.execute(_PAUSE, values))

    def resume(self, destination: Destination) -> bool:
        """Let a destination be tried again; tell whether it was paused."""
        return self._database.transact(lambda connection: rows.resume(connection, destination))

    def asked_to_try(self) -> list[Destination]:
        """Return the destinations that operators want to be tried now, each once."""
        return self._database.transact(rows.take_asked) if self._database.read(rows.asked) else []

    def pauses(self) -> dict[Destination, Pause]:
        """Return the destinations to which nothing goes at present."""
        return self._database.read(rows.pauses)

    def tallies(self, settled_since: float) -> dict[Destination, Tally]:
        """Return what waits for each destination, and what has been settled since then (epoch seconds)."""
        return self._database.read(lambda connection: rows.tallies(connection, settled_since))

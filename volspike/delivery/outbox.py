"""The outbox as the alert daemons know it: what was put is delivered, and nothing is told twice.

A daemon puts an alert before it saves the memory that produced it. A put that fails has kept nothing: the daemon then
keeps its old memory, so that the same alert, under the same key, comes up again at its next pass.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from volspike.delivery import rows
from volspike.delivery.database import Database
from volspike.model.delivery import Destination, Kind, Message
from volspike.runtime.clock import Clock
from volspike.runtime.closing import Closing

BUSY_SECONDS = 4.0
"""A daemon has to end within five seconds, whoever keeps the file locked; what could not be put comes up again."""

_PUT = """
    INSERT INTO deliveries (key, destination, kind, symbol, at, payload, text, since)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key, destination) DO NOTHING
"""
_MESSAGES = f"""
    SELECT {rows.MESSAGE_COLUMNS} FROM deliveries AS told
    WHERE kind = ? AND at >= ? AND {rows.FIRST_OF_ITS_KEY} ORDER BY at, id
"""  # noqa: S608 - our own words, no values
_UNDELIVERED = f"""
    SELECT {rows.MESSAGE_COLUMNS} FROM deliveries WHERE id IN (
        SELECT MIN(id) FROM deliveries INDEXED BY waiting WHERE state = 'waiting' AND kind = ? GROUP BY key
    ) ORDER BY at, id
"""  # noqa: S608 - our own words, no values


class Outbox(Closing):
    """What is to be delivered, on the disk; safe for the threads of a process, and for several processes.

    Every method raises Transient while the disk is full or fails, or the file is damaged: nothing has changed then,
    and the same call may succeed later.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        routes: Mapping[Kind, Sequence[Destination]],
        *,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._database = Database(path, busy_seconds=busy_seconds)
        self._clock = clock
        self._routes = routes

    def close(self) -> None:
        """Close what is open."""
        self._database.close()

    def put(self, messages: Sequence[Message]) -> int:
        """Keep a row for each message and destination of its kind; return how many of them are new.

        All of them are on the disk when it returns, or none. One whose key is there already stays as it is, whatever
        became of it. An age counts from when it happened, but never from the future: a clock may have been wrong.
        """
        now = self._clock.now()
        new = [
            (message.key, to, message.kind, message.symbol, message.at, message.payload, message.text,
             min(message.at, now))
            for message in messages
            for to in self._routes.get(message.kind, ())
        ]  # fmt: skip
        if not new:
            return 0
        return self._database.transact(lambda connection: connection.executemany(_PUT, new).rowcount)

    def messages(self, kind: Kind, since: float) -> list[Message]:
        """Return every message of a kind that happened at or after `since`, oldest first, whatever became of it.

        Each once, however many destinations it has; delivered ones are kept for 48 hours.
        """
        return self._select(_MESSAGES, kind, since)

    def undelivered(self, kind: Kind) -> list[Message]:
        """Return the messages of a kind that still wait for one of their destinations, oldest first."""
        return self._select(_UNDELIVERED, kind)

    def _select(self, statement: str, *values: object) -> list[Message]:
        found = self._database.read(lambda connection: connection.execute(statement, values).fetchall())
        return [rows.message(row) for row in found]

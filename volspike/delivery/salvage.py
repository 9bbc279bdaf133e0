"""What can still be read of a damaged outbox: it goes on in the new one, row by row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from volspike.delivery import rows
from volspike.delivery.database import Database
from volspike.model.delivery import Destination, Kind, State

GUARD_SECONDS = 6 * 3600.0
"""How long ago a row was settled that is saved too: so that what comes up again is not told again."""
AT_ONCE = 500
MOST_FAILURES = 20_000
"""How many readings may fail before the rest is given up: about a second's worth."""


class Row(NamedTuple):
    """A row as it is put into the new outbox; `id` is that of the old one, and is not kept."""

    key: str
    destination: Destination
    kind: Kind
    symbol: str
    at: float
    payload: bytes
    text: str
    state: State
    since: float
    settled_at: float | None
    attempts: int
    problem: str


_COLUMNS = ", ".join(Row._fields)
_READ = f"""
    SELECT {_COLUMNS} FROM deliveries NOT INDEXED
    WHERE id BETWEEN ? AND ? AND (state = 'waiting' OR settled_at >= ?) ORDER BY id
"""  # noqa: S608 - our own words, no values
_WRITE = f"INSERT INTO deliveries ({_COLUMNS}) VALUES ({rows.slots(Row._fields)}) ON CONFLICT DO NOTHING"  # noqa: S608
_LAST = "SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'deliveries'"


def save(damaged: Path, path: Path, now: float) -> int:
    """Put what still waits in a damaged file, and what was settled lately, into the outbox at `path`.

    Return how many rows that wait were saved. Raises Transient when the outbox cannot be written.
    """
    saved = 0
    with closing(Database(path)) as database:
        for found in _found(damaged, now - GUARD_SECONDS):
            database.transact(lambda connection, found=found: connection.executemany(_WRITE, found))  # type: ignore[misc]
            saved += sum(row.state is State.WAITING for row in found)
    return saved


def _found(damaged: Path, settled_since: float) -> Iterator[list[Row]]:
    """Yield what can be read, in its order; where a reading fails, halves of it are read."""
    try:
        connection = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return
    with closing(connection):
        spans, failures = _spans(connection), 0
        while spans and failures < MOST_FAILURES:
            first, last = spans.pop()
            try:
                found = connection.execute(_READ, (first, last, settled_since)).fetchall()
            except sqlite3.DatabaseError:
                failures += 1
                middle = (first + last) // 2
                spans += [(middle + 1, last), (first, middle)] if first < last else []
            else:
                yield [row for values in found if (row := _sound(values)) is not None]


def _spans(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return from where to where to read, the last span first."""
    try:
        ((last,),) = connection.execute(_LAST).fetchall()
    except sqlite3.DatabaseError:
        return []
    return [(first, first + AT_ONCE - 1) for first in range(1, (last or 0) + 1, AT_ONCE)][::-1]


def _sound(values: tuple[object, ...]) -> Row | None:
    """Return a row that is one; None for what a damaged page makes of it."""
    try:
        return msgspec.convert(values, Row)
    except msgspec.ValidationError:
        return None

"""The rows of the outbox as the suite's nouns, and what is asked of them from more than one side."""

from collections.abc import Iterable
from sqlite3 import Connection

from volspike.model.delivery import Destination, Entry, Kind, Message, Pause, State, Tally

MESSAGE_COLUMNS = "key, kind, symbol, at, payload, text"
ENTRY_COLUMNS = f"id, destination, {MESSAGE_COLUMNS}, state, since, settled_at, attempts, problem"
KINDS = ", ".join(f"'{kind}'" for kind in Kind)
"""Those that this release knows; another one, or a hand, may have put more."""
_STATES = ", ".join(f"'{state}'" for state in State)
"""Likewise."""
FIRST_OF_ITS_KEY = "NOT EXISTS (SELECT 1 FROM deliveries AS other WHERE other.key = told.key AND other.id < told.id)"
"""Of the rows of a message, of which there is one for each destination, that which was there first."""

MessageRow = tuple[str, str, str, float, bytes, str]
EntryRow = tuple[int, str, str, str, str, float, bytes, str, str, float, float | None, int, str]

_TALLIES = f"""
    SELECT destination, state, COUNT(*), NULL FROM deliveries
    WHERE state != 'waiting' AND state IN ({_STATES}) AND settled_at >= ? GROUP BY destination, state
    UNION ALL
    SELECT destination, state, COUNT(*), MIN(since) FROM deliveries INDEXED BY waiting
    WHERE state = 'waiting' GROUP BY destination
"""  # noqa: S608 - our own words, no values


def message(row: MessageRow) -> Message:
    """Return the message of a row of MESSAGE_COLUMNS, whose kind is one of KINDS."""
    key, kind, symbol, at, payload, text = row
    return Message(key, Kind(kind), symbol, at, payload, text)


def entry(row: EntryRow) -> Entry:
    """Return the entry of a row of ENTRY_COLUMNS."""
    state = State(row[8]) if row[8] in tuple(State) else row[8]
    return Entry(row[0], Destination(row[1]), *row[2:8], state, *row[9:])


def slots(values: Iterable[object]) -> str:
    """Return as many question marks, with commas between them."""
    return ", ".join("?" for _ in values)


def tallies(connection: Connection, settled_since: float) -> dict[Destination, Tally]:
    """Return what waits for each destination, and what has been settled since then in a state that is known."""
    found: dict[Destination, dict[str, float | None]] = {}
    for destination, state, count, oldest in connection.execute(_TALLIES, [settled_since]):
        counts = found.setdefault(Destination(destination), {})
        counts[state] = count
        if oldest is not None:
            counts["oldest_waiting_at"] = oldest
    return {destination: Tally(**counts) for destination, counts in found.items()}  # type: ignore[arg-type]


def pauses(connection: Connection) -> dict[Destination, Pause]:
    """Return the destinations to which nothing goes at present."""
    rows = connection.execute("SELECT destination, since, reason, fingerprint FROM pauses WHERE reason != ''")
    return {Destination(destination): Pause(*values) for destination, *values in rows}


def resume(connection: Connection, destination: Destination) -> bool:
    """End the pause of a destination; tell whether there was one."""
    found = connection.execute("DELETE FROM pauses WHERE destination = ? RETURNING reason", [destination]).fetchall()
    return any(reason for (reason,) in found)


def ask_to_try(connection: Connection, destination: Destination, now: float) -> None:
    """Leave word for the courier to wait no more for a destination: a pause without a reason, which is none."""
    connection.execute("INSERT INTO pauses VALUES (?, ?, '', '')", [destination, now])


def asked(connection: Connection) -> list[Destination]:
    """Return the destinations for which word was left."""
    found = connection.execute("SELECT destination FROM pauses WHERE reason = ''")
    return [Destination(destination) for (destination,) in found]


def take_asked(connection: Connection) -> list[Destination]:
    """Return the same, and forget it."""
    found = asked(connection)
    connection.execute("DELETE FROM pauses WHERE reason = ''")
    return found

"""The tables of the embedded backend, and how long each keeps what; times are epoch milliseconds."""

from sqlite3 import Connection
from typing import NamedTuple

SCHEMA_VERSION = 1

_SCHEMA = (
    """
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        symbol TEXT NOT NULL,
        at INTEGER NOT NULL,          -- when it was taken
        payload BLOB NOT NULL         -- the alert as JSON
    ) STRICT
    """,
    "CREATE INDEX alerts_of_kind ON alerts (kind, id)",
    "CREATE INDEX alerts_of_symbol ON alerts (symbol, id)",
    "CREATE INDEX alerts_by_age ON alerts (at)",
    """
    CREATE TABLE answers (            -- to requests with an Idempotency-Key
        route TEXT NOT NULL,
        key TEXT NOT NULL,
        at INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (route, key)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX answers_by_age ON answers (at)",
    # By time first: a sweep over all symbols then fills a few pages at the end instead of one for each symbol.
    """
    CREATE TABLE samples (
        at INTEGER NOT NULL,
        symbol TEXT NOT NULL,
        contracts REAL NOT NULL,
        usd REAL,
        mark REAL,
        PRIMARY KEY (at, symbol)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE points (             -- the last sample of every five minutes
        slot INTEGER NOT NULL,        -- their beginning
        symbol TEXT NOT NULL,
        at INTEGER NOT NULL,
        contracts REAL NOT NULL,
        usd REAL,
        mark REAL,
        PRIMARY KEY (slot, symbol)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE universe (
        symbol TEXT PRIMARY KEY,
        quote_volume_24h REAL NOT NULL,
        entered_at INTEGER NOT NULL,
        last_seen_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE TABLE universe_updates (only INTEGER PRIMARY KEY CHECK (only = 1), at INTEGER NOT NULL) STRICT",
    """
    CREATE TABLE user_alerts (
        id TEXT PRIMARY KEY,
        symbol TEXT NOT NULL,
        type TEXT NOT NULL,
        threshold REAL NOT NULL,
        delivery TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        active INTEGER NOT NULL DEFAULT 1,
        checked_value REAL,
        checked_at INTEGER,
        fired_at INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX armed ON user_alerts (id) WHERE active",
    """
    CREATE TABLE channels (
        id INTEGER PRIMARY KEY,
        username TEXT NOT NULL,
        title TEXT NOT NULL,
        category TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE posts (
        channel INTEGER NOT NULL,
        id INTEGER NOT NULL,
        at INTEGER NOT NULL,          -- when it was published
        taken_at INTEGER NOT NULL,
        content BLOB NOT NULL,        -- the post as JSON
        PRIMARY KEY (channel, id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX posts_by_time ON posts (at)",
    "CREATE INDEX posts_by_age ON posts (taken_at)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Keeping(NamedTuple):
    """How long the rows of a table are kept by the age in a column, and how much of them one sweep removes at most."""

    table: str
    column: str
    keep: int
    at_once: int


KEEPING = (
    Keeping("alerts", "at", 90 * DAY, DAY),
    Keeping("answers", "at", 30 * DAY, DAY),
    Keeping("samples", "at", 48 * HOUR, 10 * MINUTE),
    Keeping("points", "slot", 30 * DAY, 6 * HOUR),
    Keeping("posts", "taken_at", 90 * DAY, DAY),
)
"""User alerts stay until their owner removes them."""
SWEEP_SECONDS = 60.0


class OtherReleaseError(Exception):
    """The file was made by a newer release; the message names both versions."""


def create(database: Connection) -> None:
    """Make the tables in a new file. Raises OtherReleaseError when the file is not one of this release."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == SCHEMA_VERSION:
        return
    if version:
        raise OtherReleaseError(f"version {version} found, {SCHEMA_VERSION} understood")
    for statement in _SCHEMA:
        database.execute(statement)


def sweep(database: Connection, now: int) -> int:
    """Remove what is too old at `now`, a bounded part of it; return how many rows went."""
    return sum(_swept(database, keeping, now) for keeping in KEEPING)


def _swept(database: Connection, keeping: Keeping, now: int) -> int:
    table, column = keeping.table, keeping.column
    (oldest,) = database.execute(f"SELECT min({column}) FROM {table}").fetchone()  # noqa: S608 - names of our own
    if oldest is None or oldest >= now - keeping.keep:
        return 0
    end = min(oldest + keeping.at_once, now - keeping.keep)
    return database.execute(f"DELETE FROM {table} WHERE {column} < ?", (max(end, oldest + 1),)).rowcount  # noqa: S608

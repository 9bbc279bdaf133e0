"""The outbox's file: SQLite as every process opens it, and what becomes of its errors.

Several processes write, and SQLite arbitrates (WAL, one writer at a time). A transaction is on the disk when it
returns (`synchronous=FULL`). Only the courier may replace a damaged file, while the others have it open; and a hand
may remove it. So each of them looks, before a transaction and after it, whether the file under its name is still the
one that it has open. If it is not, the transaction went into a file that nobody reads, and is made again in the new
one.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

from volspike.clients.errors import Permanent, Transient
from volspike.state import sqlite

log = logging.getLogger(__name__)

T = TypeVar("T")

SCHEMA_VERSION = 1
BUSY_SECONDS = 30.0
JOURNAL_BYTES = 16 << 20
"""How large the log may stay: what one great transaction has made of it would lie there for ever."""

_SCHEMA = (
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        destination TEXT NOT NULL,
        kind TEXT NOT NULL,
        symbol TEXT NOT NULL,
        at REAL NOT NULL,             -- when it happened
        payload BLOB NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        since REAL NOT NULL,          -- from when its age counts: when it happened, or was told to be tried again
        settled_at REAL,              -- when it ceased to wait
        attempts INTEGER NOT NULL DEFAULT 0,
        problem TEXT NOT NULL DEFAULT '',
        UNIQUE (key, destination)
    ) STRICT
    """,
    # It covers what is asked of it: state is in it too, for SQLite does not conclude that from the condition.
    "CREATE INDEX waiting ON deliveries (destination, symbol, id, kind, since, state) WHERE state = 'waiting'",
    "CREATE INDEX settled ON deliveries (destination, state, settled_at)",
    "CREATE INDEX told ON deliveries (kind, at)",
    """
    CREATE TABLE pauses (
        destination TEXT PRIMARY KEY,
        since REAL NOT NULL,
        reason TEXT NOT NULL,
        fingerprint TEXT NOT NULL     -- of the setting that was wrong; never the setting itself
    ) STRICT
    """,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
_HINDERED = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_PROTOCOL,
    }
)


class Missing(Transient):
    """There is no outbox yet, and whoever only looks makes none."""


class Damaged(Transient):
    """The file is no database any more: the courier replaces it when it starts, until then nothing can be put."""


class Database:
    """One process's way to the file; its threads take turns.

    The file is opened by the first transaction, and again after every error. With `create` it is made where there is
    none yet; one that is `read_only` cannot be written by mistake.
    """

    def __init__(
        self, path: Path, *, create: bool = True, read_only: bool = False, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self.path = path
        self.generation = 0
        """Grows by one whenever the file was opened anew."""
        self._create = create
        self._read_only = read_only
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._identity: sqlite.Identity | None = None

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction and return what it returned, when that is on the disk.

        `work` may be called again, so it must be the same done twice. Raises Transient when the disk is full or
        fails, or another process keeps the file locked for `busy_seconds`; Damaged; Permanent when the file is of
        another release.
        """
        with self._lock:
            while True:
                done = self._attempt(lambda connection: _committed(connection, work))
                if not self._let_go_of_a_ghost():
                    return done

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work`, which only reads, returns; it keeps nobody from writing. Raises as `transact` does."""
        with self._lock:
            return self._attempt(work)

    def close(self) -> None:
        """Close the file; the next transaction opens it again."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
            self._connection = self._identity = None

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._opened())
        except sqlite3.DatabaseError as error:
            self.close()
            raise _translated(error, self.path) from None

    def _opened(self) -> sqlite3.Connection:
        self._let_go_of_a_ghost()
        if self._connection is None:
            file = sqlite.inode(self.path) or self._made()  # before it is opened: should it be replaced meanwhile
            self._connection = (_look_into if self._read_only else _connect)(self.path, self._busy_seconds)
            self._identity = sqlite.Identity(file, sqlite.identity(self.path).sides)
            self.generation += 1
        return self._connection

    def _let_go_of_a_ghost(self) -> bool:
        """Close what is open when it is not what is at the path any more; tell whether that was so. Raises Damaged."""
        opened, there = self._identity, sqlite.identity(self.path)
        if opened is None or opened == there:
            return False
        self.close()
        if opened.file == there.file and not self._read_only:  # the process may have it open twice: SQLite mixes them
            raise Damaged(f"the log of {self.path} (-wal, -shm) was removed or replaced while it was open")
        if self._create:
            log.error(sqlite.GHOST, extra={"path": str(self.path)})
        return True

    def _made(self) -> sqlite.Inode:
        if not self._create:
            raise Missing(f"there is no outbox at {self.path} yet")
        if _orphans(self.path):
            raise Damaged(f"{self.path} is gone and its log is left; the courier makes a new one when it starts")
        try:
            self.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
        except OSError as error:
            raise Transient(f"{self.path} cannot be made: {error.strerror}") from None
        return sqlite.inode(self.path)


def _open(path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, timeout=busy_seconds, isolation_level=None, check_same_thread=False, uri=True)


def _look_into(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Return a connection that only reads. Raises Missing while its maker has not got to the tables yet."""
    connection = _open(path, "ro", busy_seconds)
    with ExitStack() as undone:
        undone.callback(connection.close)
        if _understood_version(connection) == 0:
            raise Missing(f"there is no outbox at {path} yet")
        undone.pop_all()
    return connection


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    connection = _open(path, "rw", busy_seconds)
    with ExitStack() as undone:
        undone.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
        if _version(connection) != SCHEMA_VERSION:
            _committed(connection, _ensure_schema)
        undone.pop_all()
    return connection


def _ensure_schema(connection: sqlite3.Connection) -> None:
    if _understood_version(connection) == 0:
        for statement in _SCHEMA:
            connection.execute(statement)


def _understood_version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables, 0 where there are none yet. Raises Permanent for that of another release."""
    version = _version(connection)
    if version not in (0, SCHEMA_VERSION):
        raise Permanent(f"the outbox is of another release: version {version} found, {SCHEMA_VERSION} understood")
    return version


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _committed(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Do the work between BEGIN IMMEDIATE and COMMIT: a plain BEGIN that reads first may not write later."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = work(connection)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return done


def _translated(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """Return the suite's kind of this error; one that tells of a mistake in the SQL stays what it is."""
    if sqlite.is_damage(error):
        return Damaged(f"{path} is damaged: {error}")
    return Transient(f"{path} cannot be used: {error}") if sqlite.code(error) in _HINDERED else error


def replace_if_damaged(path: Path, now: float) -> Path | None:
    """Move a damaged file aside, as `<name>.corrupt-<epoch>`, with what belongs to it; return where it went.

    Only the courier may call this, when it starts. Raises Transient when the file cannot be read or moved.
    """
    database = Database(path, create=False)
    try:
        if path.exists():
            database.read(check)
        return _set_aside(path, now) if _orphans(path) else None
    except Damaged:
        return _set_aside(path, now)
    finally:
        database.close()


def check(connection: sqlite3.Connection) -> None:
    """Read the whole file. Raises Damaged where that does not make sense."""
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise Damaged(answer)


def _orphans(path: Path) -> list[Path]:
    """Return what belongs to a file that is gone: SQLite would take it for the new file's and spoil that."""
    sides = (path.with_name(path.name + suffix) for suffix in sqlite.SIDE_FILES)
    return [] if path.exists() else [side for side in sides if side.exists()]


def _set_aside(path: Path, now: float) -> Path:
    try:
        return sqlite.set_aside(path, now)
    except OSError as error:
        raise Transient(f"{path} is damaged and cannot be moved aside: {error.strerror}") from None

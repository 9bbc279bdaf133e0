"""The embedded backend's file: one thread writes it and another reads it, so that the server's loop never waits.

Requests that arrive while a transaction is under way share the next one (group commit): each is on the disk when it
is answered (`synchronous=FULL`), and a thousand a second still cost few syncs.
"""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar, cast

from volspike.backend import tables
from volspike.runtime.clock import Clock
from volspike.state import sqlite

log = logging.getLogger(__name__)

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]
CACHE_KILOBYTES = 512
MAX_WAL_BYTES = 64 * 1024 * 1024


class UnavailableError(Exception):
    """The file cannot be written or read now, such as on a full disk; later may be better."""


class _Batch:
    """Jobs that will share a transaction, and what becomes of them."""

    def __init__(self) -> None:
        self.jobs: list[Job[Any]] = []
        self.outcomes: asyncio.Task[list[Any]] | None = None


class Store:
    """The file at `path`, made when it is not there; a damaged one is moved aside and a new one begun."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open it. Raises UnavailableError, or OtherReleaseError."""
        self._path = path
        self._clock = clock
        self._problem = ""
        self._generation = 0
        self._identity: sqlite.Identity | None = None
        self._writing: sqlite3.Connection | None = None
        self._reading: tuple[int, sqlite3.Connection] | None = None
        self._writer = ThreadPoolExecutor(1, "backend-writer")
        self._reader = ThreadPoolExecutor(1, "backend-reader")
        self._turn = asyncio.Lock()
        self._collecting = _Batch()
        self._transact([])

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._writer.shutdown()
        self._reader.shutdown()
        for connection in (self._writing, self._reading and self._reading[1]):
            if connection:
                connection.close()

    def now(self) -> int:
        """Return the time in epoch milliseconds."""
        return int(self._clock.now() * tables.SECOND)

    def is_ghost(self) -> bool:
        """Tell whether what is open is not what is at the path any more; the next who writes lets go of it."""
        return self._writing is not None and self._identity != sqlite.identity(self._path)

    def is_lost(self) -> bool:
        """Tell whether the file is gone and no new one could be made; a new process may find its directory again."""
        return bool(self._problem) and sqlite.inode(self._path) is None

    async def write(self, job: Job[T]) -> T:
        """Return what `job` returned in a transaction, once that is on the disk. Raises UnavailableError.

        A job may be done again when its transaction failed; one that raises undoes the whole transaction.
        """
        batch = self._collecting
        place = len(batch.jobs)
        batch.jobs.append(job)
        if batch.outcomes is None:
            batch.outcomes = asyncio.create_task(self._commit(batch))
        outcomes = await asyncio.shield(batch.outcomes)  # a client that went away must not take the others with it
        return cast("T", outcomes[place])

    async def _commit(self, batch: _Batch) -> list[Any]:
        async with self._turn:
            self._collecting = _Batch()
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._transact, batch.jobs)

    async def read(self, job: Job[T]) -> T:
        """Return what `job`, which only reads, returned. Raises UnavailableError."""
        if self.is_ghost():
            await self.write(lambda _: None)
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._ask, job)

    def _ask(self, job: Job[T]) -> T:
        try:
            return job(self._opened_for_reading())
        except sqlite3.OperationalError as error:
            raise UnavailableError(str(error)) from None

    def _opened_for_reading(self) -> sqlite3.Connection:
        if self._reading is None or self._reading[0] != self._generation:
            self._close_reading()
            connection = _connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            self._reading = self._generation, connection
        return self._reading[1]

    def _close_reading(self) -> None:
        if self._reading is not None:
            self._reading[1].close()
            self._reading = None

    def _transact(self, jobs: list[Job[Any]]) -> list[Any]:
        try:
            try:
                outcomes = self._attempt(jobs)
            except sqlite3.DatabaseError as error:
                if not sqlite.is_damage(error):
                    raise
                self._replace(error)
                outcomes = self._attempt(jobs)
        except (sqlite3.OperationalError, OSError) as error:
            self._report(str(error))
            raise UnavailableError(str(error)) from None
        self._report("")
        return outcomes

    def _attempt(self, jobs: list[Job[Any]]) -> list[Any]:
        while True:
            outcomes = self._committed(self._opened_for_writing(), jobs)
            if not self.is_ghost():
                return outcomes

    def _committed(self, database: sqlite3.Connection, jobs: list[Job[Any]]) -> list[Any]:
        try:
            database.execute("BEGIN IMMEDIATE")
            outcomes = [job(database) for job in jobs]
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.rollback()
        return outcomes

    def _opened_for_writing(self) -> sqlite3.Connection:
        if self._writing is not None and self.is_ghost():
            self._let_go(self._writing)
        if self._writing is None:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640))
            file = sqlite.inode(self._path)  # before it is opened: should it be replaced meanwhile
            writing = _prepared(_connect(self._path))
            self._identity = sqlite.Identity(file, sqlite.identity(self._path).sides)
            self._writing = writing
            self._generation += 1
        return self._writing

    def _let_go(self, ghost: sqlite3.Connection) -> None:
        """Close what has lost its name, with what reads it, and move aside what would spoil a new file."""
        ghost.close()
        self._writing = None
        self._reader.submit(self._close_reading).result()  # who reads never waits for who writes
        log.error(sqlite.GHOST, extra={"path": str(self._path)})
        if sqlite.inode(self._path) is None:
            self._path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            sqlite.set_aside(self._path, self._clock.now())

    def _replace(self, error: sqlite3.DatabaseError) -> None:
        """Move the damaged file aside, with what belongs to it."""
        if self._writing is not None:
            self._writing.close()
            self._writing = None
        aside = sqlite.set_aside(self._path, self._clock.now())
        log.error("the database is damaged; a new one is begun", extra={"problem": str(error), "moved_to": str(aside)})

    def _report(self, problem: str) -> None:
        if problem and not self._problem:
            log.error("the database cannot be written", extra={"path": str(self._path), "problem": problem})
        elif self._problem and not problem:
            log.info("the database is written again", extra={"path": str(self._path)})
        self._problem = problem


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file; a connection is used by one thread at a time, but made by another."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, isolation_level=None, check_same_thread=False, uri=True)
    connection.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
    return connection


def _prepared(database: sqlite3.Connection) -> sqlite3.Connection:
    """Return a connection that may write, to a file that has its tables; a failure closes it."""
    with ExitStack() as undone:
        undone.callback(database.close)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(f"PRAGMA journal_size_limit = {MAX_WAL_BYTES}")
        database.execute("BEGIN IMMEDIATE")
        tables.create(database)
        database.execute("COMMIT")
        undone.pop_all()
    return database

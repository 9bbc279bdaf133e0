"""The backend's file: many requests to a transaction, and what is done when the disk fails or the file is damaged."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.backend.store import Store, UnavailableError
from volspike.backend.tables import OtherReleaseError
from volspike.state import sqlite as sqlite_files

CLOCK = MovedClock(anchor=NOW)


def put(key: str) -> Callable[[Connection], str]:
    def job(database: Connection) -> str:
        database.execute("INSERT INTO answers (route, key, at, body) VALUES ('/', ?, 1, x'')", (key,))
        return key

    return job


def keys(database: Connection) -> list[str]:
    return [key for (key,) in database.execute("SELECT key FROM answers ORDER BY key")]


def fail(_: Connection) -> None:
    raise ZeroDivisionError


async def written(store: Store, *jobs: Callable[[Connection], Any]) -> list[Any]:
    return await asyncio.gather(*[store.write(job) for job in jobs], return_exceptions=True)


def kept(store: Store) -> list[str]:
    return asyncio.run(store.read(keys))


def test_requests_that_arrive_together_share_transactions_and_each_gets_its_own_answer(store: Store) -> None:
    statements: list[str] = []

    def watch(database: Connection) -> None:
        database.set_trace_callback(statements.append)

    names = [f"{number:03}" for number in range(300)]
    assert asyncio.run(written(store, watch, *map(put, names)))[1:] == names

    assert kept(store) == names
    assert 1 <= statements.count("COMMIT") <= 3


def test_what_arrives_meanwhile_goes_into_the_next_transaction(store: Store) -> None:
    async def staggered() -> list[Any]:
        first = asyncio.create_task(store.write(put("a")))
        await asyncio.sleep(0.005)
        return [*await written(store, put("b"), put("c")), await first]

    assert asyncio.run(staggered()) == ["b", "c", "a"]
    assert kept(store) == ["a", "b", "c"]


def test_a_job_that_breaks_undoes_its_transaction_and_the_next_is_none_the_worse(store: Store) -> None:
    outcomes = asyncio.run(written(store, put("a"), fail))

    assert all(isinstance(outcome, ZeroDivisionError) for outcome in outcomes)
    assert asyncio.run(written(store, put("b"))) == ["b"]
    assert kept(store) == ["b"]


def test_a_client_that_goes_away_does_not_take_the_others_with_it(store: Store) -> None:
    async def one_leaves() -> str:
        leaving, staying = (asyncio.create_task(store.write(put(key))) for key in "ab")
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    assert asyncio.run(one_leaves()) == "b"
    assert kept(store) == ["a", "b"]


def test_whoever_reads_cannot_write(store: Store) -> None:
    with pytest.raises(UnavailableError, match="readonly"):
        asyncio.run(store.read(put("a")))


def test_what_was_written_survives_and_is_for_the_group_alone(store: Store, tmp_path: Path) -> None:
    asyncio.run(written(store, put("a")))
    store.close()

    again = Store(tmp_path / "backend.db", CLOCK)

    assert kept(again) == ["a"]
    assert (tmp_path / "backend.db").stat().st_mode & 0o007 == 0
    again.close()


def test_a_directory_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No such file"):
        Store(tmp_path / "missing" / "backend.db", CLOCK)


def test_a_full_disk_is_told_of_once_and_so_is_its_end(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    def fill(database: Connection) -> None:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")

    def empty(database: Connection) -> None:
        database.execute("PRAGMA max_page_count = 1000000")

    large = put("x" * 100_000)
    asyncio.run(written(store, fill))
    for _ in range(3):
        (refused,) = asyncio.run(written(store, large))
        assert isinstance(refused, UnavailableError)
    asyncio.run(written(store, empty))
    asyncio.run(written(store, put("a")))

    assert kept(store) == ["a"]
    assert [message for message in caplog.messages if "database" in message].count(
        "the database cannot be written"
    ) >= 1
    assert caplog.messages[-1] == "the database is written again"


@pytest.mark.parametrize("content", [b"this is no database, but text" * 100, b"SQLite format 3\x00" + b"\xff" * 8192])
def test_a_file_that_is_no_database_is_moved_aside_and_a_new_one_begun(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "backend.db"
    path.write_bytes(content)

    store = Store(path, CLOCK)

    assert asyncio.run(written(store, put("a"))) == ["a"]
    assert (tmp_path / f"backend.db.corrupt-{int(NOW)}").read_bytes() == content
    assert caplog.messages == ["the database is damaged; a new one is begun"]
    store.close()


def test_a_file_whose_tables_are_damaged_is_replaced_by_the_first_who_writes(store: Store, tmp_path: Path) -> None:
    asyncio.run(written(store, put("a")))
    assert kept(store) == ["a"]
    store.close()
    path = tmp_path / "backend.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)

    again = Store(path, CLOCK)

    assert asyncio.run(written(again, put("b"))) == ["b"]
    assert kept(again) == ["b"]
    assert list(tmp_path.glob("backend.db.corrupt-*"))
    again.close()


SUFFIXES = ("", "-wal", "-shm")


def remove(directory: Path, suffixes: Sequence[str]) -> None:
    for suffix in suffixes:
        (directory / f"backend.db{suffix}").unlink()


@pytest.mark.parametrize("suffixes", [SUFFIXES, [""], ["", "-shm"], ["-shm"], ["-wal", "-shm"]])
def test_a_file_that_was_removed_while_it_is_open_is_begun_anew(
    store: Store, tmp_path: Path, suffixes: Sequence[str], caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(written(store, put("before")))
    assert kept(store) == ["before"]
    remove(tmp_path, suffixes)

    assert asyncio.run(written(store, put("after"))) == ["after"]
    assert "after" in kept(store)
    assert "after" in seen_by_others(tmp_path)
    assert caplog.messages.count(sqlite_files.GHOST) == 1


def test_who_reads_notices_too_that_the_file_is_another(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(written(store, put("before")))
    assert kept(store) == ["before"]
    remove(tmp_path, SUFFIXES)

    assert kept(store) == []
    assert kept(store) == []

    assert caplog.messages == [sqlite_files.GHOST]


def test_what_went_into_a_file_that_was_removed_meanwhile_is_done_again(store: Store, tmp_path: Path) -> None:
    asyncio.run(written(store, put("before")))

    def put_and_remove(database: Connection) -> str:
        if keys(database) == ["before"]:
            remove(tmp_path, SUFFIXES)
        return put("meanwhile")(database)

    assert asyncio.run(written(store, put_and_remove)) == ["meanwhile"]
    assert seen_by_others(tmp_path) == ["meanwhile"]


def test_a_directory_that_is_removed_is_made_again_and_one_that_cannot_be_is_told(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(tmp_path)
    assert store.is_ghost()
    assert asyncio.run(written(store, put("a"))) == ["a"]
    assert not store.is_ghost()
    assert not store.is_lost()
    shutil.rmtree(tmp_path)
    tmp_path.touch()

    assert isinstance(asyncio.run(written(store, put("b")))[0], UnavailableError)

    assert store.is_lost()
    assert caplog.messages == [sqlite_files.GHOST, sqlite_files.GHOST, "the database cannot be written"]


def seen_by_others(directory: Path) -> list[str]:
    with closing(sqlite3.connect(directory / "backend.db")) as database:
        return keys(database)


def test_a_file_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "backend.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")

    with pytest.raises(OtherReleaseError, match="version 99 found, 1 understood"):
        Store(path, CLOCK)

"""The outbox's file: whole transactions, and a file that is replaced while others have it open."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.examples import NOW
from tests.unit.state.test_file import disk_that_holds
from volspike.clients.errors import Permanent, Transient
from volspike.delivery import database as database_module
from volspike.delivery.database import Damaged, Database, Missing, replace_if_damaged
from volspike.state import sqlite as state_sqlite

PAUSE = "INSERT INTO pauses VALUES (?, 0.0, 'HTTP 401', '')"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(path)
    yield opened
    opened.close()


def pause(database: Database, destination: str) -> None:
    database.transact(lambda connection: connection.execute(PAUSE, [destination]))


def paused(database: Database) -> list[str]:
    return database.read(paused_in)


def paused_in(connection: sqlite3.Connection) -> list[str]:
    return [destination for (destination,) in connection.execute("SELECT destination FROM pauses")]


def spoil(path: Path) -> None:
    """Overwrite the file with what is no database."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"not a database" * 1000)


def test_it_survives_what_a_power_cut_leaves(database: Database, path: Path) -> None:
    pause(database, "backend")

    modes = database.read(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]
    )
    assert modes == ["wal", 2]
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_log_of_a_great_transaction_does_not_stay_as_large(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "JOURNAL_BYTES", 100_000)
    log = path.with_name("outbox.db-wal")
    pause(database, "x" * 5_000_000)
    assert log.stat().st_size > 5_000_000

    pause(database, "backend")
    pause(database, "telegram")

    assert log.stat().st_size < 200_000


def test_a_transaction_that_fails_has_changed_nothing(database: Database) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute(PAUSE, ["backend"])
        raise ValueError("meanwhile")

    with pytest.raises(ValueError, match="meanwhile"):
        database.transact(fail)

    assert paused(database) == []


def test_a_mistake_in_the_sql_is_a_mistake(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        database.read(lambda connection: connection.execute("SELECT nothing FROM nowhere"))


def test_a_file_that_another_process_keeps_locked_is_opened_and_read_all_the_same(
    path: Path, database: Database
) -> None:
    database.transact(lambda _: None)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    another = Database(path, busy_seconds=0.01)

    (found,) = another.read(lambda connection: connection.execute("SELECT COUNT(*) FROM deliveries").fetchone())

    assert found == 0
    another.close()
    holder.close()


def test_another_process_that_keeps_it_locked_is_a_passing_trouble(path: Path) -> None:
    database = Database(path, busy_seconds=0.01)
    pause(database, "backend")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(Transient, match="locked"):
            pause(database, "telegram")
    finally:
        other.close()

    pause(database, "telegram")
    database.close()


def test_a_file_of_another_release_is_left_alone(database: Database, path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()

    with pytest.raises(Permanent, match="version 2 found, 1 understood"):
        paused(database)


def test_where_it_must_not_be_made_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(Transient, match="there is no outbox at"):
        paused(Database(path, create=False))

    assert not path.parent.exists()


def test_a_damaged_file_is_told_from_a_full_disk(database: Database, path: Path) -> None:
    pause(database, "backend")
    database.close()
    spoil(path)

    with pytest.raises(Damaged, match="not a database"):
        paused(database)


def test_a_damaged_file_is_moved_aside_with_what_belongs_to_it(database: Database, path: Path) -> None:
    pause(database, "backend")
    database.close()
    spoil(path)

    aside = replace_if_damaged(path, NOW)

    assert aside == path.with_name(f"outbox.db.corrupt-{int(NOW)}")
    assert aside.read_bytes().startswith(b"not a database")
    assert os.listdir(path.parent) == [aside.name]
    assert paused(database) == []


def test_a_page_that_is_damaged_inside_is_found(database: Database, path: Path) -> None:
    for number in range(200):
        pause(database, f"{number} {'x' * 100}")
    database.close()
    content = bytearray(path.read_bytes())
    content[-8192:-4096] = os.urandom(4096)
    path.write_bytes(content)

    assert replace_if_damaged(path, NOW) is not None


def test_a_sound_file_and_a_missing_one_stay(database: Database, path: Path) -> None:
    assert replace_if_damaged(path, NOW) is None
    pause(database, "backend")

    assert replace_if_damaged(path, NOW) is None
    assert paused(database) == ["backend"]


def test_a_replacement_that_was_cut_short_is_finished(database: Database, path: Path) -> None:
    path.parent.mkdir()
    wal = path.with_name("outbox.db-wal")
    wal.write_bytes(b"the log of a file that is gone")

    with pytest.raises(Damaged, match="is gone and its log is left"):
        pause(database, "backend")
    assert replace_if_damaged(path, NOW) is not None

    assert not wal.exists()
    pause(database, "backend")


def test_a_damaged_file_that_cannot_be_moved_is_reported(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 1000)
    path.with_name(f"outbox.db.corrupt-{int(NOW)}").mkdir()

    with pytest.raises(Transient, match="cannot be moved aside"):
        replace_if_damaged(path, NOW)


def test_who_has_the_old_file_open_goes_on_in_the_new_one(database: Database, path: Path) -> None:
    pause(database, "before")
    path.rename(path.with_name("aside"))
    for suffix in ("-wal", "-shm"):
        path.with_name(f"outbox.db{suffix}").rename(path.with_name(f"aside{suffix}"))

    pause(database, "after")

    assert paused(database) == ["after"]
    assert database.generation == 2


def test_a_transaction_into_a_file_that_is_moved_meanwhile_is_made_again(database: Database, path: Path) -> None:
    pause(database, "before")

    def move_and_pause(connection: sqlite3.Connection) -> None:
        connection.execute(PAUSE, ["meanwhile"])
        if path.exists() and not path.with_name("aside").exists():
            path.rename(path.with_name("aside"))
            for suffix in ("-wal", "-shm"):
                path.with_name(f"outbox.db{suffix}").rename(path.with_name(f"aside{suffix}"))

    database.transact(move_and_pause)

    assert paused(database) == ["meanwhile"]


def test_a_file_that_was_removed_is_told_of_and_a_new_one_is_made(
    database: Database, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pause(database, "before")
    shutil.rmtree(path.parent)

    assert paused(database) == []

    pause(database, "after")
    assert paused(Database(path)) == ["after"]
    assert caplog.messages == [state_sqlite.GHOST]
    assert vars(caplog.records[0])["path"] == str(path)


def test_a_transaction_into_a_file_that_is_removed_meanwhile_is_made_again(database: Database, path: Path) -> None:
    pause(database, "before")

    def remove_and_pause(connection: sqlite3.Connection) -> None:
        connection.execute(PAUSE, ["meanwhile"])
        if paused_in(connection) == ["before", "meanwhile"]:
            shutil.rmtree(path.parent)

    database.transact(remove_and_pause)

    assert paused(Database(path)) == ["meanwhile"]


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_who_writes_where_the_log_was_removed_is_told_and_goes_on_in_a_new_one(
    database: Database, path: Path, suffix: str
) -> None:
    pause(database, "before")
    path.with_name(path.name + suffix).unlink()

    with pytest.raises(Damaged, match="was removed or replaced while it was open"):
        pause(database, "lost")

    pause(database, "after")
    assert "after" in paused(database)


def test_who_only_reads_goes_on_where_the_log_was_removed(database: Database, path: Path) -> None:
    pause(database, "before")
    database.close()
    reader = Database(path, create=False, read_only=True)
    assert paused(reader) == ["before"]
    for side in state_sqlite.SIDE_FILES:
        path.with_name(path.name + side).unlink()

    assert paused(reader) == ["before"]
    assert reader.generation == 2
    reader.close()


def test_after_an_error_the_file_is_opened_anew(database: Database) -> None:
    pause(database, "backend")
    with disk_that_holds(100), pytest.raises(Transient):
        pause(database, "x" * 10_000)

    pause(database, "telegram")

    assert database.generation == 2
    assert paused(database) == ["backend", "telegram"]


def test_who_only_reads_sees_what_is_written_and_can_write_nothing(database: Database, path: Path) -> None:
    pause(database, "a")
    reader = Database(path, create=False, read_only=True)

    assert paused(reader) == ["a"]
    pause(database, "b")
    assert paused(reader) == ["a", "b"]
    with pytest.raises(Transient, match="readonly"):
        pause(reader, "mine")
    assert paused(database) == ["a", "b"]
    reader.close()


def test_who_only_reads_makes_no_tables_in_a_file_that_was_just_made(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    reader = Database(path, create=False, read_only=True)

    with pytest.raises(Missing):
        paused(reader)

    assert path.stat().st_size == 0

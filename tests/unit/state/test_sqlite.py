"""Files of SQLite: damage told from other errors, and moved aside whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.examples import NOW
from volspike.state import sqlite


def error_of(path: Path, statement: str, *, mode: str = "rw") -> sqlite3.DatabaseError:
    uri = f"{path.as_uri()}?mode={mode}"
    with pytest.raises(sqlite3.DatabaseError) as failed, closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.execute(statement)
    return failed.value


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"not a database" * 1000)

    assert sqlite.is_damage(error_of(path, "SELECT 1 FROM sqlite_schema"))


def test_a_file_that_may_not_be_written_is_not(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.touch()
    error = error_of(path, "CREATE TABLE told (what TEXT)", mode="ro")

    assert not sqlite.is_damage(error)
    assert sqlite.code(error) == sqlite3.SQLITE_READONLY


def test_what_sqlite_gives_no_code_for_is_no_damage() -> None:
    assert not sqlite.is_damage(sqlite3.ProgrammingError("Cannot operate on a closed database."))


def test_a_file_that_was_replaced_or_has_lost_its_log_is_another(tmp_path: Path) -> None:
    path, aside = tmp_path / "outbox.db", tmp_path / "aside"
    for name in ("outbox.db", "outbox.db-wal"):
        (tmp_path / name).touch()
    opened = sqlite.identity(path)
    assert sqlite.identity(path) == opened
    assert opened.sides[1] is None

    (tmp_path / "outbox.db-wal").rename(aside)
    assert sqlite.identity(path) == sqlite.Identity(opened.file, (None, None))
    path.rename(aside)
    assert sqlite.identity(path).file is None
    path.touch()
    assert sqlite.identity(path).file not in (opened.file, None)


@pytest.mark.parametrize("names", [("outbox.db", "outbox.db-wal", "outbox.db-shm"), ("outbox.db",), ("outbox.db-wal",)])
def test_a_file_goes_aside_with_what_belongs_to_it(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text(name)

    aside = sqlite.set_aside(tmp_path / "outbox.db", NOW)

    assert aside == tmp_path / f"outbox.db.corrupt-{int(NOW)}"
    moved = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert moved == {name.replace("outbox.db", aside.name): name for name in names}

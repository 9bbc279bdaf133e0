"""A state directory with what a suite keeps there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from volspike.state import documents


def database(path: Path, *values: str) -> None:
    """Make a database of one table in SQLite's own log mode, as the suite's are."""
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE told (what TEXT)")
        made.executemany("INSERT INTO told VALUES (?)", [(value,) for value in values])
        made.commit()


def told(path: Path) -> list[str]:
    """Return what is in such a database."""
    with closing(sqlite3.connect(path)) as opened:
        return [what for (what,) in opened.execute("SELECT what FROM told")]


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """A state directory."""
    directory = tmp_path / "state"
    directory.mkdir()
    database(directory / documents.OUTBOX, "alert")
    database(directory / documents.BACKEND, "row")
    (directory / documents.VOLUME_ALERTS).write_text('{"version":1}')
    key = directory / documents.BACKEND_KEY
    key.write_text("secret")
    key.chmod(0o600)
    return directory


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """Where backups go; not there yet."""
    return tmp_path / "backups"

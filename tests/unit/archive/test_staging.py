"""A copy of the state directory that fits together."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.archive.conftest import database, told
from volspike.archive import staging
from volspike.archive.errors import BackupError
from volspike.state import documents


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    directory = tmp_path / "staged"
    directory.mkdir()
    return directory


def test_memories_come_before_the_outbox_and_the_backend_last(state_dir: Path, staged: Path) -> None:
    turns: list[str] = []

    parts = staging.stage(state_dir, staged, turns.append)

    names = [documents.BACKEND_KEY, documents.VOLUME_ALERTS, documents.OUTBOX, documents.BACKEND]
    assert turns == [part.name for part in parts] == names
    assert parts[0].mode == 0o600
    assert told(staged / documents.OUTBOX) == ["alert"]


def test_what_is_no_memory_is_left_out(state_dir: Path, staged: Path) -> None:
    left_out = [".outbox.lock", ".x.json.1-2.tmp", "outbox.db-wal.corrupt-1", "outbox.db.corrupt-1"]
    for name in (*left_out, documents.EMERGENCY_STOP):
        (state_dir / name).touch()
    (state_dir / "before-restore-1").mkdir()
    (state_dir / "link").symlink_to(documents.VOLUME_ALERTS)

    parts = staging.stage(state_dir, staged, lambda _: None)

    assert len(parts) == 4


def test_what_is_only_in_the_log_of_a_database_that_is_being_written_is_copied_too(
    state_dir: Path, staged: Path
) -> None:
    with closing(sqlite3.connect(state_dir / documents.OUTBOX, isolation_level=None)) as writer:
        writer.execute("INSERT INTO told VALUES ('just now')")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO told VALUES ('not committed')")

        staging.copy_database(state_dir / documents.OUTBOX, staged / "copy")

        writer.execute("COMMIT")
    assert told(staged / "copy") == ["alert", "just now"]
    assert [path.name for path in staged.iterdir()] == ["copy"], "one file, whole by itself"


def test_a_file_that_goes_while_it_is_copied_is_left_out(state_dir: Path, staged: Path) -> None:
    def lose(name: str) -> None:
        (state_dir / documents.VOLUME_ALERTS).unlink(missing_ok=True)

    assert documents.VOLUME_ALERTS not in [part.name for part in staging.stage(state_dir, staged, lose)]


def test_a_file_that_goes_while_the_room_for_it_is_counted_needs_none(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [*staging.kept(state_dir), state_dir / "gone"]
    monkeypatch.setattr(staging, "kept", lambda _: found)

    assert staging.size_bytes(state_dir) == sum(path.stat().st_size for path in found[:-1])


def test_a_damaged_database_is_no_backup(state_dir: Path, staged: Path) -> None:
    database(state_dir / "large.db", *("x" * 5000 for _ in range(50)))
    with (state_dir / "large.db").open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)

    with pytest.raises(BackupError, match=r"large\.db"):
        staging.stage(state_dir, staged, lambda _: None)

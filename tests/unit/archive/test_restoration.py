"""Taking a backup back: all of it or nothing."""

import io
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.archive.conftest import told
from volspike.archive import making, restoration
from volspike.archive.errors import BackupError
from volspike.state import documents, emergency

NOW = 1_764_724_344.0


def quiet(_: str) -> None:
    """Nobody watches."""


def content(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


@pytest.fixture
def backup(state_dir: Path, backups: Path, tmp_path: Path) -> bytes:
    env_file = tmp_path / "settings"
    env_file.write_text("SECRET=1\n")
    return making.make(state_dir, backups, env_file, "1.0", NOW, progress=quiet).path.read_bytes()


def test_an_empty_machine_gets_everything_but_the_settings(backup: bytes, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh" / "state"

    manifest = restoration.unpack(io.BytesIO(backup), fresh, quiet)
    restoration.take(fresh)

    names = {documents.OUTBOX, documents.BACKEND, documents.VOLUME_ALERTS, documents.BACKEND_KEY}
    assert content(fresh).keys() == names
    assert {part.name for part in manifest.parts} == names | {"volspike.env"}
    assert told(fresh / documents.OUTBOX) == ["alert"]
    assert (fresh / documents.BACKEND_KEY).stat().st_mode & 0o777 == 0o600


def test_what_was_there_is_kept_aside_and_locks_and_an_emergency_stop_stay(backup: bytes, state_dir: Path) -> None:
    (state_dir / documents.VOLUME_ALERTS).write_text("newer")
    (state_dir / ".outbox.lock").touch()
    (state_dir / documents.EMERGENCY_STOP).touch()

    restoration.unpack(io.BytesIO(backup), state_dir, quiet)
    aside = restoration.take(state_dir)

    assert (aside / documents.VOLUME_ALERTS).read_text() == "newer"
    assert (state_dir / documents.VOLUME_ALERTS).read_text() == '{"version":1}'
    assert (state_dir / ".outbox.lock").exists()
    assert emergency.is_on(state_dir)
    assert not documents.is_half_restored(state_dir)


def test_a_backup_that_is_cut_off_changes_nothing(backup: bytes, state_dir: Path) -> None:
    before = content(state_dir)

    with pytest.raises(BackupError, match="damaged or cut off"):
        restoration.unpack(io.BytesIO(backup[: len(backup) // 2]), state_dir, quiet)
    restoration.discard(state_dir)

    assert content(state_dir) == before
    assert not (state_dir / documents.RESTORE_UNPACKING).exists()


def test_one_for_which_there_is_no_room_is_refused_before_it_takes_any(
    state_dir: Path, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state_dir / "large.json").write_bytes(bytes(3_000_000))
    backup = making.make(state_dir, backups, None, "1.0", NOW, progress=quiet).path.read_bytes()
    asked: list[Path] = []

    def disk_usage(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(free=66_500_000)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)

    message = rf"^it needs 3\.\d MB, and 64 MB are to stay free; 66\.5 MB are free for {state_dir}: free some first$"
    with pytest.raises(BackupError, match=message):
        restoration.unpack(io.BytesIO(backup), state_dir, quiet)

    assert asked == [state_dir]
    assert list((state_dir / documents.RESTORE_UNPACKING).iterdir()) == []


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_one_that_was_killed_after_it_was_decided_is_finished_by_the_next(
    backup: bytes, state_dir: Path, moved: int
) -> None:
    (state_dir / documents.VOLUME_ALERTS).write_text("newer")
    restoration.unpack(io.BytesIO(backup), state_dir, quiet)
    decided = (state_dir / documents.RESTORE_UNPACKING).rename(state_dir / documents.RESTORE_DECIDED)
    aside = state_dir / f"before-restore-{int(decided.stat().st_mtime)}"
    aside.mkdir()
    for name in [documents.VOLUME_ALERTS, documents.OUTBOX][:moved]:
        (state_dir / name).rename(aside / name)
    assert documents.is_half_restored(state_dir)

    assert restoration.finish(state_dir) == aside

    assert (aside / documents.VOLUME_ALERTS).read_text() == "newer"
    assert content(aside).keys() >= {documents.OUTBOX, documents.BACKEND, documents.VOLUME_ALERTS}
    assert (state_dir / documents.VOLUME_ALERTS).read_text() == '{"version":1}'
    assert not documents.is_half_restored(state_dir)


def test_one_that_was_killed_while_it_moved_in_is_finished_by_the_next(backup: bytes, state_dir: Path) -> None:
    restoration.unpack(io.BytesIO(backup), state_dir, quiet)
    aside = state_dir / "before-restore-1764724344"
    aside.mkdir()
    for path in list(state_dir.iterdir()):
        if path.is_file():
            path.rename(aside / path.name)
    cleared = (state_dir / documents.RESTORE_UNPACKING).rename(state_dir / documents.RESTORE_CLEARED)
    (cleared / documents.OUTBOX).rename(state_dir / documents.OUTBOX)

    assert restoration.finish(state_dir) == aside

    assert told(state_dir / documents.OUTBOX) == ["alert"]
    assert content(state_dir).keys() <= content(aside).keys()
    assert not documents.is_half_restored(state_dir)

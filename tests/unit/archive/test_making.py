"""Making a backup, and keeping the right ones."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from volspike.archive import making, packing
from volspike.archive.errors import BackupError
from volspike.archive.making import Backup
from volspike.state import documents, file

NOW = 1_764_724_344.0
DAY = 86_400


def make(state_dir: Path, backups: Path, now: float = NOW, env_file: Path = Path("/nowhere")) -> Backup:
    return making.make(state_dir, backups, env_file, "1.0", now, progress=lambda _: None)


def test_a_backup_has_its_instant_in_its_name_and_is_its_owner_s_alone(state_dir: Path, backups: Path) -> None:
    made = make(state_dir, backups)

    assert made.path == backups / "volspike-2025-12-03T011224Z.tar.gz"
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert making.listing(backups) == [made]
    assert sorted(path.name for path in backups.iterdir()) == [making.LOCK, made.path.name]


def test_the_settings_are_in_it_where_there_are_any(state_dir: Path, backups: Path, tmp_path: Path) -> None:
    env_file = tmp_path / "settings"
    env_file.write_text("VOLSPIKE_API_KEY=secret\n")

    made = make(state_dir, backups, env_file=env_file)

    with made.path.open("rb") as content:
        assert packing.read(content, tmp_path / "backups", lambda _: None).parts[-1].name == "volspike.env"
    assert (backups / "volspike.env").read_text() == "VOLSPIKE_API_KEY=secret\n"


def test_one_that_fails_leaves_the_old_ones_and_nothing_of_its_own(state_dir: Path, backups: Path) -> None:
    old = make(state_dir, backups)
    (state_dir / "broken.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    with pytest.raises(BackupError, match=r"broken\.db"):
        make(state_dir, backups, NOW + 60)

    assert sorted(path.name for path in backups.iterdir()) == [making.LOCK, old.path.name]


def test_one_that_would_fill_the_disk_is_not_begun(
    state_dir: Path, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state_dir / "large").write_bytes(bytes(1_000_000))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=66_000_000))
    begun: list[str] = []

    message = rf"^it needs 2\.\d MB, and 64 MB are to stay free; 66\.0 MB are free for {backups}: free some first$"
    with pytest.raises(BackupError, match=message):
        making.make(state_dir, backups, None, "1.0", NOW, progress=begun.append)

    assert begun == []
    assert [path.name for path in backups.iterdir()] == [making.LOCK]


def test_what_a_killed_one_has_left_goes_with_the_next(state_dir: Path, backups: Path) -> None:
    leftover = backups / f"{making.UNFINISHED}x" / "staged"
    leftover.mkdir(parents=True)

    make(state_dir, backups)

    assert not leftover.parent.exists()


def test_what_is_backed_up_takes_no_backups_whatever_its_name(state_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(state_dir)

    with pytest.raises(BackupError, match=r"link is what is backed up: choose another directory$"):
        make(state_dir, tmp_path / "link")


def test_two_at_once_are_one_too_many(state_dir: Path, backups: Path) -> None:
    backups.mkdir()
    lock = file.hold(backups / making.LOCK)
    assert lock is not None

    with pytest.raises(BackupError, match=f"another backup or a restore is under way in {backups}"):
        make(state_dir, backups)

    os.close(lock)


@pytest.mark.parametrize("mark", [documents.RESTORE_DECIDED, documents.RESTORE_CLEARED])
def test_half_a_restore_is_no_state_to_back_up(state_dir: Path, backups: Path, mark: str) -> None:
    (state_dir / mark).mkdir()

    with pytest.raises(BackupError, match="volspike restore --finish"):
        make(state_dir, backups)

    assert making.listing(backups) == []


def test_the_oldest_go_and_what_is_no_backup_stays(state_dir: Path, backups: Path) -> None:
    made = [make(state_dir, backups, NOW - day * DAY) for day in range(4)]
    (backups / "volspike-mine.tar.gz").touch()

    gone = making.rotate(backups, 2, NOW)

    assert gone == [made[2].path, made[3].path]
    assert making.listing(backups) == made[:2]
    assert (backups / "volspike-mine.tar.gz").exists()


def test_an_impossible_day_in_a_name_is_no_backup(backups: Path) -> None:
    backups.mkdir()
    (backups / "volspike-2025-02-30T011224Z.tar.gz").touch()
    (backups / "volspike-2025-12-03T991224Z.tar.gz").touch()

    assert making.listing(backups) == []


def test_what_is_dated_into_the_future_does_not_hide_the_newest(state_dir: Path, backups: Path) -> None:
    made = make(state_dir, backups)
    (backups / making.name_of(NOW + DAY)).touch()

    assert making.newest(backups, NOW) == made
    assert making.newest(backups, NOW - 1) is None


def test_while_another_works_on_the_state_directory_nothing_of_it_is_copied(state_dir: Path, backups: Path) -> None:
    lock = file.hold(state_dir / making.LOCK)
    assert lock is not None

    with pytest.raises(BackupError, match=f"under way in {state_dir}: wait"):
        make(state_dir, backups)

    os.close(lock)
    assert making.listing(backups) == []


def test_where_there_is_no_directory_there_are_no_backups(backups: Path) -> None:
    assert making.listing(backups) == []

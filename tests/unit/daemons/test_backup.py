"""The backup of each day."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from volspike.archive import making
from volspike.daemons.backup import run
from volspike.model.documents import Heartbeat
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents


def test_it_makes_one_says_so_and_removes_the_oldest(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    place = settings(backup_keep_days=1)
    directory = documents.backups_directory(place.state_dir)
    directory.mkdir()
    old = directory / making.name_of(place.clock.now() - 3 * 86_400)
    old.touch()

    assert run(daemon, place, True) == 0

    (made,) = making.listing(directory)
    beat = documents.decode(documents.heartbeat_path(place.runtime_dir, "funding-ws").read_bytes(), Heartbeat)
    metrics = daemon.metrics.text()
    assert not old.exists()
    assert beat.status == f"{made.path.name} made and verified, 0.0 MB"
    assert beat.next_due - beat.at >= 86_400
    assert "volspike_backup_timestamp_seconds" in metrics
    assert f'volspike_backup_size_bytes{{daemon="funding-ws"}} {made.size_bytes:.1f}' in metrics


def test_a_suite_of_one_s_own_has_the_settings_of_its_folder_in_it(
    daemon: Daemon, settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = settings()
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LOG_LEVEL=INFO\n")

    assert run(daemon, place, True) == 0

    (made,) = making.listing(documents.backups_directory(place.state_dir))
    with tarfile.open(made.path) as archive:
        assert making.SETTINGS in archive.getnames()


def test_one_that_cannot_be_made_is_a_failure_for_systemd_to_try_again(
    daemon: Daemon, settings: Callable[..., Settings]
) -> None:
    place = settings()
    directory = documents.backups_directory(place.state_dir)
    directory.write_text("a file where the directory should be")

    assert run(daemon, place, True) == 1

    beat = documents.decode(documents.heartbeat_path(place.runtime_dir, "funding-ws").read_bytes(), Heartbeat)
    assert beat.status == f"no backup could be made: {directory}: File exists"

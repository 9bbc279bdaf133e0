"""Whose files are."""

import grp
import os
import pwd
from pathlib import Path

import pytest

from volspike.clients.local import ownership
from volspike.model.diagnosis import Place

ME, MINE = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def test_owner_group_and_mode_are_seen(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    (tmp_path / "file").write_text("")

    seen = ownership.look(Place(str(tmp_path), ME, MINE, 0o750))

    assert seen == Place(str(tmp_path), ME, MINE, 0o750, actual_owner=ME, actual_group=MINE, actual_mode=0o750)


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    seen = ownership.look(Place(str(tmp_path / "none"), ME, MINE, 0o750))

    assert seen is not None
    assert not seen.exists


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_strangers_in_a_directory_are_named_and_an_unknown_owner_is_a_number(tmp_path: Path) -> None:
    (tmp_path / "ours").write_text("")
    (tmp_path / "theirs").write_text("")
    os.chown(tmp_path / "theirs", 54321, 54321)

    directory = ownership.look(Place(str(tmp_path), ME, MINE, 0o750))
    stranger = ownership.look(Place(str(tmp_path / "theirs"), ME, MINE, 0o750))

    assert directory is not None
    assert directory.strangers == ("theirs",)
    assert stranger is not None
    assert (stranger.actual_owner, stranger.actual_group) == ("54321", "54321")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_what_a_file_system_brings_along_at_its_root_is_no_stranger(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    os.chown(tmp_path, 54321, 54321)

    disk = ownership.look(Place(str(tmp_path), "volspike", "volspike", 0o750))

    assert disk is not None
    assert (disk.actual_owner, disk.strangers) == ("54321", ())


def test_what_one_may_not_see_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> os.stat_result:
        raise PermissionError

    monkeypatch.setattr(Path, "stat", refuse)

    assert ownership.look(Place("/etc/volspike/volspike.env", "root", "volspike", 0o640)) is None

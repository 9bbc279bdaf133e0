"""Room on a disk, before it is used."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from volspike.archive import room
from volspike.archive.errors import BackupError


@pytest.mark.parametrize(("free", "enough"), [(64_000_001, True), (64_000_000, False)])
def test_what_would_leave_a_suite_no_room_to_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, enough: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))

    if enough:
        room.require(tmp_path, 1)
        return
    with pytest.raises(BackupError, match=r"64 MB are to stay free; 64\.0 MB are free for"):
        room.require(tmp_path, 1)

"""The flag of an emergency stop: it holds as long as its file is there."""

import os
import resource
from pathlib import Path

import pytest

from volspike.model.documents import VERSION, EmergencyStop
from volspike.state import documents, emergency

STOP = EmergencyStop(VERSION, 1_764_724_344.0, "too many alerts")


def test_it_holds_from_its_begin_to_its_end(tmp_path: Path) -> None:
    assert (emergency.is_on(tmp_path), emergency.read(tmp_path)) == (False, None)

    emergency.begin(tmp_path, STOP)
    assert (emergency.is_on(tmp_path), emergency.read(tmp_path)) == (True, STOP)

    assert emergency.end(tmp_path)
    assert not emergency.is_on(tmp_path)
    assert not emergency.end(tmp_path), "there was none any more"


def test_it_can_be_ordered_before_there_is_a_state_directory(tmp_path: Path) -> None:
    emergency.begin(tmp_path / "state", STOP)

    assert emergency.read(tmp_path / "state") == STOP


def test_a_disk_without_room_for_its_words_does_not_hinder_it(tmp_path: Path) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, former[1]))
    try:
        emergency.begin(tmp_path, STOP)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)

    assert emergency.is_on(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b'{"version":9,"since":1}', b"[]"])
def test_it_holds_whatever_is_in_the_file(tmp_path: Path, content: bytes) -> None:
    flag = tmp_path / documents.EMERGENCY_STOP
    flag.write_bytes(content)
    os.utime(flag, (1000.0, 1000.0))

    assert emergency.is_on(tmp_path)
    assert emergency.read(tmp_path) == EmergencyStop(VERSION, 1000.0)

"""How full this machine is, in shares that lie between nothing and all, and how long its CPUs have worked."""

import os
from pathlib import Path

from tests.unit.examples import NOW
from volspike.clients.local import machine


def test_the_disk_of_each_directory_that_exists_is_looked_at(tmp_path: Path) -> None:
    seen = machine.look([tmp_path, tmp_path / "missing", Path("/proc")], NOW)

    assert seen.disks.keys() == {str(tmp_path), "/proc"}
    assert 0 < seen.disks[str(tmp_path)] < 1


def test_a_disk_is_named_once_by_the_first_directory_on_it(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()

    assert machine.look([tmp_path, tmp_path / "inside"], NOW).disks.keys() == {str(tmp_path)}


def test_a_directory_that_cannot_be_looked_at_is_unknown(tmp_path: Path) -> None:
    assert machine.look([tmp_path / ("x" * 300)], NOW).disks == {}


def test_the_memory_in_use_is_a_share() -> None:
    share = machine.look([], NOW).memory

    assert share is not None
    assert 0 < share < 1


def test_a_file_system_without_blocks_is_not_full() -> None:
    assert machine.look([Path("/proc")], NOW).disks == {"/proc": 0.0}


def test_the_cpus_have_worked_for_a_part_of_the_time_that_they_were_there() -> None:
    first = machine.look([], NOW).cpu
    second = machine.look([], NOW + 60).cpu

    assert first is not None
    assert second is not None
    assert (first.at, second.at) == (NOW, NOW + 60)
    assert 0 < first.busy < first.total <= second.total


def test_a_process_has_memory_resident_and_a_missing_one_has_not() -> None:
    own = machine.resident_bytes(os.getpid())

    assert own is not None
    assert 1_000_000 < own < 10_000_000_000
    assert machine.resident_bytes(2**22 + 1) is None

"""The owner of a state file: its pace, and its patience with a disk that does not work."""

import logging
from pathlib import Path

import pytest

from tests.unit.state.test_file import disk_that_holds
from volspike.state.keeper import Keeper


class Time:
    """A monotonic clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def keeper(tmp_path: Path, time: Time) -> Keeper:
    return Keeper(tmp_path / "state.json", time)


def write(keeper: Keeper, content: bytes = b"content", *, urgent: bool = False) -> bool:
    keeper.touch()
    return keeper.save(lambda: content, urgent=urgent)


def test_only_what_has_changed_is_written(keeper: Keeper) -> None:
    assert not keeper.save(lambda: b"unasked")
    assert keeper.delay() is None
    assert not keeper.path.exists()


def test_a_change_is_written_at_once_and_only_once(keeper: Keeper) -> None:
    assert write(keeper)
    assert keeper.path.read_bytes() == b"content"
    assert not keeper.save(lambda: b"again")


def test_the_eleventh_write_of_a_second_waits_with_the_newest_content(keeper: Keeper, time: Time) -> None:
    for number in range(10):
        assert write(keeper, b"%d" % number)

    assert not write(keeper, b"late")
    assert keeper.delay() == 1.0
    time.now += 1.0

    assert keeper.delay() == 0.0
    assert keeper.save(lambda: b"newest")
    assert keeper.path.read_bytes() == b"newest"


def test_what_is_urgent_does_not_wait(keeper: Keeper) -> None:
    for _ in range(10):
        write(keeper)

    assert write(keeper, b"lost the stream", urgent=True)
    assert keeper.path.read_bytes() == b"lost the stream"


def test_content_is_made_only_for_a_write(keeper: Keeper) -> None:
    made: list[int] = []

    def content() -> bytes:
        made.append(1)
        return b""

    for _ in range(12):
        keeper.touch()
        keeper.save(content)

    assert len(made) == 10


def test_a_full_disk_is_reported_once_and_so_is_its_recovery(
    keeper: Keeper, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    write(keeper, b"old")
    failed_at = time.now = 2000.0

    with disk_that_holds(10):
        for _ in range(5):
            assert not write(keeper, b"new" * 1000)
            time.now += 1

    assert keeper.path.read_bytes() == b"old"
    assert keeper.failing_since == failed_at
    assert keeper.delay() == 0.0
    assert keeper.save(lambda: b"new" * 1000)
    assert keeper.path.read_bytes() == b"new" * 1000
    assert keeper.failing_since is None
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert caplog.records[0].__dict__["problem"] == "File too large"
    assert caplog.records[1].__dict__["after_seconds"] == 5.0


def test_a_directory_that_is_gone_costs_nothing_but_the_file(tmp_path: Path, time: Time) -> None:
    (tmp_path / "runtime").write_bytes(b"a file where the directory should be")
    keeper = Keeper(tmp_path / "runtime" / "state.json", time)

    assert not write(keeper)
    assert keeper.failing_since == time.now

    (tmp_path / "runtime").unlink()
    (tmp_path / "runtime").mkdir()
    assert keeper.save(lambda: b"content")


def test_failing_writes_keep_the_pace_too(tmp_path: Path, time: Time) -> None:
    keeper = Keeper(tmp_path / "missing" / "state.json", time)
    tries: list[int] = []

    def content() -> bytes:
        tries.append(1)
        return b""

    for _ in range(50):
        keeper.touch()
        keeper.save(content)

    assert len(tries) == 10

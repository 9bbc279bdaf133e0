"""The owner of a state file: its pace, and its patience with a disk that does not work."""

import logging
from pathlib import Path

import pytest

from tests.unit.state.test_file import disk_that_holds
from volspike.model.documents import VERSION, Maintenance
from volspike.rules.history import History
from volspike.state import documents, file, histories
from volspike.state.keeper import Keeper, recall, recall_with


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


def test_changes_of_a_burst_are_written_together_when_it_pauses_or_lasts_too_long(tmp_path: Path, time: Time) -> None:
    keeper = Keeper(tmp_path / "state.json", time, gather_seconds=0.5)

    assert not write(keeper, b"first")
    assert keeper.delay() == 0.5
    time.now += 0.25
    assert not write(keeper, b"second")
    time.now += 0.5
    assert keeper.delay() == 0.0
    assert keeper.save(lambda: b"both")

    for _ in range(20):
        assert not write(keeper, b"more and more")
        time.now += 0.25
    assert write(keeper, b"at last")
    assert keeper.path.read_bytes() == b"at last"


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


def test_what_was_written_last_is_recalled_and_nothing_is_left_of_a_killed_writer(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    file.write(path, documents.encode(Maintenance(VERSION, 99.5)))
    (tmp_path / ".state.json.1-1.tmp").touch()

    assert recall(path, Maintenance, 1000.0) == Maintenance(VERSION, 99.5)
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_never_written_is_nothing_and_no_news(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert recall(tmp_path / "state.json", Maintenance, 1000.0) is None
    assert caplog.records == []


def test_what_cannot_be_read_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"{torn")

    assert recall(path, Maintenance, 1000.0) is None

    aside = tmp_path / "state.json.corrupt-1000"
    assert aside.read_bytes() == b"{torn"
    assert [record.__dict__["moved_to"] for record in caplog.records] == [str(aside)]


def test_what_can_be_neither_read_nor_moved_aside_costs_a_warning_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"{torn")
    (tmp_path / "state.json.corrupt-1000").mkdir()
    (tmp_path / "file").write_bytes(b"where the directory should be")

    assert recall(path, Maintenance, 1000.0) is None
    assert recall(tmp_path / "file" / "state.json", Maintenance, 1000.0) is None

    assert [record.__dict__["moved_to"] for record in caplog.records] == [
        "nowhere (Is a directory)",
        "nowhere (Not a directory)",
    ]
    assert path.read_bytes() == b"{torn"


def test_a_file_in_a_format_of_its_own_is_recalled_or_moved_aside_alike(tmp_path: Path) -> None:
    path = tmp_path / ".oi_history"
    file.write(path, histories.pieces({"BTCUSDT": History()}))
    assert recall_with(path, histories.read, 99.0) == {"BTCUSDT": History()}

    file.write(path, b"torn")

    assert recall_with(path, histories.read, 99.0) is None
    assert [entry.name for entry in tmp_path.iterdir()] == [".oi_history.corrupt-99"]


def test_what_must_survive_a_power_cut_may_come_in_pieces(tmp_path: Path, time: Time) -> None:
    keeper = Keeper(tmp_path / ".oi_history", time, durable=True)
    keeper.touch()

    assert keeper.save(lambda: iter([b"a", b"b"]))
    assert keeper.path.read_bytes() == b"ab"

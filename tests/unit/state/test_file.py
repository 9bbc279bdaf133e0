"""Files are whole or not there, under concurrent readers, killed writers and full disks."""

import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from volspike.state import file
from volspike.state.file import Reader


@contextmanager
def disk_that_holds(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size`: the kernel refuses with EFBIG, as a full disk with ENOSPC."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.mark.parametrize("durable", [False, True])
def test_a_write_replaces_the_whole_content(path: Path, durable: bool) -> None:
    file.write(path, b"a long old content", durable=durable)

    file.write(path, b"new", durable=durable)

    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == [path.name]


def test_a_large_content_may_come_in_pieces(path: Path) -> None:
    file.write(path, (letter * 1000 for letter in (b"a", b"b")))

    assert path.read_bytes() == b"a" * 1000 + b"b" * 1000


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o600])
def test_a_file_has_the_mode_that_was_asked_for_whatever_the_umask(path: Path, mode: int) -> None:
    umask = os.umask(0o077)
    try:
        file.write(path, b"content", mode=mode)
    finally:
        os.umask(umask)

    assert path.stat().st_mode & 0o777 == mode


def test_on_a_full_disk_the_old_content_stays_and_nothing_else_is_left(path: Path) -> None:
    file.write(path, b"old")

    with disk_that_holds(1000), pytest.raises(OSError, match="too large"):
        file.write(path, b"x" * 5000)

    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


def test_where_there_is_no_directory_the_error_is_the_system_s(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file.write(tmp_path / "missing" / "state.json", b"content")


def test_a_reader_sees_the_old_content_or_the_new_one_and_never_a_mixture(path: Path) -> None:
    contents = {b"a" * 300_000, b"b" * 7}
    file.write(path, b"b" * 7)
    seen: set[bytes] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(60):
        for content in contents:
            file.write(path, content)
    stop.set()
    reader.join()

    assert seen <= contents


def test_threads_that_write_at_once_do_not_share_their_scratch(path: Path) -> None:
    contents = [bytes([letter]) * 50_000 for letter in b"abcd"]

    def write(content: bytes) -> None:
        for _ in range(20):
            file.write(path, content)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert path.read_bytes() in contents
    assert os.listdir(path.parent) == [path.name]


KILLED_WRITER = """
import sys
from pathlib import Path
from volspike.state import file
while True:
    for letter in b"ab":
        file.write(Path(sys.argv[1]), bytes([letter]) * 2_000_000)
"""


def test_a_writer_that_is_killed_leaves_a_whole_file_and_only_scratch_to_sweep(path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", KILLED_WRITER, str(path)])
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.005)
    writer.send_signal(signal.SIGKILL)
    writer.wait()

    assert path.read_bytes() in (b"a" * 2_000_000, b"b" * 2_000_000)
    file.sweep_scratch(path)
    assert os.listdir(path.parent) == [path.name]


def test_sweeping_touches_the_scratch_of_this_file_only(path: Path) -> None:
    for name in (".state.json.17-1.tmp", ".other.json.17-1.tmp", "state.json"):
        (path.parent / name).write_bytes(b"")

    file.sweep_scratch(path)

    assert sorted(os.listdir(path.parent)) == [".other.json.17-1.tmp", "state.json"]


def test_a_file_that_cannot_be_read_is_set_aside_under_its_time(path: Path) -> None:
    path.write_bytes(b"torn")

    aside = file.set_aside(path, 1_764_724_344.9)

    assert aside == path.with_name("state.json.corrupt-1764724344")
    assert aside.read_bytes() == b"torn"
    assert not path.exists()


class Decoder:
    """Reads a number and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, content: bytes) -> int:
        self.calls += 1
        return int(content)


def test_a_file_that_is_not_there_yet_is_nothing_and_no_problem(path: Path) -> None:
    reader = Reader(path, Decoder())

    assert (reader.read(), reader.problem, reader.version) == (None, None, 0)


def test_a_file_is_decoded_once_for_each_change(path: Path) -> None:
    decode = Decoder()
    reader = Reader(path, decode)

    for number in (1, 2):
        file.write(path, b"%d" % number)
        assert [reader.read(), reader.read()] == [number, number]

    assert (decode.calls, reader.version) == (2, 2)


def test_a_torn_file_is_reported_once_and_the_last_good_copy_stays(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    reader = Reader(path, decode := Decoder())
    file.write(path, b"7")
    reader.read()

    file.write(path, b"{torn")
    assert [reader.read(), reader.read()] == [7, 7]

    assert reader.problem is not None
    assert str(path) in reader.problem
    assert "keeping the last good copy" in reader.problem
    assert [record.message for record in caplog.records] == ["state file unreadable"]
    assert (decode.calls, reader.version) == (2, 1)


def test_a_repaired_file_is_read_again_and_said_to_be(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reader = Reader(path, Decoder())
    file.write(path, b"torn")
    reader.read()

    file.write(path, b"8")

    assert (reader.read(), reader.problem) == (8, None)
    assert caplog.records[-1].message == "state file is readable again"


def test_a_file_that_vanishes_leaves_its_last_content(path: Path) -> None:
    reader = Reader(path, Decoder())
    file.write(path, b"7")
    reader.read()

    path.unlink()

    assert (reader.read(), reader.problem) == (7, None)


def test_what_the_system_refuses_is_a_problem_until_it_does_not(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_bytes(b"a file where a directory should be")
    reader = Reader(place / "state.json", Decoder())

    assert (reader.read(), reader.problem) == (None, f"{place / 'state.json'} cannot be read: Not a directory")

    place.unlink()
    place.mkdir()
    file.write(place / "state.json", b"9")
    assert (reader.read(), reader.problem) == (9, None)


def test_a_file_that_the_system_gives_back_as_it_was_is_a_problem_no_more(tmp_path: Path) -> None:
    place, away = tmp_path / "place", tmp_path / "away"
    place.mkdir()
    (place / "state.json").write_bytes(b"9")
    reader = Reader(place / "state.json", int)
    reader.read()
    place.rename(away)
    place.touch()
    assert (reader.read(), reader.problem) == (9, f"{place / 'state.json'} cannot be read: Not a directory")

    place.unlink()
    away.rename(place)

    assert (reader.read(), reader.problem) == (9, None)


def test_a_directory_in_the_place_of_the_file_is_a_problem_too(path: Path) -> None:
    path.mkdir()
    reader = Reader(path, Decoder())

    assert reader.read() is None
    assert reader.problem == f"{path} cannot be read: Is a directory"


HOLDER = """
import sys, time
from pathlib import Path
from volspike.state import file
print(file.hold(Path(sys.argv[1])) is not None, flush=True)
time.sleep(60)
"""


def holder(path: Path) -> tuple[subprocess.Popen[bytes], bool]:
    """Start a process that takes the lock and lives on; tell whether it got it."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, process.stdout.readline() == b"True\n"


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_lock_belongs_to_one_process_until_that_is_killed(path: Path) -> None:
    first, got_it = holder(path)
    second, got_it_too = holder(path)
    try:
        assert (got_it, got_it_too) == (True, False)
        assert file.is_held(path)
        assert file.hold(path) is None
    finally:
        end(first)
        end(second)

    assert not file.is_held(path)
    descriptor = file.hold(path)
    assert descriptor is not None
    os.close(descriptor)


def test_a_lock_is_not_kept_by_a_child_of_its_holder(path: Path) -> None:
    descriptor = file.hold(path)
    assert descriptor is not None
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        os.close(descriptor)
        assert not file.is_held(path)
    finally:
        end(child)


def test_a_lock_that_was_never_taken_is_held_by_nobody_and_looking_makes_no_file(path: Path) -> None:
    assert not file.is_held(path)
    assert not path.exists()


def test_looking_at_a_lock_does_not_take_it(path: Path) -> None:
    path.touch()

    assert not file.is_held(path)
    descriptor = file.hold(path)

    assert descriptor is not None
    os.close(descriptor)


def test_a_lock_without_a_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file.hold(tmp_path / "missing" / "state.lock")

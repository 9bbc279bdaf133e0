"""A suite in the foreground, seen through its files."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.examples import unit_state
from volspike.clients.errors import Transient
from volspike.clients.supervision import foreground
from volspike.clients.supervision.foreground import Foreground
from volspike.model.supervision import Supervision
from volspike.state import documents, file

HOLDER = """
import sys, time
from pathlib import Path
from volspike.state import file
print(file.hold(Path(sys.argv[1])), flush=True)
time.sleep(60)
"""


def supervised(runtime_dir: Path, pid: int) -> None:
    content = Supervision(1, pid, True, {"FUNDING_API_PORT": "8888"}, [unit_state()])
    file.write(runtime_dir / documents.SUPERVISION, documents.encode(content))


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the suite's lock, as `volspike up` does."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / documents.SUPERVISION_LOCK)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        supervised(tmp_path, process.pid)
        yield process
        process.kill()


@pytest.mark.usefixtures("supervisor")
def test_a_living_suite_tells_its_units_and_its_environment(tmp_path: Path) -> None:
    assert foreground.is_running(tmp_path)
    assert Foreground(tmp_path).states() == [unit_state()]
    assert foreground.read(tmp_path).environment == {"FUNDING_API_PORT": "8888"}


def test_where_no_suite_runs_is_said(tmp_path: Path) -> None:
    with pytest.raises(Transient, match=f"no suite runs in {tmp_path}"):
        Foreground(tmp_path).states()
    assert not foreground.is_running(tmp_path)


def test_a_suite_that_was_killed_has_ended(tmp_path: Path, supervisor: subprocess.Popen[bytes]) -> None:
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()

    with pytest.raises(Transient, match="has ended"):
        Foreground(tmp_path).states()
    assert not foreground.is_running(tmp_path)


def test_a_living_process_with_the_number_of_the_suite_is_not_the_suite(tmp_path: Path) -> None:
    supervised(tmp_path, os.getpid())

    with pytest.raises(Transient, match="has ended"):
        Foreground(tmp_path).states()


@pytest.mark.parametrize("content", [b"", b"{torn", b'{"version":2}', b"\xff"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / documents.SUPERVISION).write_bytes(content)

    with pytest.raises(Transient, match=f"{documents.SUPERVISION} cannot be read"):
        foreground.read(tmp_path)


def test_a_wish_that_cannot_be_told_is_transient_and_names_the_place(tmp_path: Path) -> None:
    (tmp_path / foreground.WISHES).write_bytes(b"a file where the directory should be")

    with pytest.raises(Transient, match=f"{foreground.WISHES} cannot be written: File exists"):
        Foreground(tmp_path).restart("binance-funding-ws.service", reset_failed=False)


def test_a_wish_that_somebody_else_has_removed_is_taken_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / foreground.WISHES / "binance-funding-ws.service"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([gone]))

    assert foreground.take_wishes(tmp_path) == [gone.name]


def test_a_wish_for_a_restart_is_taken_once(tmp_path: Path) -> None:
    suite = Foreground(tmp_path)

    suite.restart("binance-funding-ws.service", reset_failed=False)
    suite.restart("binance-funding-ws.service", reset_failed=True)
    suite.restart("binance-funding-api.service", reset_failed=False)

    assert foreground.take_wishes(tmp_path) == ["binance-funding-api.service", "binance-funding-ws.service"]
    assert foreground.take_wishes(tmp_path) == []


def test_without_any_wish_there_is_nothing_to_take(tmp_path: Path) -> None:
    assert foreground.take_wishes(tmp_path) == []


def test_a_half_written_wish_is_no_wish(tmp_path: Path) -> None:
    (tmp_path / foreground.WISHES).mkdir()
    (tmp_path / foreground.WISHES / ".binance-funding-ws.service.1-1.tmp").touch()

    assert foreground.take_wishes(tmp_path) == []

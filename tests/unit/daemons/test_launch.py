"""How a daemon's process begins, and how it ends when it cannot."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from volspike.daemons.launch import CannotStartError, launch
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings, require_backend_key
from volspike.state import documents, file

pytestmark = pytest.mark.usefixtures("root_logger")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without an env file, and directories of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["volspike"])
    for name in ("VOLSPIKE_API_KEY", "FUNDING_API_PORT", "LOG_LEVEL", "LOG_FORMAT", "VOLSPIKE_CLOCK_RATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VOLSPIKE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("VOLSPIKE_STATE_DIR", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (1, 1)])
def test_the_exit_code_is_the_daemon_s_own(result: int | None, code: int) -> None:
    assert launch("funding-ws", lambda *_: result) == code


@pytest.mark.parametrize(("arguments", "once"), [([], False), (["--once"], True)])
def test_a_daemon_is_told_its_settings_and_whether_to_work_once(
    monkeypatch: pytest.MonkeyPatch, place: Path, arguments: list[str], once: bool
) -> None:
    monkeypatch.setattr(sys, "argv", ["volspike", *arguments])
    told: list[tuple[str, Path, bool]] = []

    def run(daemon: Daemon, settings: Settings, only_once: bool) -> None:
        told.append((daemon.name, settings.runtime_dir, only_once))

    launch("funding-ws", run)

    assert told == [("funding-ws", place / "run", once)]


def test_all_bad_settings_are_told_and_the_exit_code_is_that_of_a_bad_configuration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUNDING_API_PORT", "x")
    monkeypatch.setenv("LOG_FORMAT", "yaml")

    assert launch("funding-ws", lambda *_: pytest.fail("must not run")) == 78

    told = capsys.readouterr().err.splitlines()
    assert [line.partition("bad setting: ")[2] for line in told] == [
        "FUNDING_API_PORT='x': must be a port from 1 to 65535",
        "LOG_FORMAT='yaml': must be console or json",
    ]


def test_what_only_one_daemon_demands_of_its_settings_ends_it_in_the_same_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert launch("courier", lambda _, settings, __: require_backend_key(settings)) == 78

    assert "bad setting: VOLSPIKE_API_KEY=''" in capsys.readouterr().err.splitlines()[-1]


def test_a_runtime_directory_that_cannot_be_made_is_one_line_and_73(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "run").write_bytes(b"a file where the directory should be")

    assert launch("funding-ws", lambda *_: pytest.fail("must not run")) == 73

    (line,) = capsys.readouterr().err.splitlines()
    assert f"{place / 'run'} cannot be made (File exists); set VOLSPIKE_RUNTIME_DIR" in line


def test_directories_inside_it_that_cannot_be_made_are_one_line_and_73_too(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "run").mkdir()
    (place / "run" / ".heartbeat").write_bytes(b"a file where the directory should be")

    assert launch("funding-ws", lambda *_: pytest.fail("must not run")) == 73

    (line,) = capsys.readouterr().err.splitlines()
    assert str(place / "run" / ".heartbeat") in line


HOLDER = """
import sys
from volspike.daemons.launch import launch
sys.exit(launch(sys.argv[1], lambda *_: print("running", flush=True) or sys.stdin.read() and 0))
"""


@pytest.fixture
def running() -> Iterator[subprocess.Popen[bytes]]:
    """A process in which the daemon runs already."""
    command = [sys.executable, "-c", HOLDER, "funding-ws"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        yield process
        process.kill()


@pytest.mark.usefixtures("running")
def test_a_second_process_of_the_same_daemon_is_refused_in_one_line(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch("funding-ws", lambda *_: pytest.fail("must not run")) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"cannot start: another funding-ws runs in {place / 'run'} already; see volspike status")


@pytest.mark.usefixtures("running")
def test_another_daemon_and_another_place_are_free(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch("funding-api", lambda *_: 0) == 0

    monkeypatch.setenv("VOLSPIKE_RUNTIME_DIR", str(place / "elsewhere"))
    assert launch("funding-ws", lambda *_: 0) == 0


def test_a_process_that_was_killed_is_in_nobody_s_way(running: subprocess.Popen[bytes]) -> None:
    running.kill()
    running.wait()

    assert launch("funding-ws", lambda *_: 0) == 0


@pytest.mark.parametrize("ending", [None, CannotStartError("no"), ZeroDivisionError()])
def test_the_place_is_free_again_however_the_daemon_ended(place: Path, ending: Exception | None) -> None:
    def run(*_: object) -> None:
        if ending is not None:
            raise ending

    launch("funding-ws", run)

    lock = file.hold(documents.heartbeat_path(place / "run", "funding-ws").with_suffix(".lock"))
    assert lock is not None
    os.close(lock)


def test_an_env_file_in_the_current_folder_is_not_read(place: Path) -> None:
    (place / ".env").write_text("FUNDING_API_PORT=9999\nLOG_LEVEL=nonsense\n")
    ports: list[int] = []

    assert launch("funding-ws", lambda _, settings, __: ports.append(settings.funding_api_port)) == 0

    assert ports == [8888]


def test_the_monitor_begins_in_its_own_directory(place: Path) -> None:
    launch("health-monitor", lambda *_: 0)

    assert (place / "run-health" / ".heartbeat").is_dir()
    assert not (place / "run").exists()


def test_a_foreseeable_reason_not_to_start_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*_: object) -> None:
        raise CannotStartError("port 8888 on 127.0.0.1 is in use by nginx (pid 7)")

    assert launch("funding-api", run) == 1

    told = capsys.readouterr().err
    assert "cannot start: port 8888 on 127.0.0.1 is in use by nginx (pid 7)" in told
    assert "Traceback" not in told


def test_a_bug_ends_it_with_a_traceback_and_a_code_that_no_verdict_has(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*_: object) -> None:
        raise ZeroDivisionError

    assert launch("funding-ws", run) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


HALF_DEAD = """
import sys, threading
from volspike.daemons.launch import launch
def run(daemon, *_):
    threading.Thread(target=lambda: 1 / 0, daemon=True).start()
    daemon.pause(100)
sys.exit(launch("funding-ws", run))
"""


def test_a_bug_in_a_thread_ends_it_too() -> None:
    ended = subprocess.run([sys.executable, "-c", HALF_DEAD], capture_output=True, timeout=60, check=False)

    assert ended.returncode == 70
    assert b"ZeroDivisionError" in ended.stderr


def test_logs_take_the_form_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")

    def run(*_: object) -> None:
        logging.getLogger("volspike.test").warning("told")

    launch("funding-ws", run)

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("{")
    assert '"daemon":"funding-ws","event":"told"' in line


def test_the_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    launch("funding-ws", lambda *_: 0)

    assert signal.getsignal(signal.SIGTERM) == before

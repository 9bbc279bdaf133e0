"""One daemon as a child process: real processes, real signals."""

import os
import select
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.processes import until
from volspike.model.suite import daemon_named
from volspike.rules import supervision
from volspike.supervisor import child as child_module
from volspike.supervisor.child import Child

Start = Callable[..., Child]


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start funding-ws with some more variables; what still runs in the end is killed."""
    made: list[Child] = []

    def begin(**variables: str) -> Child:
        made.append(Child(daemon_named("funding-ws"), {**environment, **variables}))
        made[-1].start()
        return made[-1]

    yield begin
    for child in made:
        child.stop(signal.SIGKILL)
        until(child.has_ended if child.running else lambda: True)
        child.reap()
        child.notifications.close()


def listen(child: Child) -> None:
    """Take notifications until it is ready."""
    while not child.ready:
        assert select.select([child.notifications], [], [], 60)[0], "no notification came"
        child.take_notification()


def lines_of(child: Child) -> list[str]:
    """Return all lines of a process that ends by itself."""
    until(child.has_ended, 60)
    return child.read_rest()


def test_a_child_lives_from_start_to_end_in_systemd_s_words(start: Start) -> None:
    child = start()
    state = child.state()
    assert (state.active_state, state.sub_state, state.enabled) == ("activating", "start", True)
    assert not child.life.start_at

    listen(child)
    state = child.state()
    assert (state.active_state, state.sub_state, state.result) == ("active", "running", "success")
    assert state.status_text == "connecting to ws://127.0.0.1:1"
    assert state.memory_bytes is not None
    assert state.memory_bytes > 1_000_000
    os.kill(state.main_pid, 0)

    child.stop()
    until(child.has_ended, 60)
    assert child.reap() == 0
    state = child.state()
    assert (state.active_state, state.sub_state, state.main_pid) == ("activating", "auto-restart", 0)
    assert child.life.start_at is not None
    assert child.reap() is None


def test_a_bad_configuration_is_told_and_never_started_again(start: Start) -> None:
    child = start(FUNDING_API_PORT="x", LOG_LEVEL="LOUD")

    lines = lines_of(child)

    assert len(lines) == 2
    assert lines[0].endswith("bad setting: FUNDING_API_PORT='x': must be a port from 1 to 65535")
    assert child.reap() == 78
    state = child.state()
    assert (state.active_state, state.result, state.exit_status) == ("failed", "exit-code", 78)
    assert child.life.start_at is None


def test_a_child_that_does_not_end_in_time_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    child = start()
    pid = child.state().main_pid
    os.kill(pid, signal.SIGSTOP)
    until(lambda: "State:\tT" in Path(f"/proc/{pid}/status").read_text())

    child.stop()
    child.enforce()
    assert not child.has_ended()
    monkeypatch.setattr(supervision, "STOP_GRACE_SECONDS", 0.0)
    child._kill_at = None
    child.stop()
    child.enforce()

    until(child.has_ended, 60)
    child.enforce()
    assert child.reap() == -signal.SIGKILL
    assert child.overstayed
    state = child.state()
    assert (state.result, state.exit_status) == ("signal", 9)


def test_a_child_that_gives_no_sign_of_life_hangs(start: Start) -> None:
    child = start()
    assert not child.hangs()

    child.info = replace(child.info, silence_seconds=0)

    assert child.hangs()


def test_only_a_change_that_people_see_counts_as_one(environment: dict[str, str]) -> None:
    child = Child(daemon_named("funding-api"), environment)
    told = []
    with child.notifications:
        for message in (b"READY=1\nSTATUS=serving", b"WATCHDOG=1", b"STATUS=serving", b"STATUS=\xe5\xb8\x81"):
            child.notifications.sendto(message, child.notifications.getsockname())
            told.append(child.take_notification())

    assert told == [True, False, False, True]
    assert (child.ready, child.status_text) == (True, "币")


def test_a_child_that_never_ran_has_neither_output_nor_state_of_a_process(environment: dict[str, str]) -> None:
    child = Child(daemon_named("health-monitor"), environment)

    with child.notifications:
        assert (child.running, child.output, child.read_rest(), child.reap()) == (False, None, [], None)
        assert child.read_lines() == []
        assert (child.state().active_state, child.state().sub_state) == ("active", "waiting")
        assert not child.hangs()


def test_the_last_words_of_a_child_are_read_however_many_and_unfinished(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "speaks"
    program.write_text("#!/bin/sh\nseq 1 5000 >&2\nprintf 'and \\345\\270\\201' >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    monkeypatch.setattr(child_module, "CHUNK_BYTES", 5)
    child = Child(daemon_named("funding-ws"), environment)
    with child.notifications:
        child.start()
        until(child.has_ended, 60)

        lines = child.read_lines()
        rest = child.read_rest()
        child.reap()

    assert lines == ["1", "2"]
    assert rest == [*(str(number) for number in range(3, 5001)), "and 币"]
    assert child.read_rest() == []


def test_a_child_imports_nothing_from_the_folder_it_is_started_in(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(tmp_path)

    child = start(FUNDING_API_PORT="x")

    assert "bad setting: FUNDING_API_PORT" in lines_of(child)[0]
    assert child.reap() == 78

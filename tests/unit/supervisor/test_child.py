"""One daemon as a child process: real processes, real signals."""

import os
import select
import signal
from collections.abc import Callable, Iterator

import pytest

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
        assert select.select([child.notifications], [], [], 10)[0], "no notification came"
        child.take_notification()


def lines_of(child: Child) -> list[str]:
    """Return all lines of a process that ends by itself."""
    until(child.has_ended)
    lines: list[str] = []
    while more := child.read_lines():
        lines += more
    return lines


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
    until(child.has_ended)
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
    os.kill(child.state().main_pid, signal.SIGSTOP)

    child.stop()
    child.enforce()
    assert not child.has_ended()
    monkeypatch.setattr(supervision, "STOP_GRACE_SECONDS", 0.0)
    child._kill_at = None
    child.stop()
    child.enforce()

    until(child.has_ended)
    assert child.reap() == -signal.SIGKILL
    state = child.state()
    assert (state.result, state.exit_status) == ("signal", 0)


def test_a_child_that_gives_no_sign_of_life_hangs(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    child = start()
    assert not child.hangs()

    monkeypatch.setitem(child_module.WATCHDOG_SECONDS, "funding-ws", 0)

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
        assert (child.running, child.output, child.read_lines(), child.reap()) == (False, None, [], None)
        assert (child.state().active_state, child.state().sub_state) == ("active", "waiting")
        assert not child.hangs()

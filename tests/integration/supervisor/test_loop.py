"""The loop over real children: what it says, what it grants, and how it ends."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.unit.supervisor.conftest import ran
from volspike.clients.supervision import foreground
from volspike.clients.supervision.foreground import Foreground
from volspike.model.health import UnitState
from volspike.model.suite import BACKEND, daemon_named
from volspike.rules import supervision as rules
from volspike.state import documents
from volspike.supervisor import loop

WS = "binance-funding-ws.service"


def warnings_of(daemon: str, said: list[str]) -> list[str]:
    """Return what was warned of in a daemon's name."""
    return [line.partition(" warning ")[2] for line in said if line.startswith(f"{daemon}: ")]


@pytest.mark.usefixtures("signals", "lock")
def test_a_suite_that_cannot_start_says_why_grants_a_wish_and_ends_in_order(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "STEP_SECONDS", 0.02)
    said: list[tuple[str, str]] = []
    states: dict[str, UnitState] = {}
    started = time.monotonic()

    def say(name: str, line: str) -> None:
        said.append((name, line))
        given_up = [name for name, line in said if "not started again" in line]
        if sorted(given_up) == ["funding-api", "funding-ws"] and not states:
            states.update({state.daemon: state for state in foreground.read(tmp_path).units})
            Foreground(tmp_path).restart(WS, reset_failed=True)
        if given_up.count("funding-ws") == 2 or time.monotonic() - started > 60:
            os.kill(os.getpid(), signal.SIGTERM)

    ran(tmp_path, {**environment, "FUNDING_API_PORT": "x"}, say=say)

    assert [line for name, line in said if name == "funding-api" and "FUNDING_API_PORT='x'" in line]
    told = [line for name, line in said if name == "funding-ws" and " warning " in line]
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d", line.split()[0]) for line in told)
    assert [line.partition(" warning ")[2] for line in told] == [
        "ended with exit status 78; not started again: its configuration is bad",
        "restarting on request",
        "ended with exit status 78; not started again: its configuration is bad",
    ]
    assert not (tmp_path / documents.SUPERVISION).exists()
    assert states["health-monitor"].active_state == "active"


@pytest.mark.usefixtures("signals", "lock")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_running_suite_can_be_found_and_a_signal_ends_every_child(
    tmp_path: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    pids: list[int] = []
    simulated: list[bool] = []

    def look(states: list[UnitState]) -> None:
        pids.extend(state.main_pid for state in states if state.main_pid)
        simulated.append(foreground.read(tmp_path).simulated)
        os.kill(os.getpid(), number)

    ran(tmp_path, {**environment, "FUNDING_API_HOST": "192.0.2.1"}, simulated=False, on_change=look)

    assert simulated[0] is False
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not foreground.is_running(tmp_path)


@pytest.mark.usefixtures("signals", "lock")
def test_a_wished_restart_lets_the_daemon_end_in_order(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "STEP_SECONDS", 0.02)
    said: list[str] = []
    wished: list[str] = []
    started = time.monotonic()

    def say(name: str, line: str) -> None:
        said.append(f"{name}: {line}")
        ended = name == "funding-ws" and (" ended with" in line or " was killed" in line)
        if ended or time.monotonic() - started > 60:
            os.kill(os.getpid(), signal.SIGTERM)

    def look(states: list[UnitState]) -> None:
        active = [state.daemon for state in states if state.active_state == "active"]
        if "funding-ws" in active and not wished:
            wished.append(WS)
            Foreground(tmp_path).restart(WS, reset_failed=False)

    ran(tmp_path, {**environment, "FUNDING_API_HOST": "192.0.2.1"}, say=say, on_change=look)

    told = warnings_of("funding-ws", said)
    assert "restarting on request" in told
    assert "ended with exit status 0; starting again in 5 s" in told


@pytest.mark.usefixtures("signals", "lock")
def test_a_daemon_that_does_not_stop_when_asked_is_said_to_have_been_killed_for_that(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "STEP_SECONDS", 0.02)
    monkeypatch.setattr(rules, "STOP_GRACE_SECONDS", 0.1)
    said: list[str] = []
    wished: list[str] = []

    def say(name: str, line: str) -> None:
        said.append(f"{name}: {line}")
        if "killed" in line:
            os.kill(os.getpid(), signal.SIGTERM)

    def look(states: list[UnitState]) -> None:
        pids = [state.main_pid for state in states if state.active_state == "active" and state.daemon == "funding-ws"]
        if pids and not wished:
            wished.append(WS)
            os.kill(pids[0], signal.SIGSTOP)
            Foreground(tmp_path).restart(WS, reset_failed=False)

    ran(tmp_path, {**environment, "FUNDING_API_HOST": "192.0.2.1"}, say=say, on_change=look)

    told = warnings_of("funding-ws", said)
    assert "restarting on request" in told
    assert "did not stop within 0 s: killed; starting again in 5 s" in told


@pytest.mark.usefixtures("signals", "lock")
def test_no_secret_is_written_down_but_the_daemons_are_told_of_it(tmp_path: Path, environment: dict[str, str]) -> None:
    written: list[bytes] = []
    told: list[bytes] = []

    def look(states: list[UnitState]) -> None:
        pid = next(state.main_pid for state in states if state.main_pid)
        told.append(Path(f"/proc/{pid}/environ").read_bytes())
        written.append((tmp_path / documents.SUPERVISION).read_bytes())
        os.kill(os.getpid(), signal.SIGTERM)

    variables = {**environment, "FUNDING_API_HOST": "192.0.2.1", "HEALTHCHECK_PING_URL": "https://hc.example/my-secret"}
    ran(tmp_path, variables, on_change=look)

    assert b"my-secret" in told[0]
    assert b"192.0.2.1" in written[0]
    assert b"my-secret" not in written[0]
    assert b"PYTHONPATH" not in written[0]


@pytest.mark.usefixtures("signals", "lock")
def test_when_there_is_no_reason_to_go_on_every_child_is_ended(tmp_path: Path, environment: dict[str, str]) -> None:
    ready: list[UnitState] = []
    variables = {**environment, "FUNDING_API_HOST": "192.0.2.1"}
    suite = ran(tmp_path, variables, on_change=ready.extend, goes_on=lambda: not ready)

    assert not any(child.running for child in suite.children)
    assert not (tmp_path / documents.SUPERVISION).exists()


@pytest.mark.usefixtures("signals", "lock")
@pytest.mark.parametrize(("key", "listens"), [("k", True), ("", False)])
def test_the_others_wait_for_the_backend_to_listen_but_not_for_ever(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, *, key: str, listens: bool
) -> None:
    monkeypatch.setattr(loop, "BACKEND_SECONDS", 60.0 if listens else 0.05)
    before: list[str] = []

    def look(states: list[UnitState]) -> None:
        active = [state.daemon for state in states if state.active_state == "active"]
        before.extend(active)
        if "funding-ws" in active:
            os.kill(os.getpid(), signal.SIGTERM)

    variables = {**environment, "BACKEND_PORT": str(free_port()), "VOLSPIKE_API_KEY": key}
    daemons = (daemon_named(BACKEND), daemon_named("funding-ws"))
    ran(tmp_path, variables, daemons=daemons, on_change=look)

    assert before[0] == (BACKEND if listens else "funding-ws")

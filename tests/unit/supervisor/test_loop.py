"""The loop over real children: what it says, what it grants, and how it ends."""

import os
import signal
import time
from pathlib import Path

import pytest

from volspike.clients.supervision import foreground
from volspike.clients.supervision.foreground import Foreground
from volspike.model.health import UnitState
from volspike.state import documents
from volspike.supervisor import loop
from volspike.supervisor.loop import ForegroundSuite

WS = "binance-funding-ws.service"


@pytest.mark.usefixtures("signals")
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
        if given_up.count("funding-ws") == 2 or time.monotonic() - started > 20:
            os.kill(os.getpid(), signal.SIGTERM)

    suite = ForegroundSuite(
        tmp_path, {**environment, "FUNDING_API_PORT": "x"}, simulated=True, say=say, on_change=lambda _: None
    )
    suite.run()
    for child in suite.children:
        child.notifications.close()

    assert [line for name, line in said if name == "funding-api" and "FUNDING_API_PORT='x'" in line]
    assert ("funding-ws", "restarted on request of the health monitor") in said
    assert [line for name, line in said if name == "funding-ws"].count(
        "ended with exit status 78; not started again"
    ) == 2
    assert not (tmp_path / documents.SUPERVISION).exists()
    assert states["health-monitor"].active_state == "active"


@pytest.mark.usefixtures("signals")
def test_a_running_suite_can_be_found_and_a_signal_ends_every_child(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    pids: list[int] = []
    simulated: list[bool] = []

    def look(states: list[UnitState]) -> None:
        pids.extend(state.main_pid for state in states if state.main_pid)
        simulated.append(foreground.read(tmp_path).simulated)
        os.kill(os.getpid(), signal.SIGINT)

    suite = ForegroundSuite(
        tmp_path, {**environment, "FUNDING_API_HOST": "192.0.2.1"}, simulated=False, say=lambda *_: None, on_change=look
    )
    suite.run()
    for child in suite.children:
        child.notifications.close()

    assert simulated[0] is False
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not foreground.is_running(tmp_path)

"""`volspike start`, `stop`, `restart`: what systemd is told, and what people are."""

import os
from collections.abc import Iterator

import pytest

from tests.unit.cli.conftest import Command, Supervise, Systemctl
from volspike.cli import control
from volspike.clients.supervision.foreground import WISHES, Foreground
from volspike.model.health import UnitState


def unit(daemon: str, name: str, pid: int = 1, state: str = "active") -> UnitState:
    return UnitState(daemon, name, True, state, "running", "success", 0, pid, None, None)


FEED, COURIER = unit("funding-ws", "binance-funding-ws.service"), unit("courier", "volspike-courier.service")


def test_the_whole_suite_is_the_target_and_its_state_is_shown(volspike: Command, server: Systemctl) -> None:
    result = volspike("restart")

    assert (result.exit_code, server.asked) == (0, ["restart volspike.target"])
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["DAEMON", "UNIT", "STATE"],
        ["funding-ws", "binance-funding-ws.service", "active", "(so)"],
        ["volume-alerts", "volspike.service", "active", "(so)"],
        ["health-monitor", "funding-health-check.service", "active", "(so)"],
    ]


def test_a_daemon_is_meant_alone_and_a_job_by_its_timer(volspike: Command, server: Systemctl) -> None:
    result = volspike("start", "volume-alerts", "health-monitor")

    assert (result.exit_code, server.asked) == (0, ["start volspike.service funding-health-check.timer"])
    assert "binance-funding-ws" not in result.stdout


def test_what_was_to_stop_and_runs_on_is_no_success(volspike: Command, server: Systemctl) -> None:
    assert volspike("stop", "funding-ws").exit_code == 1

    for ended in ("inactive", "failed"):
        server.answers(ended)
        assert volspike("stop", "funding-ws").exit_code == 0


def test_what_does_not_come_up_is_shown_with_the_way_to_its_logs(volspike: Command, server: Systemctl) -> None:
    server.answers("failed", status=1, errors="Job for binance-funding-ws.service failed.")

    result = volspike("restart", "binance-funding-ws")

    assert result.exit_code == 1
    assert "failed (so)" in result.stdout
    assert result.stderr == (
        "volspike: systemctl restart binance-funding-ws.service failed: Job for binance-funding-ws.service failed.; "
        "see volspike logs funding-ws\n"
    )


@pytest.mark.usefixtures("server")
def test_who_is_not_root_is_told_what_to_type(volspike: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("sys.argv", ["volspike", "stop", "courier"])

    result = volspike("stop", "courier")

    assert (result.exit_code, result.stderr) == (
        1,
        "volspike: only root may stop the daemons: sudo volspike stop courier\n",
    )


def test_a_suite_in_a_terminal_is_started_and_stopped_there(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, FEED)

    for verb in ("start", "stop"):
        result = volspike(verb)
        assert result.exit_code == 1
        assert "lives in a terminal: Ctrl-C there ends it" in result.stderr


class Supervisor:
    """What `volspike up` says at each look."""

    def __init__(self, *looks: list[UnitState]) -> None:
        self._looks: Iterator[list[UnitState]] = iter(looks)
        self._last: list[UnitState] = []

    def __call__(self) -> list[UnitState]:
        self._last = next(self._looks, self._last)
        return self._last


def test_a_child_in_a_terminal_is_restarted_by_a_wish_and_waited_for(
    volspike: Command, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervise(volspike.runtime_dir, FEED, COURIER)
    again = [unit(FEED.daemon, FEED.unit, 2, "activating")], [unit(FEED.daemon, FEED.unit, 2)]
    monkeypatch.setattr(Foreground, "states", Supervisor([FEED, COURIER], [FEED], *again))
    monkeypatch.setattr(control, "LOOK_SECONDS", 0.0)

    result = volspike("restart", "funding-ws")

    assert result.exit_code == 0
    assert os.listdir(volspike.runtime_dir / WISHES) == [FEED.unit]
    assert result.stdout.splitlines()[1].split()[:3] == ["funding-ws", FEED.unit, "active"]


def test_a_child_that_does_not_come_back_is_a_failure(
    volspike: Command, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervise(volspike.runtime_dir, FEED)
    monkeypatch.setattr(control, "FOREGROUND_SECONDS", 0.0)
    monkeypatch.setattr(Foreground, "states", Supervisor([FEED], [unit("funding-ws", FEED.unit, 0, "failed")]))

    assert volspike("restart").exit_code == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("health-monitor", "runs only for a moment when its time comes: there is nothing to restart"),
        ("backend", "is no part of the suite"),
    ],
)
def test_what_cannot_be_restarted_in_a_terminal_is_told(
    volspike: Command, supervise: Supervise, name: str, told: str
) -> None:
    supervise(volspike.runtime_dir, FEED)

    result = volspike("restart", name)

    assert result.exit_code == 1
    assert told in result.stderr


def test_a_bad_setting_that_a_suite_in_a_terminal_does_not_have_is_none_of_its_business(
    volspike: Command, supervise: Supervise
) -> None:
    supervise(volspike.runtime_dir, FEED)
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    assert "lives in a terminal" in volspike("stop").stderr

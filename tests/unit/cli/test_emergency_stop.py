"""Stopping everything at once: the order itself, and what is told of those who obey it."""

import os
import time

import pytest

from tests.unit.cli.conftest import Command, Supervise
from tests.unit.examples import unit_state
from volspike.cli import emergency_stop
from volspike.model.documents import EmergencyStop, Heartbeat
from volspike.state import documents, emergency, file


@pytest.fixture(autouse=True)
def running(volspike: Command, supervise: Supervise) -> None:
    """A suite runs; none of its daemons does."""
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(volspike.place / "state")
    supervise(volspike.runtime_dir, unit_state())


def live(volspike: Command, daemon: str, status: str) -> int:
    """Let a daemon live that says this of itself; return its lock."""
    path = documents.heartbeat_path(volspike.runtime_dir, daemon)
    path.parent.mkdir(exist_ok=True)
    now = time.time()
    file.write(path, documents.encode(Heartbeat(1, daemon, os.getpid(), now, now, status, now + 9)))
    lock = file.hold(path.with_suffix(".lock"))
    assert lock is not None
    return lock


def test_it_holds_until_it_is_resumed(volspike: Command) -> None:
    stopped = volspike("emergency-stop", "--reason", "too many\nalerts")
    stop = emergency.read(volspike.place / "state")
    resumed, again = volspike("emergency-stop", "--resume"), volspike("emergency-stop", "--resume")

    assert (stopped.exit_code, resumed.exit_code, again.exit_code) == (0, 0, 0)
    assert isinstance(stop, EmergencyStop)
    assert stop.since == pytest.approx(time.time(), abs=30)
    assert stop.reason == "too many alerts"
    assert stopped.stdout.startswith("Emergency stop since ")
    assert "courier          does not run" in stopped.stdout
    assert "Go on with: volspike emergency-stop --resume" in stopped.stdout
    assert resumed.stdout.startswith("The emergency stop is over.\n")
    assert again.stdout == "There was no emergency stop.\n"
    assert not emergency.is_on(volspike.place / "state")


def test_ordering_it_again_changes_nothing(volspike: Command) -> None:
    volspike("emergency-stop", "--reason", "first")
    volspike("emergency-stop", "--reason", "second")

    stop = emergency.read(volspike.place / "state")
    assert stop is not None
    assert stop.reason == "first"


def test_each_daemon_that_rests_is_named(volspike: Command) -> None:
    lock = live(volspike, "courier", "emergency stop since 2026-01-01 00:00:00 UTC: nothing is asked, nothing is sent")

    stopped = volspike("emergency-stop")

    os.close(lock)
    assert stopped.exit_code == 0
    assert "courier          rests (after " in stopped.stdout


def test_a_daemon_that_goes_on_all_the_same_is_named_with_what_ends_it(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emergency_stop, "PATIENCE_SECONDS", 0.01)
    lock = live(volspike, "oi-poller", "swept 12 symbols")

    stopped = volspike("emergency-stop")

    os.close(lock)
    assert stopped.exit_code == 1
    assert "oi-poller has not obeyed: systemctl kill --signal=KILL oi-realtime-poller.service" in stopped.stdout


def test_it_is_shown_above_the_daemons(volspike: Command) -> None:
    volspike("emergency-stop", "--reason", "why")

    shown = volspike("status").stdout.splitlines()[0]

    assert shown.startswith("emergency stop since ")
    assert "(why)" in shown

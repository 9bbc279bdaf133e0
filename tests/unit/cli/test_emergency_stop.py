"""Stopping everything at once: the order itself, and what is told of those who obey it."""

import errno
import os
import time
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Supervise, Systemctl
from tests.unit.examples import unit_state
from volspike.cli import emergency_stop
from volspike.model.documents import VERSION, EmergencyStop, Heartbeat
from volspike.rules import emergency as rules
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


def test_ordering_it_again_changes_nothing_and_says_so(volspike: Command) -> None:
    first = volspike("emergency-stop", "--reason", "first")
    second = volspike("emergency-stop", "--reason", "second")

    stop = emergency.read(volspike.place / "state")
    assert stop is not None
    assert stop.reason == "first"
    told = "It was ordered before, and stays as it was ordered then.\n"
    assert told in second.stdout
    assert told not in first.stdout


def test_a_reason_that_is_too_long_is_seen_to_be_cut(volspike: Command) -> None:
    volspike("emergency-stop", "--reason", "x" * 10_000)

    stop = emergency.read(volspike.place / "state")
    assert stop is not None
    assert stop.reason == "x" * 199 + "…"


def test_one_that_cannot_be_ended_goes_on_and_says_what_to_see_to(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    volspike("emergency-stop")

    def read_only(_: Path) -> bool:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(emergency, "end", read_only)

    failed = volspike("emergency-stop", "--resume")

    path = volspike.place / "state" / documents.EMERGENCY_STOP
    remedy = "it goes on; see to its disk and owner, then --resume again"
    assert failed.stderr == f"volspike: {path} cannot be changed (Read-only file system); {remedy}\n"


def test_a_bad_setting_does_not_hinder_it(volspike: Command) -> None:
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    assert volspike("emergency-stop").exit_code == 0
    assert emergency.is_on(volspike.place / "state")
    assert volspike("emergency-stop", "--resume").exit_code == 0
    assert not emergency.is_on(volspike.place / "state")


def test_where_it_cannot_be_ordered_it_says_what_to_do_instead(volspike: Command) -> None:
    (volspike.place / "state").rmdir()
    (volspike.place / "state").touch()

    failed = volspike("emergency-stop")

    assert failed.exit_code == 1
    assert failed.stderr.endswith("stop the suite instead: volspike stop, or Ctrl-C where volspike up runs\n")
    assert len(failed.stderr.splitlines()) == 1


def test_each_daemon_that_rests_is_named(volspike: Command) -> None:
    stop = EmergencyStop(VERSION, 1_764_724_344.0)
    emergency.begin(volspike.place / "state", stop)
    lock = live(volspike, "courier", rules.sentence(stop))

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
    assert f"oi-poller has not obeyed: kill -KILL {os.getpid()}\n" in stopped.stdout


def test_a_job_rests_when_it_has_ended(volspike: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emergency_stop, "PATIENCE_SECONDS", 0.01)
    lock = live(volspike, "liquid-universe", "423 of 530 symbols are liquid; 0 entered, 0 left")

    busy = volspike("emergency-stop")
    os.close(lock)
    ended = volspike("emergency-stop")

    assert busy.exit_code == 1
    assert "liquid-universe has not obeyed" in busy.stdout
    assert ended.exit_code == 0
    assert "liquid-universe  rests between its runs\n" in ended.stdout


def test_what_a_daemon_has_said_of_an_earlier_stop_does_not_count(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emergency_stop, "PATIENCE_SECONDS", 0.01)
    lock = live(volspike, "courier", rules.sentence(EmergencyStop(VERSION, 1_764_724_344.0)))

    stopped = volspike("emergency-stop")

    os.close(lock)
    assert stopped.exit_code == 1
    assert "courier has not obeyed" in stopped.stdout


def test_on_a_server_systemd_ends_what_does_not_obey(
    volspike: Command, server: Systemctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emergency_stop, "PATIENCE_SECONDS", 0.01)
    lock = live(volspike, "oi-poller", "swept 12 symbols")

    stopped = volspike("emergency-stop")

    os.close(lock)
    assert "has not obeyed: sudo systemctl kill --signal=KILL oi-realtime-poller.service\n" in stopped.stdout


def test_it_is_shown_above_the_daemons(volspike: Command) -> None:
    volspike("emergency-stop", "--reason", "why")

    shown = volspike("status").stdout.splitlines()[0]

    assert shown.startswith("emergency stop since ")
    assert "(why)" in shown

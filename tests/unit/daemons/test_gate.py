"""The gate of an emergency stop; that a process really begins anew there is the integration tests' matter."""

import threading
from pathlib import Path

import pytest

from tests.processes import until
from tests.unit.clocks import MovedClock
from volspike.daemons import gate
from volspike.daemons.gate import guarded
from volspike.model.documents import VERSION, EmergencyStop, Heartbeat
from volspike.runtime.daemon import HEARTBEAT_SECONDS, Daemon
from volspike.state import documents, emergency

STOP = EmergencyStop(VERSION, 1_764_724_344.0)
SAID = "emergency stop since 2025-12-03 01:12:24 UTC: nothing is asked, nothing is sent"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a daemon see soon what the file of a stop says."""
    monkeypatch.setattr(gate, "LOOK_SECONDS", 0.02)


def refused() -> int:
    pytest.fail("must not work during an emergency stop")


def heartbeat(runtime_dir: Path, name: str = "funding-ws") -> Heartbeat:
    return documents.decode(documents.heartbeat_path(runtime_dir, name).read_bytes(), Heartbeat)


def status(runtime_dir: Path) -> str:
    return heartbeat(runtime_dir).status


def test_without_a_stop_the_work_is_done_and_its_exit_code_counts(daemon: Daemon, tmp_path: Path) -> None:
    assert guarded(daemon, tmp_path, lambda: 3, waits=True) == 3


def test_a_stop_that_comes_when_the_work_is_done_touches_nothing_any_more(
    daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LOOK_SECONDS", 0.1)
    before = set(threading.enumerate())

    def work() -> int:
        watch.extend(set(threading.enumerate()) - before)
        return 0

    watch: list[threading.Thread] = []
    guarded(daemon, tmp_path, work, waits=True)
    emergency.begin(tmp_path, STOP)
    (thread,) = watch
    thread.join(20)

    assert not thread.is_alive()
    assert not daemon.stopping


def test_a_job_is_not_done_during_a_stop_and_that_is_no_failure(
    daemon: Daemon, tmp_path: Path, runtime_dir: Path
) -> None:
    emergency.begin(tmp_path, STOP)

    assert guarded(daemon, tmp_path, refused, waits=False) == 0

    assert status(runtime_dir) == "did nothing because of the emergency stop since 2025-12-03 01:12:24 UTC"


def test_a_job_that_is_not_done_promises_to_look_again_when_its_timer_does(
    tmp_path: Path, runtime_dir: Path, clock: MovedClock
) -> None:
    emergency.begin(tmp_path, STOP)
    with Daemon("liquid-universe", clock, runtime_dir) as job:
        guarded(job, tmp_path, refused, waits=False)

    beat = heartbeat(runtime_dir, "liquid-universe")
    assert beat.next_due - beat.at >= 300


def test_a_daemon_waits_at_the_gate_until_the_stop_is_over(daemon: Daemon, tmp_path: Path, runtime_dir: Path) -> None:
    emergency.begin(tmp_path, STOP)
    seen: list[str] = []

    def end_it() -> None:
        until(lambda: documents.heartbeat_path(runtime_dir, "funding-ws").exists(), 20, "a sign of life")
        seen.append(status(runtime_dir))
        emergency.end(tmp_path)

    thread = threading.Thread(target=end_it)
    thread.start()
    assert guarded(daemon, tmp_path, lambda: 3, waits=True) == 3
    thread.join()

    assert seen == [SAID]


def test_a_daemon_that_waits_tells_of_the_stop_that_holds_now(
    daemon: Daemon, tmp_path: Path, runtime_dir: Path, clock: MovedClock
) -> None:
    emergency.begin(tmp_path, STOP)
    seen: list[str] = []

    def order_another() -> None:
        until(lambda: documents.heartbeat_path(runtime_dir, "funding-ws").exists(), 20, "a first sign of life")
        emergency.begin(tmp_path, EmergencyStop(VERSION, STOP.since, "another"))
        clock.move(HEARTBEAT_SECONDS)
        until(lambda: status(runtime_dir) != SAID, 20, "another sentence")
        seen.append(status(runtime_dir))
        emergency.end(tmp_path)

    thread = threading.Thread(target=order_another)
    thread.start()
    guarded(daemon, tmp_path, lambda: 0, waits=True)
    thread.join()

    assert "(another)" in seen[0]


def test_a_signal_ends_a_daemon_that_waits(daemon: Daemon, tmp_path: Path) -> None:
    emergency.begin(tmp_path, STOP)
    daemon.stop()

    assert guarded(daemon, tmp_path, refused, waits=True) == 0


def test_a_stop_that_comes_while_it_works_stops_it_and_a_signal_at_that_moment_ends_it(
    daemon: Daemon, tmp_path: Path
) -> None:
    daemon.signalled = True  # else this very process would begin anew
    emergency_began = threading.Event()

    def work() -> int:
        emergency.begin(tmp_path, STOP)
        emergency_began.set()
        daemon.pause(60.0)
        return 0

    assert guarded(daemon, tmp_path, work, waits=True) == 0
    assert emergency_began.is_set()
    assert daemon.stopping

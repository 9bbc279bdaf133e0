"""The life of a daemon: signals, signs of life, and a clean end."""

import logging
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.runtime.conftest import Notifications
from tests.unit.state.test_file import disk_that_holds
from volspike.model.documents import Heartbeat
from volspike.runtime import daemon as daemon_module
from volspike.runtime.clock import Clock
from volspike.runtime.daemon import Daemon
from volspike.state import documents


def heartbeat(runtime_dir: Path) -> Heartbeat:
    content = documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes()
    return documents.decode(content, Heartbeat)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_pause_at_once(daemon: Daemon, number: signal.Signals) -> None:
    sent = threading.Timer(0.02, os.kill, (os.getpid(), number))
    sent.start()
    started = time.monotonic()

    try:
        daemon.pause(10_000)  # 100 s of this machine
    finally:
        sent.join()  # it ends this pause or nothing, least of all whoever runs the tests

    assert daemon.stopping
    assert time.monotonic() - started < 30


def test_stop_hooks_run_in_the_handler(daemon: Daemon) -> None:
    ran: list[str] = []
    daemon.on_stop(lambda: ran.append("first"))
    daemon.on_stop(lambda: ran.append("second"))

    signal.raise_signal(signal.SIGTERM)

    assert ran == ["first", "second"]


def test_more_signals_than_the_pipe_holds_do_not_block_the_handler(daemon: Daemon) -> None:
    for _ in range(70_000):
        daemon._stop(signal.SIGTERM, None)  # fills the pipe

    assert daemon.stopping


def test_the_signals_are_given_back_at_the_end(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    with Daemon("funding-ws", Clock(), tmp_path):
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) != before

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_only_a_clean_end_says_stopped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(ZeroDivisionError), Daemon("funding-ws", Clock(), tmp_path):
        raise ZeroDivisionError
    assert "stopped" not in caplog.messages

    with Daemon("funding-ws", Clock(), tmp_path):
        pass
    assert caplog.messages[-1] == "stopped"


def test_the_supervisor_hears_of_readiness_work_changes_and_the_end(supervisor: Notifications, tmp_path: Path) -> None:
    with Daemon("funding-ws", MovedClock(), tmp_path) as daemon:
        assert supervisor.told() == []
        daemon.ready("connecting")
        assert supervisor.told() == ["READY=1\nSTATUS=connecting"]
        daemon.progress("streaming 8 symbols")
        assert supervisor.told() == ["WATCHDOG=1"]
        daemon.announce("lost")
        assert supervisor.told() == ["STATUS=lost"]
    assert supervisor.told() == ["STOPPING=1"]


def test_a_rest_that_was_planned_feeds_the_watchdog_and_one_that_was_not_does_not(
    supervisor: Notifications, daemon: Daemon
) -> None:
    supervisor.told()

    daemon.pause(1, alive=False)
    assert supervisor.told() == []
    daemon.pause(1)
    assert supervisor.told() == ["WATCHDOG=1"]


def test_a_heartbeat_says_what_was_done_and_when_the_next_is_due(daemon: Daemon, tmp_path: Path) -> None:
    before = daemon.clock.monotonic()
    daemon.progress("scanned 530 symbols", next_due_seconds=300)
    after = daemon.clock.monotonic()

    beat = heartbeat(tmp_path)
    assert (beat.daemon, beat.pid, beat.status) == ("funding-ws", os.getpid(), "scanned 530 symbols")
    assert beat.next_due - beat.at == pytest.approx(305)
    assert beat.next_due_monotonic is not None
    assert before + 305 <= beat.next_due_monotonic <= after + 305
    assert beat.started_at <= beat.at <= daemon.clock.now()


def test_heartbeats_are_paced_but_an_announcement_is_written_at_once(tmp_path: Path) -> None:
    clock = MovedClock()
    with Daemon("funding-ws", clock, tmp_path) as daemon:
        daemon.ready("connecting")
        daemon.progress("streaming")
        assert heartbeat(tmp_path).status == "connecting"

        daemon.announce("reconnecting", next_due_seconds=30)
        beat = heartbeat(tmp_path)
        assert beat.status == "reconnecting"
        assert beat.next_due - beat.at == pytest.approx(35)

        clock.move(5)
        daemon.progress("streaming")
        assert heartbeat(tmp_path).status == "streaming"


def test_progress_keeps_the_metrics_file_up_to_date(daemon: Daemon, tmp_path: Path) -> None:
    daemon.metrics.counter("frames", "Frames.").inc(3)

    daemon.progress("working")

    text = documents.metrics_path(tmp_path, "funding-ws").read_text()
    assert 'volspike_frames_total{daemon="funding-ws"} 3.0' in text
    assert 'volspike_start_time_seconds{daemon="funding-ws"}' in text


def due_in_metrics(runtime_dir: Path) -> float | None:
    """Return until when the metrics say that a sign of life is promised."""
    text = documents.metrics_path(runtime_dir, "funding-ws").read_text()
    found = re.search(r"^volspike_heartbeat_due_timestamp_seconds\{.*\} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def fail(daemon: Daemon) -> None:
    daemon.progress("working")
    raise ZeroDivisionError


def test_what_a_job_promises_last_is_in_its_metrics_when_it_has_ended(tmp_path: Path) -> None:
    with Daemon("funding-ws", MovedClock(), tmp_path) as daemon:
        daemon.progress("working")
        daemon.announce("failed, tried again tomorrow", next_due_seconds=86_400)

    assert due_in_metrics(tmp_path) == heartbeat(tmp_path).next_due


def test_who_is_told_to_end_promises_nothing_any_more_and_who_fails_is_held_to_it(tmp_path: Path) -> None:
    with Daemon("funding-ws", MovedClock(), tmp_path) as daemon:
        daemon.progress("working")
        signal.raise_signal(signal.SIGTERM)
    assert due_in_metrics(tmp_path) is None

    with pytest.raises(ZeroDivisionError), Daemon("funding-ws", MovedClock(), tmp_path) as daemon:
        fail(daemon)
    assert due_in_metrics(tmp_path) == heartbeat(tmp_path).next_due


MARK = 1_790_856_000.0
"""A full minute."""


@dataclass(frozen=True)
class RestedClock(MovedClock):
    """A clock on which time passes only while a daemon rests, and then just as long as it wanted to."""

    shown: float = 1.0
    """Which share of what has passed the clock on the wall shows."""

    def now(self) -> float:
        return self.anchor + sum(self.moves) * self.shown

    def monotonic(self) -> float:
        return sum(self.moves)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> Callable[[RestedClock], RestedClock]:
    """Let time pass on a clock while a daemon rests."""

    def begin(clock: RestedClock) -> RestedClock:
        monkeypatch.setattr(daemon_module, "select", SimpleNamespace(select=lambda *given: clock.move(given[3])))
        return clock

    return begin


@pytest.fixture
def rested(rests: Callable[[RestedClock], RestedClock]) -> RestedClock:
    return rests(RestedClock(anchor=MARK + 15))


def test_ticks_come_at_once_and_then_on_the_marks_of_the_wall_clock(tmp_path: Path, rested: RestedClock) -> None:
    ticks: list[datetime] = []
    with Daemon("funding-ws", rested, tmp_path) as daemon:
        for now in daemon.ticks(every_seconds=60):
            ticks.append(now)
            if len(ticks) == 3:
                signal.raise_signal(signal.SIGTERM)

    assert ticks == [datetime.fromtimestamp(at, UTC) for at in (MARK + 15, MARK + 60, MARK + 120)]


def test_no_tick_comes_before_its_mark_however_the_clock_is_slewed(
    tmp_path: Path, rests: Callable[[RestedClock], RestedClock]
) -> None:
    slewed = rests(RestedClock(anchor=MARK + 15, shown=0.99))  # lags behind while the time server slews it
    ticks: list[float] = []
    with Daemon("funding-ws", slewed, tmp_path) as daemon:
        for now in daemon.ticks(every_seconds=60):
            ticks.append(now.timestamp())
            if len(ticks) == 3:
                signal.raise_signal(signal.SIGTERM)

    assert [tick // 60 for tick in ticks] == [MARK // 60, MARK // 60 + 1, MARK // 60 + 2]


def test_marks_that_the_work_has_missed_are_reported(
    tmp_path: Path, rested: RestedClock, caplog: pytest.LogCaptureFixture
) -> None:
    with Daemon("funding-ws", rested, tmp_path) as daemon:
        for number, _ in enumerate(daemon.ticks(every_seconds=60)):
            if number == 1:
                rested.move(300)
            if number == 2:
                signal.raise_signal(signal.SIGTERM)

    (late,) = [record for record in caplog.records if record.message == "fell behind its schedule"]
    assert late.__dict__["missed"] == 5


def test_a_full_runtime_directory_is_reported_once_and_so_is_its_recovery_and_it_stops_nobody(
    daemon: Daemon, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with disk_that_holds(5):
        for status in ("one", "two"):
            daemon.announce(status)
            daemon.save_metrics()
    daemon.announce("three")
    daemon.announce("four")
    daemon.save_metrics()

    assert heartbeat(tmp_path).status == "four"
    paths = [
        str(documents.heartbeat_path(tmp_path, "funding-ws")),
        str(documents.metrics_path(tmp_path, "funding-ws")),
    ]
    told = [(record.levelname, record.__dict__["path"]) for record in caplog.records if "path" in record.__dict__]
    assert told == [("ERROR", paths[0]), ("ERROR", paths[1]), ("INFO", paths[0]), ("INFO", paths[1])]


def test_directories_are_made_for_the_suite_s_group_only(daemon: Daemon, tmp_path: Path) -> None:
    for name in (".heartbeat", "metrics"):
        assert (tmp_path / name).stat().st_mode & 0o007 == 0


def test_metrics_are_for_the_suite_s_group_only_and_written_however_often_they_are_asked_for(
    daemon: Daemon, tmp_path: Path
) -> None:
    path = documents.metrics_path(tmp_path, "funding-ws")
    frames = daemon.metrics.counter("frames", "Frames.")

    for _ in range(20):
        frames.inc()
        daemon.save_metrics()

    assert 'volspike_frames_total{daemon="funding-ws"} 20.0' in path.read_text()
    assert path.stat().st_mode & 0o007 == 0

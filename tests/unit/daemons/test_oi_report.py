"""What the poller says of itself: a sentence that an operator understands, and each loss once."""

import logging

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.errors import ShutOut, Transient
from volspike.daemons.oi_report import PollerReport, Swept
from volspike.daemons.oi_sweep import CONNECTIONS, Sweep
from volspike.rules import polling
from volspike.rules.polling import Rhythm
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Crew


@pytest.fixture
def report(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> PollerReport:
    caplog.set_level(logging.INFO)
    return PollerReport(daemon)


def swept(failures: int = 0, problem: str = "", *, shut_out: ShutOut | None = None, parked: int = 0) -> Swept:
    sweep = Sweep(lambda _: 1.0, [], Crew(CONNECTIONS), MovedClock(anchor=NOW), lambda: False)
    sweep.failures, sweep.problem, sweep.shut_out = failures, problem, shut_out
    return Swept(sweep, 534, parked, 534 - failures - parked, 16, 1.68)


def rhythm_of(interval: float) -> Rhythm:
    rhythm = Rhythm()
    for number in range(40):
        rhythm = polling.keep(rhythm, number * interval)
    return rhythm


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def metric(daemon: Daemon, name: str) -> float:
    (line,) = (line for line in daemon.metrics.text().splitlines() if line.startswith(f"volspike_{name}{{"))
    return float(line.split()[-1])


def test_a_sweep_is_told_in_a_sentence(report: PollerReport) -> None:
    report.swept(swept(parked=2), 3)

    assert report.status == "534 symbols every 16 s, last sweep 1.7 s, 2 parked; 3 alerts today"
    assert (report.sweeps, report.problem) == (1, "")


def test_a_sweep_under_way_is_told_of_and_so_is_why_it_waits(report: PollerReport) -> None:
    assert report.under_way(423, 0) == "the first sweep over 423 symbols is under way"
    assert report.under_way(423, 47) == (
        "the first sweep over 423 symbols is under way; waits for weight until 12:02:50 UTC"
    )

    report.swept(swept(), 3)

    assert report.under_way(423, 0) == report.status
    assert report.under_way(423, 47).startswith(f"{report.status}; waits for weight until ")


def test_a_sweep_is_counted(report: PollerReport, daemon: Daemon) -> None:
    report.swept(swept(failures=4, parked=2), 3)

    assert {
        name: metric(daemon, f"open_interest_{name}")
        for name in ("sweeps_total", "samples_total", "failures_total", "symbols", "parked", "interval_seconds")
    } == {
        "sweeps_total": 1,
        "samples_total": 528,
        "failures_total": 4,
        "symbols": 534,
        "parked": 2,
        "interval_seconds": 16,
    }


def test_a_few_failures_are_in_the_sentence_and_no_loss(report: PollerReport, caplog: pytest.LogCaptureFixture) -> None:
    report.swept(swept(4, "no answer in time"), 0)

    assert "0 parked, 4 failed (no answer in time); 0 alerts today" in report.status
    assert events(caplog) == []


def test_many_failures_are_a_loss_that_is_told_once_and_so_is_the_recovery(
    report: PollerReport, caplog: pytest.LogCaptureFixture
) -> None:
    for failures in (60, 500, 0):
        report.swept(swept(failures, "HTTP 503"), 0)

    assert events(caplog) == ["lost: open interest from Binance", "recovered: open interest from Binance"]
    assert caplog.records[0].__dict__["problem"] == "60 requests failed, such as: HTTP 503"


def test_a_sweep_that_was_given_up_says_so(report: PollerReport) -> None:
    def fail(_: str) -> float:
        raise Transient("connection refused")

    sweep = Sweep(fail, ["BTCUSDT"] * 60, Crew(CONNECTIONS), MovedClock(anchor=NOW), lambda: False)
    assert list(sweep.readings())
    report.swept(Swept(sweep, 534, 0, 0, 16, 0.1), 0)

    assert "failed (connection refused), given up" in report.status
    assert report.problem


def test_a_ban_is_told_once_with_its_end_and_so_is_the_return(
    report: PollerReport, daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    report.swept(swept(shut_out=ShutOut("HTTP 418: banned", 120)), 0)
    assert "shut out: HTTP 418: banned" in report.status
    for _ in range(3):
        report.shut_out(NOW + 120)
    assert report.status == "Binance has shut this machine out until 2026-10-01 12:04:03 UTC; nothing is asked before"
    assert metric(daemon, "open_interest_shut_out_until_timestamp_seconds") == NOW + 120

    report.swept(swept(), 0)

    assert events(caplog) == ["lost: open interest from Binance", "recovered: open interest from Binance"]
    assert metric(daemon, "open_interest_shut_out_until_timestamp_seconds") == 0


def test_without_a_universe_it_says_why_it_waits(report: PollerReport, daemon: Daemon) -> None:
    report.waiting("connection refused, and .liquid_universe.json has none")

    assert report.status.startswith("waiting for the liquid universe: connection refused")
    assert metric(daemon, "open_interest_symbols") == 0


def test_slowness_is_warned_of_once_and_so_is_its_end(report: PollerReport, caplog: pytest.LogCaptureFixture) -> None:
    for interval in (20, 30, 45, 50, 20, 20):
        report.pace(rhythm_of(interval), 20)

    assert [(record.levelname, record.getMessage().partition(":")[0]) for record in caplog.records] == [
        ("WARNING", "sweeps are slow"),
        ("INFO", "sweeps are in time again"),
    ]

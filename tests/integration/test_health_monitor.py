"""The health monitor as a real process, over real state files; `test_up` and the systemd tests let it repair."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import DaemonProcess, Suite, until
from tests.simulation import SimulatorProcess
from volspike.state import documents, file

Supervise = Callable[..., None]
TRIES = 3


@pytest.fixture
def supervise(suite: Suite) -> Iterator[Supervise]:
    """Say what a supervisor (this test) would of its daemons; it is known to live by the lock that it holds."""
    locks: list[int] = []
    units = {"funding-ws": "binance-funding-ws.service", "funding-api": "binance-funding-api.service"}

    def begin(**pids: int) -> None:
        states = [
            {
                "daemon": daemon.replace("_", "-"), "unit": units[daemon.replace("_", "-")], "enabled": True,
                "active_state": "active", "sub_state": "running", "result": "success", "exit_status": 0,
                "main_pid": pid, "since": time.time() - 100, "memory_bytes": None,
            }
            for daemon, pid in pids.items()
        ]  # fmt: skip
        content = {"version": 1, "pid": os.getpid(), "simulated": True, "environment": {}, "units": states}
        suite.runtime_dir.mkdir(exist_ok=True)
        (suite.runtime_dir / documents.SUPERVISION).write_text(json.dumps(content))
        lock = file.hold(suite.runtime_dir / documents.SUPERVISION_LOCK)
        assert lock is not None
        locks.append(lock)

    yield begin
    for lock in locks:
        os.close(lock)


def beat(suite: Suite, daemon: str, pid: int) -> None:
    """Let the heartbeat of a daemon be the one of this process."""
    path = documents.heartbeat_path(suite.runtime_dir, daemon)
    at = {"at": time.time(), "next_due": time.time() + 60, "next_due_monotonic": time.monotonic() + 60}
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **at, "pid": pid}))


def wishes(suite: Suite) -> list[str]:
    return [path.name for path in (suite.runtime_dir / ".restart").glob("*.service")]


def content(suite: Suite, **variables: str) -> DaemonProcess:
    """Return a monitor that has found the suite healthy; where the machine was busy, the third at the latest."""
    reports = []
    for _ in range(TRIES):
        monitor = suite.start("health-monitor", **variables)
        if monitor.wait() == 0:
            return monitor
        reports.append(monitor.log)
    raise AssertionError(reports)


def test_a_healthy_suite_exits_0_with_the_report_that_operators_know(suite: Suite, supervise: Supervise) -> None:
    ws, api = suite.streaming(), suite.ready("funding-api")
    supervise(funding_ws=ws.pid, funding_api=api.pid)

    monitor = content(suite)

    for line in (
        "Funding Data Health Check - 20",
        "  WebSocket daemon service is running",
        "  WebSocket is connected to Binance",
        "  820 symbols tracked",
        "  API server service is running",
        "  API health check: healthy",
        "  API reports 820 symbols",
        "  Data quality check: BTCUSDT funding rate matches REST API",
        "✅ STATUS: HEALTHY",
    ):
        assert line in monitor.log
    report = json.loads((suite.directory / "run-health" / "health.json").read_bytes())
    assert report["healthy"]
    assert report["repairs"] == []


def test_a_dead_feed_is_unhealthy_and_its_daemon_is_restarted_within_the_budget(
    suite: Suite, supervise: Supervise
) -> None:
    ws, api = suite.streaming(), suite.ready("funding-api")
    ws.close()
    feed = suite.feed()
    for row in feed["funding_state"].values():
        row["updatedAt"] = 1e9
    (suite.runtime_dir / ".funding_state.json").write_text(json.dumps(feed))
    beat(suite, "funding-ws", os.getpid())
    supervise(funding_ws=os.getpid(), funding_api=api.pid)

    first = suite.start("health-monitor")
    assert first.wait() == 1, first.log
    asked = wishes(suite)
    shutil.rmtree(suite.runtime_dir / ".restart")
    second = suite.start("health-monitor")

    assert second.wait() == 1
    assert asked == ["binance-funding-ws.service"]
    assert wishes(suite) == []
    assert "its data is stale while Binance itself answers" in first.log
    assert "❌ STATUS: UNHEALTHY - ACTION REQUIRED" in first.log


def test_when_binance_is_down_too_nothing_is_restarted_and_the_report_says_so(
    suite: Suite, supervise: Supervise, exchange: SimulatorProcess
) -> None:
    supervise(funding_ws=os.getpid())
    exchange.fault("http_503")

    monitor = suite.start("health-monitor")

    assert monitor.wait() == 1
    assert "Binance over REST: /fapi/v1/time answered HTTP 503" in monitor.log
    assert wishes(suite) == []


def test_maintenance_inhibits_repairs_until_it_is_over(suite: Suite, supervise: Supervise) -> None:
    supervise(funding_ws=os.getpid())

    begun = suite.volspike("maintenance", "30m")
    monitor = suite.start("health-monitor")
    monitor.wait()
    untouched = wishes(suite)
    over = suite.volspike("maintenance", "off")
    suite.start("health-monitor").wait()

    assert begun.returncode == over.returncode == 0
    assert untouched == []
    assert "Maintenance: no repairs for another 30 min" in monitor.log
    assert wishes(suite) == ["binance-funding-ws.service"]


def test_wrong_funding_and_a_wrong_clock_are_found(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.streaming()
    exchange.fault("wrong_funding")
    exchange.fault("clock_skew", seconds=8)

    report = suite.volspike("health").stdout

    assert "Data quality check: BTCUSDT funding rate" in report
    assert "differs from REST API" in report
    assert "behind Binance's" in report


def test_a_trading_perpetual_without_a_rate_is_an_error(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.streaming()
    exchange.fault("null_symbol")

    until(lambda: "1 trading perpetuals have no funding rate" in suite.volspike("health").stdout, what="the finding")


def test_a_suite_whose_units_cannot_be_seen_is_unhealthy(suite: Suite, supervise: Supervise) -> None:
    supervise()
    (suite.runtime_dir / documents.SUPERVISION_LOCK).unlink()

    done = suite.volspike("health", WS_FUNDING_ENABLED="false")

    assert done.returncode == 1
    assert "The units cannot be seen: " in done.stdout


def test_a_feed_that_is_not_wanted_is_not_missed(suite: Suite, supervise: Supervise) -> None:
    supervise()

    done = suite.volspike("health", "--json", WS_FUNDING_ENABLED="false")

    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["healthy"]


def test_while_shut_out_nothing_is_asked_and_the_report_says_so(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.streaming()
    exchange.fault("ban", seconds=120)
    banned = suite.volspike("compare")
    asked = exchange.stats()["requests"]

    report = suite.volspike("health").stdout

    assert banned.returncode == 2
    assert "Binance has shut this machine out until" in banned.stderr
    assert "Binance has shut this machine out for another" in report
    assert exchange.stats()["requests"] == asked


def test_the_dead_mans_switch_is_fetched_only_while_healthy_and_never_named(
    suite: Suite, supervise: Supervise, exchange: SimulatorProcess
) -> None:
    ws, api = suite.streaming(), suite.ready("funding-api")
    supervise(funding_ws=ws.pid, funding_api=api.pid)
    secret = f"{exchange.rest_url}/ping-0a1b2c"

    monitor = content(suite, HEALTHCHECK_PING_URL=secret)

    assert "HEALTHCHECK_PING_URL cannot be fetched: HTTP 404" in monitor.log
    assert "0a1b2c" not in monitor.log


def test_a_broken_state_file_is_named(suite: Suite) -> None:
    suite.runtime_dir.mkdir()
    path = Path(suite.runtime_dir, ".funding_state.json")
    path.write_text('{"version":2,"funding_state":{}}')

    report = suite.volspike("health").stdout

    assert f"Funding state file: {path} is broken" in report

"""One look of the monitor: report, repairs within their budget, and the switch outside this machine."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import DUE_MS, NOW, funding_document, unit_state
from tests.unit.state.test_file import disk_that_holds
from volspike.clients.supervision import foreground
from volspike.daemons import health_monitor
from volspike.model.health import Finding, Report, RestartBudget, Severity, UnitState
from volspike.model.limits import Level, LimitsMemory
from volspike.model.suite import HEALTH_MONITOR
from volspike.model.supervision import Supervision
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, file

WS = "binance-funding-ws.service"
FAILED = unit_state(active_state="failed", result="exit-code", exit_status=1)


@pytest.fixture
def monitor(runtime_dir: Path, clock: MovedClock) -> Iterator[Daemon]:
    with Daemon(HEALTH_MONITOR, clock, runtime_dir) as running:
        yield running


@pytest.fixture
def place(settings: Callable[..., Settings], server: AnsweringServer) -> Settings:
    """A suite without a feed, so that a look needs nothing else to be healthy."""
    return settings(ws_funding_enabled=False, binance_rest_url=server.url)


@pytest.fixture
def units(runtime_dir: Path) -> Iterator[Callable[..., None]]:
    """A suite in the foreground, whose units are what the test says."""

    def supervise(*states: UnitState) -> None:
        content = Supervision(1, os.getpid(), True, {}, list(states))
        file.write(runtime_dir / documents.SUPERVISION, documents.encode(content))

    lock = file.hold(runtime_dir / documents.SUPERVISION_LOCK)
    assert lock is not None
    supervise(unit_state("health-monitor", "funding-health-check.service"))
    yield supervise
    os.close(lock)


@pytest.fixture(autouse=True)
def exchange(server: AnsweringServer) -> None:
    """Binance answers, until a test says otherwise."""
    row = {"symbol": "BTCUSDT", "markPrice": "1", "lastFundingRate": "0.0001", "nextFundingTime": DUE_MS}
    server.answers["/fapi/v1/time"] = Answer(body=b'{"serverTime":%d}' % (NOW * 1000))
    server.answers["/fapi/v1/premiumIndex"] = Answer(body=json.dumps(row).encode())
    server.answers["/fapi/v1/exchangeInfo"] = Answer(body=b'{"symbols":[]}')


def settings_with_feed(place: Settings) -> Settings:
    """Return the settings of a suite that has no data, and whose API does not answer."""
    return replace(place, ws_funding_enabled=True, funding_api_port=1)


def report(runtime_dir: Path) -> Report:
    return documents.decode((runtime_dir.with_name("run-health") / documents.HEALTH_REPORT).read_bytes(), Report)


def budget(runtime_dir: Path) -> RestartBudget:
    path = runtime_dir.with_name("state-health") / documents.RESTART_BUDGET
    return documents.decode(path.read_bytes(), RestartBudget)


@pytest.mark.usefixtures("units")
def test_a_healthy_suite_is_reported_to_people_and_to_a_file(
    monitor: Daemon, place: Settings, runtime_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert health_monitor.run(monitor, place, True) == 0

    assert "✅ STATUS: HEALTHY" in capsys.readouterr().out
    assert report(runtime_dir).healthy
    mode = (runtime_dir.with_name("run-health") / documents.HEALTH_REPORT).stat().st_mode
    assert mode & 0o777 == 0o644


def test_an_unhealthy_suite_is_exit_one_and_its_failed_unit_is_restarted(
    monitor: Daemon, place: Settings, runtime_dir: Path, units: Callable[..., None]
) -> None:
    place = settings_with_feed(place)
    units(FAILED)

    assert health_monitor.run(monitor, place, True) == 1

    assert foreground.take_wishes(runtime_dir) == [WS]
    assert report(runtime_dir).repairs == [f"restarted {WS}: it has failed (exit-code)"]
    assert budget(runtime_dir).restarts == {WS: [NOW]}


def test_nothing_is_restarted_while_there_is_no_data_and_binance_does_not_answer(
    monitor: Daemon,
    place: Settings,
    server: AnsweringServer,
    runtime_dir: Path,
    units: Callable[..., None],
) -> None:
    units(FAILED)
    server.answers.clear()

    assert health_monitor.run(monitor, settings_with_feed(place), True) == 1

    assert foreground.take_wishes(runtime_dir) == []
    assert report(runtime_dir).repairs == []
    assert any("nothing is restarted meanwhile" in finding.text for finding in report(runtime_dir).findings)


@pytest.mark.parametrize(("silent_seconds", "restarted"), [(5, []), (180, [WS])])
@pytest.mark.parametrize("step_seconds", [-7200.0, 7200.0])
def test_a_feed_is_restarted_for_its_silence_and_not_for_a_clock_that_is_set(
    *,
    monitor: Daemon,
    place: Settings,
    runtime_dir: Path,
    units: Callable[..., None],
    clock: MovedClock,
    step_seconds: float,
    silent_seconds: float,
    restarted: list[str],
) -> None:
    document = funding_document()
    status = replace(document.connection_status, last_message_monotonic=clock.monotonic())
    file.write(runtime_dir / documents.FUNDING, documents.encode(replace(document, connection_status=status)))
    units(unit_state(since=None))
    clock.move(silent_seconds)

    clock.step(step_seconds)
    health_monitor.run(monitor, settings_with_feed(place), True)

    assert foreground.take_wishes(runtime_dir) == restarted


def test_an_api_that_does_not_answer_is_an_error_but_no_reason_for_a_restart(
    monitor: Daemon, place: Settings, runtime_dir: Path, units: Callable[..., None]
) -> None:
    units(unit_state("funding-api", "binance-funding-api.service", since=NOW - 30))

    assert health_monitor.run(monitor, settings_with_feed(place), True) == 1

    assert foreground.take_wishes(runtime_dir) == []
    assert "api" in {finding.check for finding in report(runtime_dir).findings if finding.severity is Severity.ERROR}


def test_units_that_nobody_can_see_are_unhealthy(
    monitor: Daemon, place: Settings, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(runtime_dir))

    assert health_monitor.run(monitor, place, True) == 1

    (told,) = [finding for finding in report(runtime_dir).findings if finding.check == "units"]
    assert (told.severity, told.text) == (
        Severity.ERROR,
        "The units cannot be seen: systemctl is not installed here",
    )


def test_the_budget_survives_from_look_to_look(
    monitor: Daemon, place: Settings, runtime_dir: Path, units: Callable[..., None], clock: MovedClock
) -> None:
    place = settings_with_feed(place)
    units(FAILED)
    restarts = 0

    for _ in range(8):
        health_monitor.run(monitor, place, True)
        restarts += len(foreground.take_wishes(runtime_dir))
        clock.move(60)

    assert restarts == 2
    (repair,) = report(runtime_dir).repairs
    assert repair == f"left {WS} as it is, restarted too often lately: it has failed (exit-code)"


def test_a_broken_budget_is_a_new_one(
    monitor: Daemon, place: Settings, runtime_dir: Path, units: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    units(FAILED)
    (runtime_dir.with_name("state-health") / documents.RESTART_BUDGET).write_bytes(b"{torn")

    health_monitor.run(monitor, settings_with_feed(place), True)

    assert "state file of the last run is broken" in caplog.messages
    assert list(runtime_dir.with_name("state-health").glob("restarts.json.corrupt-*"))
    assert foreground.take_wishes(runtime_dir) == [WS]


def test_a_monitor_that_cannot_count_its_restarts_makes_none_and_still_reports(
    monitor: Daemon,
    place: Settings,
    runtime_dir: Path,
    units: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    units(FAILED)
    with disk_that_holds(5):
        assert health_monitor.run(monitor, settings_with_feed(place), True) == 1

    assert foreground.take_wishes(runtime_dir) == []
    assert f"could not restart {WS}" in capsys.readouterr().out


@pytest.mark.usefixtures("units")
def test_the_switch_outside_is_fed_while_healthy(
    monitor: Daemon, place: Settings, server: AnsweringServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers["/secret"] = Answer(200)
    health_monitor.run(monitor, replace(place, healthcheck_ping_url=f"{server.url}/secret"), True)
    assert "/secret" in server.asked

    health_monitor.run(monitor, replace(place, healthcheck_ping_url=f"{server.url}/gone"), True)
    assert "HEALTHCHECK_PING_URL cannot be fetched: HTTP 404" in caplog.messages


def test_the_switch_outside_is_not_fed_while_unhealthy(
    monitor: Daemon, place: Settings, server: AnsweringServer, units: Callable[..., None]
) -> None:
    units(FAILED)

    health_monitor.run(monitor, replace(settings_with_feed(place), healthcheck_ping_url=f"{server.url}/secret"), True)

    assert "/secret" not in server.asked


def test_only_a_change_of_the_verdict_is_logged(
    monitor: Daemon, place: Settings, units: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    for states in ([unit_state()], [unit_state()], [FAILED], [FAILED]):
        units(*states)
        health_monitor.run(monitor, place if states != [FAILED] else settings_with_feed(place), True)

    told = [message for message in caplog.messages if message.startswith("the suite is now")]
    assert [message.split(":")[0] for message in told] == ["the suite is now healthy", "the suite is now unhealthy"]


def found(*checks: str) -> Report:
    """Return a report with these errors in it."""
    findings = [Finding(check, Severity.ERROR, f"{check} is bad") for check in checks]
    return Report(1, NOW, not checks, [*findings, Finding("disk", Severity.WARNING, "Disk is 86% full")], [])


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, found(), True),
        (found(), found(), False),
        (found("api"), found("api"), False),
        (found("api"), found("api", "freshness"), True),
        (found("api"), found("freshness"), True),
        (found("api"), found(), True),
    ],
)
def test_a_verdict_that_rests_on_something_else_is_told_again(
    before: Report | None, now: Report, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    health_monitor.tell_change(before, now)

    assert bool(caplog.messages) is told


@pytest.mark.usefixtures("units")
def test_its_heartbeat_promises_the_next_look_in_a_minute(monitor: Daemon, place: Settings, runtime_dir: Path) -> None:
    health_monitor.run(monitor, place, True)

    path = documents.heartbeat_path(runtime_dir, HEALTH_MONITOR)
    assert path.parent.parent == runtime_dir.with_name("run-health")
    assert b'"status":"healthy"' in path.read_bytes()


@pytest.mark.usefixtures("units")
def test_from_look_to_look_the_monitor_remembers_levels_and_how_busy_the_cpus_were(
    monitor: Daemon, place: Settings, runtime_dir: Path, clock: MovedClock
) -> None:
    path = runtime_dir.with_name("run-health") / documents.LIMITS
    place = replace(place, disk_warning=0.000_001, disk_critical=0.000_002, cpu_critical=None)
    for _ in range(6):
        health_monitor.run(monitor, place, True)
        clock.move(60)

    memory = documents.decode(path.read_bytes(), LimitsMemory)
    assert Level.CRITICAL in memory.levels.values()
    assert [reading.at for reading in memory.cpu] == [NOW + 60 * number for number in range(6)]
    assert "volspike_machine_disk_used_ratio" in monitor.metrics.text()


@pytest.mark.usefixtures("units")
def test_a_warning_leaves_the_suite_healthy(
    monitor: Daemon, place: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    place = replace(place, disk_warning=0.000_001, disk_critical=None)

    assert health_monitor.run(monitor, place, True) == 0

    assert "WARNINGS:" in capsys.readouterr().out

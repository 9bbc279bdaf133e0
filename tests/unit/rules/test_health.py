"""The suite's health: one table of what is found."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.examples import NOW, funding_document, funding_row, unit_state
from tests.unit.rules.observations import (
    MONITOR,
    STOPPED,
    SYMBOLS,
    UPTIME,
    WELL,
    WS,
    api,
    beats,
    feed,
    heartbeat,
    reference,
    seen,
    stamped,
    ws,
)
from volspike.model.documents import (
    VERSION,
    ChannelsDocument,
    ChannelState,
    ChannelTrouble,
    DestinationState,
    OutboxDocument,
)
from volspike.model.health import (
    ApiAnswer,
    ExchangeAnswer,
    MachineState,
    Severity,
)
from volspike.model.suite import DAEMONS
from volspike.rules import health

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def channels() -> ChannelsDocument:
    state = ChannelState(trouble=ChannelTrouble.SHAPE, since=NOW, problem="no title")
    return ChannelsDocument(VERSION, {"marketfeed": state}, NOW)


def outbox(*, age: float) -> OutboxDocument:
    return OutboxDocument(VERSION, {"backend": DestinationState(waiting=1, oldest_waiting_at=NOW - age)}, NOW)


def test_a_suite_that_is_well_gets_the_report_that_operators_know() -> None:
    report = health.judge(WELL, [])

    assert report.healthy
    assert [finding.text for finding in report.findings] == [
        "WebSocket daemon service is running",
        "API server service is running",
        "Health monitor service is running",
        "WebSocket is connected to Binance",
        "648 symbols tracked",
        "12960 messages processed",
        "Last message 5s ago",
        "API health check: healthy",
        "API reports 648 symbols",
        "Data quality check: BTCUSDT funding rate matches REST API",
        "Data quality check: BTCUSDT price diff $0.00 (0.000%)",
    ]
    assert {finding.severity for finding in report.findings} == {Severity.INFO}


@pytest.mark.parametrize(
    ("daemon", "result", "exit_status"),
    [("health-monitor", "exit-code", 1), ("backup", "success", 0), ("backup", "", 0)],
)
def test_a_job_that_has_not_failed_runs_and_the_monitor_s_exit_code_is_its_verdict(
    daemon: str, result: str, exit_status: int
) -> None:
    job = unit_state(daemon, result=result, exit_status=exit_status)

    (found, *_) = health.judge(seen(units=[job]), []).findings

    assert (found.severity, found.text.partition(" service ")[2]) == (Severity.INFO, "is running")


@pytest.mark.parametrize(
    ("changes", "check", "severity", "words"),
    [
        ({"units": [ws("failed", result="exit-code", exit_status=1)]}, "units", ERROR, "exit-code, exit status 1"),
        ({"units": [ws("failed", exit_status=78)]}, "units", ERROR, "config check"),
        (
            {"units": [unit_state("telegram-poller", active_state="failed", exit_status=78)]},
            "units",
            ERROR,
            "Telegram poller service is failed: not logged in",
        ),
        ({"units": [ws("inactive", result="exit-code")]}, "units", ERROR, "WebSocket daemon service is inactive"),
        ({"units": [ws("inactive")]}, "units", WARNING, f"systemctl start {WS}"),
        ({"units": [ws("deactivating")]}, "units", WARNING, "stopped by an operator"),
        ({"units": [ws("activating", sub_state="start")]}, "units", WARNING, "starting (start)"),
        ({"units": [api("failed", result="signal", exit_status=9)]}, "units", ERROR, "is failed: killed by signal 9, "),
        ({"units": [api("failed", result="oom-kill", exit_status=9)]}, "units", ERROR, ": killed for lack of memory, "),
        (
            {"units": [unit_state("backup", "volspike-backup.service", result="exit-code", exit_status=1)]},
            "units",
            WARNING,
            "Backup has failed when it ran last: exit-code, exit status 1, see volspike logs backup",
        ),
        ({"units": []}, "units", WARNING, "No units of the suite"),
        (
            {"units": [], "units_problem": "systemctl show did not answer"},
            "units",
            ERROR,
            "The units cannot be seen: systemctl show did not answer",
        ),
        ({"feed": None}, "feed", ERROR, "does not exist"),
        ({"feed_problem": "it is broken", "feed": None}, "feed", ERROR, "Funding state file: it is broken"),
        ({"feed": feed(connected=False)}, "websocket", ERROR, "not connected (7 attempts to reconnect)"),
        ({"feed": feed(age=180)}, "freshness", ERROR, "Last message 180s ago, at most 180s"),
        ({"feed": funding_document({})}, "freshness", ERROR, "Last message never"),
        ({"feed": feed(symbols=499)}, "coverage", ERROR, "Only 499 symbols tracked"),
        ({"feed": feed(fresh=583)}, "coverage", ERROR, "Only 583 of 648 symbols are fresh"),
        (
            {"feed": funding_document({name: funding_row(rate=None) for name in SYMBOLS})},
            "nulls",
            ERROR,
            "648 trading perpetuals have no funding rate: BTCUSDT, S0USDT, S100USDT, S101USDT, S102USDT and 643 more",
        ),
        (
            {"exchange": replace(reference(), tradable_symbols=frozenset({"NEWUSDT", "BTCUSDT"}))},
            "nulls",
            WARNING,
            "1 trading perpetuals are missing from the feed: NEWUSDT",
        ),
        (
            {"exchange": replace(reference(), tradable_symbols=frozenset("ABCDE"))},
            "nulls",
            WARNING,
            "5 trading perpetuals are missing from the feed: A, B, C, D, E",
        ),
        ({"api": ApiAnswer(None, problem="no connection")}, "api", ERROR, "no answer (no connection)"),
        ({"api": ApiAnswer(503, problem="Data stale")}, "api", ERROR, "HTTP 503, Data stale"),
        ({"exchange": reference(rate=0.0001002)}, "quality", WARNING, "0.00010000 differs from REST API 0.00010020"),
        ({"exchange": reference(rate=None)}, "quality", WARNING, "no funding rate to compare"),
        ({"exchange": reference(mark=91900.0)}, "quality", WARNING, "price diff $174.12 (0.189%)"),
        (
            {"heartbeats": beats("funding-ws", next_due=NOW - 15.1)},
            "heartbeat",
            ERROR,
            "WebSocket daemon has given no sign of life for 2s (last: streaming 648 symbols)",
        ),
        (
            {"feed": feed(age=30)},
            "websocket",
            WARNING,
            "WebSocket counts as connected, but nothing has come for 30s",
        ),
        ({"feed": feed(age=29.9)}, "websocket", Severity.INFO, "WebSocket is connected to Binance"),
        (
            {"heartbeats": beats("funding-ws", pid=4710), "units": [ws(since=NOW - 61)]},
            "heartbeat",
            ERROR,
            "WebSocket daemon has given no sign of life for 2s",
        ),
        (
            {"heartbeats": {}, "units": [ws(since=NOW - 61)]},
            "heartbeat",
            ERROR,
            "WebSocket daemon has given no sign of life since it was started",
        ),
        (
            {"units": [ws("activating", sub_state="auto-restart", result="signal")]},
            "units",
            ERROR,
            "WebSocket daemon service has failed and is being started again: killed by signal ",
        ),
        ({"machine": MachineState({"/data": 0.85}, None)}, "disk", WARNING, "Disk of /data is 85% full"),
        ({"machine": MachineState({"/data": 0.90}, None)}, "disk", ERROR, "less than 90% allowed"),
        ({"machine": MachineState({}, 0.90)}, "memory", WARNING, "Memory is 90% used"),
        ({"machine": MachineState({}, 0.97)}, "memory", ERROR, "less than 97% allowed"),
        ({"weight_closed_until": NOW + 30}, "weight", ERROR, "shut this machine out for another 30s"),
        ({"exchange": ExchangeAnswer(problem="HTTP 451")}, "exchange", WARNING, "Binance over REST: HTTP 451"),
        ({"exchange": replace(reference(), clock_skew_seconds=1.0)}, "clock", WARNING, "1.0s behind Binance's"),
        ({"exchange": replace(reference(), clock_skew_seconds=-4.99)}, "clock", WARNING, "5.0s ahead of Binance's"),
        ({"exchange": replace(reference(), clock_skew_seconds=5.0)}, "clock", ERROR, "5.0s behind Binance's"),
        ({"exchange": replace(reference(), clock_skew_seconds=-5.0)}, "clock", ERROR, "5.0s ahead of Binance's"),
        ({"maintenance_until": NOW + 600}, "maintenance", WARNING, "no repairs for another 10 min"),
        ({"outbox": outbox(age=301)}, "outbox", WARNING, "1 waiting for backend, the oldest for 5 min"),
        ({"outbox": outbox(age=1801)}, "outbox", ERROR, "1 waiting for backend, the oldest for 30 min"),
        ({"outbox_problem": "/run/x is broken"}, "outbox", WARNING, "Outbox state file: /run/x is broken"),
        ({"channels": channels()}, "channels", ERROR, "@marketfeed cannot be read, its page is not what it was"),
        ({"channels_problem": "/run/x is broken"}, "channels", WARNING, "Telegram channels: /run/x is broken"),
    ],
)
def test_what_is_wrong_is_named_with_its_severity(
    changes: dict[str, Any], check: str, severity: Severity, words: str
) -> None:
    report = health.judge(seen(**changes), [])

    found = [finding for finding in report.findings if finding.severity is severity and finding.check == check]
    assert any(words in finding.text for finding in found), report.findings
    assert not any(" and 0 more" in finding.text for finding in found)
    if severity is ERROR:
        assert not report.healthy


@pytest.mark.parametrize(
    "changes",
    [
        {"feed": feed(age=29.9)},
        {"feed": feed(symbols=500, fresh=450)},
        {"exchange": reference(rate=0.0001 + 0.9e-7)},
        {"exchange": reference(mark=91725.878 * 1.0009)},
        {"exchange": replace(reference(), clock_skew_seconds=-0.99)},
        {"exchange": replace(reference(), clock_skew_seconds=None, tradable_symbols=None)},
        {"heartbeats": beats("funding-ws", next_due=NOW - 15)},
        {"heartbeats": beats("funding-ws", next_due=NOW - 999, pid=4710), "units": [ws(since=NOW - 60)]},
        {"heartbeats": {}, "units": [ws(since=NOW - 60), api(since=None)]},
        {"machine": MachineState({"/data": 0.849}, 0.899)},
        {"machine": MachineState({}, None)},
        {"weight_closed_until": NOW},
        {"maintenance_until": NOW},
        {"outbox": outbox(age=299)},
        {"units": [ws("reloading")]},
        {"units": [ws("failed", enabled=False), api()]},
        {"units": [unit_state("health-monitor", MONITOR, main_pid=99)], "heartbeats": {}},
    ],
)
def test_at_the_edge_of_what_is_allowed_the_suite_is_still_well(changes: dict[str, Any]) -> None:
    report = health.judge(seen(**changes), [])

    assert report.healthy
    assert {finding.severity for finding in report.findings if finding.check != "nulls"} == {Severity.INFO}


def test_data_is_good_until_it_is_180_seconds_old() -> None:
    assert health.judge(seen(feed=feed(age=179)), []).healthy
    assert not health.judge(seen(feed=feed(age=180)), []).healthy


@pytest.mark.parametrize("step_seconds", [-7200.0, 7200.0])
def test_a_clock_that_is_set_changes_nothing_of_what_is_found(step_seconds: float) -> None:
    well = seen(feed=stamped(5, UPTIME - 5))

    found = health.judge(replace(well, now=NOW + step_seconds), []).findings

    assert found == health.judge(well, []).findings


def test_units_that_cannot_be_seen_are_not_said_to_be_missing() -> None:
    report = health.judge(seen(units=[], units_problem="systemd does not run on this machine"), [])

    told = [finding.text for finding in report.findings if finding.check == "units"]
    assert told == ["The units cannot be seen: systemd does not run on this machine"]


@pytest.mark.parametrize(
    ("changes", "idle"),
    [
        ({"feed": feed(age=180)}, True),
        ({"feed": None}, True),
        ({"feed": feed(age=179)}, False),
        ({"feed": None, "funding_enabled": False}, False),
        ({"feed": None, "exchange": replace(reference(), problem="the listing does not decode")}, False),
    ],
)
def test_it_is_said_when_nothing_is_restarted_because_binance_does_not_answer(
    changes: dict[str, Any], idle: bool
) -> None:
    report = health.judge(seen(**{"exchange": ExchangeAnswer(problem="no network"), **changes}), [])

    (told,) = [finding.text for finding in report.findings if finding.check == "exchange"]
    assert told.endswith("; nothing is restarted meanwhile") is idle


def test_a_row_that_legitimately_has_no_rate_is_no_finding() -> None:
    rows = dict(WELL.feed.funding_state) if WELL.feed else {}
    rows["BTCUSDT_261225"] = funding_row(NOW - 5, rate=None)

    report = health.judge(seen(feed=funding_document(rows)), [])

    assert report.healthy
    assert not [finding for finding in report.findings if finding.check == "nulls"]


@pytest.mark.parametrize(
    "changes",
    [
        {"exchange": ExchangeAnswer()},
        {"feed": feed(age=181)},
        {"feed": funding_document({"ETHUSDT": funding_row()})},
        {"feed": None},
    ],
)
def test_quality_is_not_judged_without_two_values_of_the_present(changes: dict[str, Any]) -> None:
    report = health.judge(seen(**changes), [])

    assert not [finding for finding in report.findings if finding.check == "quality"]


def test_a_reference_of_zero_is_no_division() -> None:
    report = health.judge(seen(exchange=reference(mark=0.0)), [])

    assert "price diff $91725.88 (0.000%)" in report.findings[-1].text


def test_without_the_feed_its_checks_and_its_units_are_left_out() -> None:
    report = health.judge(
        seen(
            funding_enabled=False,
            units=[ws("failed"), api("failed"), unit_state("health-monitor", MONITOR)],
            heartbeats={"funding-ws": heartbeat("funding-ws", next_due=0)},
            feed=None,
            api=ApiAnswer(None),
        ),
        [],
    )

    assert report.healthy
    assert [finding.text for finding in report.findings] == ["Health monitor service is running"]


def test_the_report_carries_the_repairs_it_is_given() -> None:
    assert health.judge(WELL, ["restarted it"]).repairs == ["restarted it"]


def test_every_daemon_has_a_name_for_people() -> None:
    assert {daemon.name for daemon in DAEMONS} <= health.TITLES.keys()


def test_a_single_attempt_to_reconnect_is_one() -> None:
    lost = feed(connected=False)
    once = replace(lost, connection_status=replace(lost.connection_status, reconnect_attempts=1))

    told = [finding.text for finding in health.judge(seen(feed=once), []).findings]

    assert "WebSocket is not connected (1 attempt to reconnect)" in told


def test_an_emergency_stop_is_an_error_that_names_its_end_and_the_market_is_not_judged() -> None:
    report = health.judge(seen(emergency=STOPPED, feed=None, api=ApiAnswer(None, problem="gone")), [])

    errors = [finding for finding in report.findings if finding.severity is ERROR]
    assert not report.healthy
    assert [finding.check for finding in errors] == ["emergency"]
    assert errors[0].text.startswith("Emergency stop since ")
    assert errors[0].text.endswith("nothing is sent (volspike emergency-stop --resume ends it)")
    assert report.emergency == STOPPED


def test_at_the_first_look_after_an_emergency_stop_the_market_is_not_judged_and_all_else_is() -> None:
    silent = {"feed": None, "api": ApiAnswer(None, problem="gone")}

    assert health.judge(seen(**silent, resumed=True), []).healthy
    assert not health.judge(seen(**silent), []).healthy
    assert not health.judge(seen(units=[ws("failed", result="exit-code")], resumed=True), []).healthy

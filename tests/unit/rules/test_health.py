"""The suite's health: one table of what is found, and restarts that never exceed their budget."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.examples import DUE_MS, NOW, funding_document, funding_row, unit_state
from volspike.model.documents import (
    VERSION,
    ChannelsDocument,
    ChannelState,
    ChannelTrouble,
    DestinationState,
    EmergencyStop,
    FundingDocument,
    Heartbeat,
    OutboxDocument,
)
from volspike.model.health import (
    ApiAnswer,
    ExchangeAnswer,
    MachineState,
    Observation,
    Repair,
    RestartBudget,
    Severity,
    UnitState,
)
from volspike.model.market import PremiumIndex
from volspike.model.suite import DAEMONS
from volspike.rules import health

SYMBOLS = ("BTCUSDT", *[f"S{number}USDT" for number in range(647)])
WS, API, MONITOR = "binance-funding-ws.service", "binance-funding-api.service", "funding-health-check.service"
UPTIME = 86_400.0
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def feed(*, age: float = 5.0, fresh: int = 648, symbols: int = 648, connected: bool = True) -> FundingDocument:
    rows = {
        name: funding_row(NOW - (age if number < fresh else 9999.0)) for number, name in enumerate(SYMBOLS[:symbols])
    }
    return funding_document(rows, connected=connected, attempts=0 if connected else 7)


def reference(mark: float = 91725.878, rate: float | None = 0.0001) -> ExchangeAnswer:
    return ExchangeAnswer(PremiumIndex("BTCUSDT", mark, rate, DUE_MS), 0.01, frozenset(SYMBOLS))


def heartbeat(daemon: str, *, next_due: float = NOW + 10, pid: int = 4711) -> Heartbeat:
    due_monotonic = UPTIME + next_due - NOW
    return Heartbeat(VERSION, daemon, pid, NOW - 3600, NOW - 2, "streaming 648 symbols", next_due, due_monotonic)


def channels() -> ChannelsDocument:
    state = ChannelState(trouble=ChannelTrouble.SHAPE, since=NOW, problem="no title")
    return ChannelsDocument(VERSION, {"marketfeed": state}, NOW)


def outbox(*, age: float) -> OutboxDocument:
    return OutboxDocument(VERSION, {"backend": DestinationState(waiting=1, oldest_waiting_at=NOW - age)}, NOW)


def ws(active_state: str = "active", **others: Any) -> UnitState:
    return unit_state("funding-ws", WS, active_state, **others)


def api(active_state: str = "active", **others: Any) -> UnitState:
    return unit_state("funding-api", API, active_state, **others)


WELL = Observation(
    now=NOW,
    monotonic=UPTIME,
    funding_enabled=True,
    units=[ws(), api(), unit_state("health-monitor", MONITOR, sub_state="waiting", main_pid=0)],
    units_problem=None,
    heartbeats={name: heartbeat(name) for name in ("funding-ws", "funding-api")},
    feed=feed(),
    feed_problem=None,
    api=ApiAnswer(200, True, 648),
    exchange=reference(),
    machine=MachineState({"/var/lib/volspike": 0.4}, 0.5),
    weight_closed_until=None,
    maintenance_until=None,
)


def beats(daemon: str, **others: Any) -> dict[str, Heartbeat]:
    return {**WELL.heartbeats, daemon: heartbeat(daemon, **others)}


def seen(**changes: Any) -> Observation:
    return replace(WELL, **changes)


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


STALE = feed(age=180)
SILENT_API = ApiAnswer(None, problem="no connection")
NO_BINANCE = ExchangeAnswer(problem="no network")


@pytest.mark.parametrize(
    ("changes", "restarted"),
    [
        ({}, []),
        ({"units": [ws("failed", result="exit-code", exit_status=1)]}, [(WS, True)]),
        ({"units": [ws("failed", result="watchdog")]}, [(WS, True)]),
        ({"units": [ws("failed", result="exit-code", exit_status=78)]}, []),
        ({"units": [ws("failed", enabled=False)]}, []),
        ({"units": [ws("inactive")], "feed": STALE}, []),
        ({"units": [ws("deactivating")], "feed": STALE}, []),
        ({"units": [ws("activating")], "feed": STALE}, []),
        ({"feed": STALE}, [(WS, False)]),
        ({"feed": None}, [(WS, False)]),
        ({"feed": funding_document({})}, [(WS, False)]),
        ({"feed": STALE, "exchange": NO_BINANCE}, []),
        ({"feed": None, "exchange": NO_BINANCE, "units": [ws("failed"), api("failed")]}, []),
        ({"feed": STALE, "exchange": NO_BINANCE, "heartbeats": beats("funding-api", next_due=NOW - 16)}, []),
        ({"exchange": NO_BINANCE, "units": [ws("failed", result="watchdog")]}, [(WS, True)]),
        ({"exchange": NO_BINANCE, "heartbeats": beats("funding-api", next_due=NOW - 16)}, [(API, False)]),
        ({"feed": STALE, "units": [ws(since=NOW - 14)]}, []),
        ({"feed": STALE, "units": [ws(since=NOW - 15)]}, [(WS, False)]),
        ({"feed": STALE, "units": [ws(since=None)]}, [(WS, False)]),
        ({"feed": STALE, "funding_enabled": False}, []),
        ({"feed": feed(age=179)}, []),
        ({"heartbeats": beats("funding-api", next_due=NOW - 16)}, [(API, False)]),
        ({"heartbeats": beats("funding-api", next_due=NOW - 16, pid=1)}, [(API, False)]),
        ({"heartbeats": beats("funding-api", pid=1), "units": [api(since=NOW - 60)]}, []),
        ({"api": SILENT_API}, []),
        ({"api": SILENT_API, "units": [ws(), api(since=None)]}, []),
        ({"api": SILENT_API, "units": [ws(), api("failed", result="signal")]}, [(API, True)]),
        ({"api": SILENT_API, "heartbeats": beats("funding-api", next_due=NOW - 16)}, [(API, False)]),
        ({"api": ApiAnswer(503, problem="Data stale")}, []),
        ({"maintenance_until": NOW + 1, "feed": STALE, "api": SILENT_API}, []),
        ({"maintenance_until": NOW, "feed": STALE}, [(WS, False)]),
    ],
)
def test_restarted_is_what_hangs_fails_or_is_stale_and_nothing_else(
    changes: dict[str, Any], restarted: list[tuple[str, bool]]
) -> None:
    _, repairs = health.plan(RestartBudget(), seen(**changes))

    assert [(repair.unit, repair.reset_failed) for repair in repairs] == restarted


@pytest.mark.parametrize("step_seconds", [-7200.0, 7200.0])
def test_a_clock_that_is_set_makes_no_daemon_late_and_excuses_none(step_seconds: float) -> None:
    well = seen(now=NOW + step_seconds, units=[ws()])
    hung = replace(well, monotonic=UPTIME + 26)

    assert not health.is_hung(ws(), well)
    assert health.is_hung(ws(), hung)


@pytest.mark.parametrize(("late_seconds", "hung"), [(15, False), (16, True)])
def test_a_sign_of_life_of_an_earlier_release_is_judged_by_the_clock_on_the_wall(
    late_seconds: float, hung: bool
) -> None:
    beat = replace(heartbeat("funding-ws", next_due=NOW - late_seconds), next_due_monotonic=None)

    assert health.is_hung(ws(), seen(heartbeats={"funding-ws": beat}, monotonic=0.0)) is hung


def test_a_repair_says_why() -> None:
    hung = beats("funding-ws", next_due=NOW - 16)

    _, stale_and_failed = health.plan(RestartBudget(), seen(feed=STALE, units=[ws(), api("failed", result="watchdog")]))
    _, silent = health.plan(RestartBudget(), seen(heartbeats=hung))

    assert [repair.reason for repair in [*stale_and_failed, *silent]] == [
        "its data is stale while Binance itself answers",
        "it has failed (watchdog)",
        "it has given no sign of life in time",
    ]


def test_every_daemon_has_a_name_for_people() -> None:
    assert {daemon.name for daemon in DAEMONS} <= health.TITLES.keys()


def done(repairs: list[Repair]) -> list[str]:
    """Return the units that are restarted."""
    return [repair.unit for repair in repairs if not repair.held_back]


def test_planned_restarts_are_in_the_budget_before_they_are_done() -> None:
    budget, _ = health.plan(RestartBudget(), seen(feed=STALE))

    assert budget == RestartBudget(VERSION, {WS: [NOW]})
    _, repairs = health.plan(budget, seen(feed=STALE, now=NOW + 60, units=[ws()], heartbeats={}))
    assert done(repairs) == []


@pytest.mark.parametrize(
    ("restarted_before", "restarted"),
    [([299], 0), ([300], 1), ([3599, 2000, 1000], 1), ([3599, 2000, 1000, 300], 0), ([3600, 2000, 1000, 300], 1)],
)
def test_a_unit_is_restarted_at_most_once_in_five_minutes_and_four_times_an_hour(
    restarted_before: list[int], restarted: int
) -> None:
    budget = RestartBudget(VERSION, {WS: [NOW - seconds for seconds in restarted_before]})

    _, repairs = health.plan(budget, seen(feed=STALE))

    assert len(done(repairs)) == restarted
    assert len(repairs) == 1, "one that is held back is told of"


def test_the_budget_of_one_unit_does_not_limit_another() -> None:
    budget = RestartBudget(VERSION, {API: [NOW - 60]})

    _, repairs = health.plan(budget, seen(feed=STALE, units=[ws(), api("failed")]))

    assert done(repairs) == [WS]


def test_restarts_are_forgotten_after_an_hour() -> None:
    budget, _ = health.plan(RestartBudget(VERSION, {WS: [NOW - 3600], API: [NOW - 3599]}), WELL)

    assert budget.restarts == {API: [NOW - 3599]}


@pytest.mark.parametrize("changes", [{"maintenance_until": NOW + 1}, {"feed": STALE, "exchange": NO_BINANCE}])
def test_maintenance_and_an_outage_of_binance_leave_the_budget_alone(changes: dict[str, Any]) -> None:
    budget = RestartBudget(VERSION, {WS: [NOW - 9999]})

    assert health.plan(budget, seen(**changes)) == (budget, [])


units = st.builds(
    lambda name, active, result, exit_status, enabled: (ws if name == "ws" else api)(
        active, result=result, exit_status=exit_status, enabled=enabled
    ),
    st.sampled_from(["ws", "api"]),
    st.sampled_from(["active", "activating", "failed", "failed", "inactive", "deactivating"]),
    st.sampled_from(["success", "exit-code", "watchdog", "start-limit-hit"]),
    st.sampled_from([0, 1, 9, 78]),
    st.sampled_from([True, True, False]),
)
looks = st.lists(
    st.tuples(st.sampled_from([1, 60, 60, 60, 299, 300, 900]), units, st.booleans(), st.booleans(), st.booleans()),
    min_size=1,
    max_size=60,
)


@given(looks)
def test_no_history_of_failures_exceeds_the_budget_or_touches_what_is_to_be_left_alone(
    history: list[tuple[int, UnitState, bool, bool, bool]],
) -> None:
    budget, now = RestartBudget(), NOW
    restarts: dict[str, list[float]] = {}
    for gap, unit, hung, maintained, outage in history:
        now += gap
        observation = seen(
            now=now,
            monotonic=UPTIME + now - NOW,
            units=[unit],
            heartbeats={unit.daemon: heartbeat(unit.daemon, next_due=0 if hung else now)},
            maintenance_until=now + 60 if maintained else None,
            api=SILENT_API,
            feed=STALE,
            exchange=NO_BINANCE if outage else reference(),
        )

        budget, repairs = health.plan(budget, observation)

        for repair in repairs:
            assert repair.unit == unit.unit
            assert not maintained
            assert not outage
            assert unit.enabled
            assert unit.active_state in ("active", "failed")
            assert not (unit.active_state == "failed" and unit.exit_status == 78)
            if not repair.held_back:
                restarts.setdefault(repair.unit, []).append(now)
    for times in restarts.values():
        assert all(later - earlier >= 300 for earlier, later in pairwise(times))
        assert all(later - earlier >= 3600 for earlier, later in zip(times, times[4:], strict=False))


def test_a_unit_that_keeps_failing_is_restarted_four_times_an_hour_and_not_less() -> None:
    budget, restarts = RestartBudget(), 0
    failing = [ws("failed", result="start-limit-hit")]

    for minute in range(120):
        budget, repairs = health.plan(budget, seen(now=NOW + minute * 60, units=failing))
        restarts += len(done(repairs))

    assert restarts == 8


def test_a_single_attempt_to_reconnect_is_one() -> None:
    lost = feed(connected=False)
    once = replace(lost, connection_status=replace(lost.connection_status, reconnect_attempts=1))

    told = [finding.text for finding in health.judge(seen(feed=once), []).findings]

    assert "WebSocket is not connected (1 attempt to reconnect)" in told


STOPPED = EmergencyStop(VERSION, NOW - 60, "why")


def test_an_emergency_stop_is_an_error_that_names_its_end_and_the_market_is_not_judged() -> None:
    report = health.judge(seen(emergency=STOPPED, feed=None, api=ApiAnswer(None, problem="gone")), [])

    errors = [finding for finding in report.findings if finding.severity is ERROR]
    assert not report.healthy
    assert [finding.check for finding in errors] == ["emergency"]
    assert errors[0].text.startswith("Emergency stop since ")
    assert errors[0].text.endswith("nothing is sent (volspike emergency-stop --resume ends it)")


def test_nothing_is_restarted_during_an_emergency_stop() -> None:
    failed = [ws("failed", result="exit-code", exit_status=1)]

    assert health.plan(RestartBudget(), seen(units=failed))[1]
    assert health.plan(RestartBudget(), seen(units=failed, emergency=STOPPED)) == (RestartBudget(), [])

"""Restarts: of what hangs, fails or is stale, and never beyond their budget."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.examples import NOW, funding_document
from tests.unit.rules.observations import (
    API,
    NO_BINANCE,
    SILENT_API,
    STALE,
    STOPPED,
    UPTIME,
    WELL,
    WS,
    api,
    beats,
    feed,
    heartbeat,
    reference,
    seen,
    ws,
)
from volspike.model.documents import (
    VERSION,
)
from volspike.model.health import (
    ApiAnswer,
    Repair,
    RestartBudget,
    UnitState,
)
from volspike.rules import repairs


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
    _, planned = repairs.plan(RestartBudget(), seen(**changes))

    assert [(repair.unit, repair.reset_failed) for repair in planned] == restarted


def test_a_repair_says_why() -> None:
    hung = beats("funding-ws", next_due=NOW - 16)

    _, stale_and_failed = repairs.plan(
        RestartBudget(), seen(feed=STALE, units=[ws(), api("failed", result="watchdog")])
    )
    _, silent = repairs.plan(RestartBudget(), seen(heartbeats=hung))

    assert [repair.reason for repair in [*stale_and_failed, *silent]] == [
        "its data is stale while Binance itself answers",
        "it has failed (watchdog)",
        "it has given no sign of life in time",
    ]


def done(planned: list[Repair]) -> list[str]:
    """Return the units that are restarted."""
    return [repair.unit for repair in planned if not repair.held_back]


def test_planned_restarts_are_in_the_budget_before_they_are_done() -> None:
    budget, _ = repairs.plan(RestartBudget(), seen(feed=STALE))

    assert budget == RestartBudget(VERSION, {WS: [NOW]})
    _, planned = repairs.plan(budget, seen(feed=STALE, now=NOW + 60, units=[ws()], heartbeats={}))
    assert done(planned) == []


@pytest.mark.parametrize(
    ("restarted_before", "restarted"),
    [([299], 0), ([300], 1), ([3599, 2000, 1000], 1), ([3599, 2000, 1000, 300], 0), ([3600, 2000, 1000, 300], 1)],
)
def test_a_unit_is_restarted_at_most_once_in_five_minutes_and_four_times_an_hour(
    restarted_before: list[int], restarted: int
) -> None:
    budget = RestartBudget(VERSION, {WS: [NOW - seconds for seconds in restarted_before]})

    _, planned = repairs.plan(budget, seen(feed=STALE))

    assert len(done(planned)) == restarted
    assert len(planned) == 1, "one that is held back is told of"


def test_the_budget_of_one_unit_does_not_limit_another() -> None:
    budget = RestartBudget(VERSION, {API: [NOW - 60]})

    _, planned = repairs.plan(budget, seen(feed=STALE, units=[ws(), api("failed")]))

    assert done(planned) == [WS]


def test_restarts_are_forgotten_after_an_hour() -> None:
    budget, _ = repairs.plan(RestartBudget(VERSION, {WS: [NOW - 3600], API: [NOW - 3599]}), WELL)

    assert budget.restarts == {API: [NOW - 3599]}


@pytest.mark.parametrize("changes", [{"maintenance_until": NOW + 1}, {"feed": STALE, "exchange": NO_BINANCE}])
def test_maintenance_and_an_outage_of_binance_leave_the_budget_alone(changes: dict[str, Any]) -> None:
    budget = RestartBudget(VERSION, {WS: [NOW - 9999]})

    assert repairs.plan(budget, seen(**changes)) == (budget, [])


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

        budget, planned = repairs.plan(budget, observation)

        for repair in planned:
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
        budget, planned = repairs.plan(budget, seen(now=NOW + minute * 60, units=failing))
        restarts += len(done(planned))

    assert restarts == 8


def test_nothing_is_restarted_during_an_emergency_stop() -> None:
    failed = [ws("failed", result="exit-code", exit_status=1)]

    assert repairs.plan(RestartBudget(), seen(units=failed))[1]
    assert repairs.plan(RestartBudget(), seen(units=failed, emergency=STOPPED)) == (RestartBudget(), [])


def test_a_feed_that_an_emergency_stop_has_just_let_go_is_not_restarted_for_what_it_missed() -> None:
    assert repairs.plan(RestartBudget(), seen(feed=STALE))[1]
    assert repairs.plan(RestartBudget(), seen(feed=STALE, resumed=True)) == (RestartBudget(), [])

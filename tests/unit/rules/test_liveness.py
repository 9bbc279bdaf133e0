"""What is meant to run, and whether it does."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.examples import NOW, funding_document, unit_state
from tests.unit.rules.observations import STALE, UPTIME, api, feed, heartbeat, seen, stamped, ws
from volspike.rules import liveness


@pytest.mark.parametrize("step_seconds", [-7200.0, 7200.0])
def test_a_clock_that_is_set_makes_no_daemon_late_and_excuses_none(step_seconds: float) -> None:
    well = seen(now=NOW + step_seconds, units=[ws()])
    hung = replace(well, monotonic=UPTIME + 26)

    assert not liveness.is_hung(ws(), well)
    assert liveness.is_hung(ws(), hung)


@pytest.mark.parametrize(("late_seconds", "hung"), [(15, False), (16, True)])
def test_a_sign_of_life_of_an_earlier_release_is_judged_by_the_clock_on_the_wall(
    late_seconds: float, hung: bool
) -> None:
    beat = replace(heartbeat("funding-ws", next_due=NOW - late_seconds), next_due_monotonic=None)

    assert liveness.is_hung(ws(), seen(heartbeats={"funding-ws": beat}, monotonic=0.0)) is hung


@pytest.mark.parametrize(("late_seconds", "hung"), [(15, False), (16, True)])
def test_a_due_time_of_another_boot_is_judged_by_the_clock_on_the_wall(late_seconds: float, hung: bool) -> None:
    beat = replace(heartbeat("funding-ws", next_due=NOW - late_seconds), at=NOW - late_seconds - 12)
    just_booted = seen(heartbeats={"funding-ws": beat}, monotonic=60.0)

    assert liveness.is_hung(ws(), just_booted) is hung


@pytest.mark.parametrize(
    ("age_seconds", "pid", "hung"), [(60, 4711, False), (61, 4711, True), (60, 1, False), (61, 1, True)]
)
def test_without_a_sign_of_life_of_its_own_a_process_has_a_minute(age_seconds: float, pid: int, hung: bool) -> None:
    beats = {"funding-ws": heartbeat("funding-ws", pid=pid)} if pid == 1 else {}
    unit = ws(since=NOW - age_seconds)

    assert liveness.is_hung(unit, seen(units=[unit], heartbeats=beats)) is hung


def test_what_does_not_run_or_is_started_by_a_timer_owes_no_sign_of_life() -> None:
    nothing = seen(heartbeats={})

    assert not liveness.is_hung(ws("failed"), nothing)
    assert not liveness.is_hung(ws(since=None), nothing)
    assert not liveness.is_hung(unit_state("health-monitor", since=NOW - 600), nothing)
    assert liveness.is_hung(unit_state("courier", since=NOW - 600), nothing)


@pytest.mark.parametrize(
    ("changes", "daemons"),
    [
        ({"units": [ws(), api(), unit_state("courier")]}, ["funding-ws", "funding-api", "courier"]),
        ({"units": [ws(enabled=False), api()]}, ["funding-api"]),
        ({"units": [ws(), api(), unit_state("courier")], "funding_enabled": False}, ["courier"]),
    ],
)
def test_meant_to_run_is_what_is_enabled_and_the_feed_only_where_it_is_wanted(
    changes: dict[str, Any], daemons: list[str]
) -> None:
    assert [unit.daemon for unit in liveness.watched(seen(**changes))] == daemons


@pytest.mark.parametrize(
    ("changes", "stale"),
    [
        ({"feed": feed(age=179)}, False),
        ({"feed": STALE}, True),
        ({"feed": None}, True),
        ({"feed": funding_document({})}, True),
        ({"feed": STALE, "funding_enabled": False}, False),
    ],
)
def test_data_is_stale_from_three_minutes_on_and_so_is_none(changes: dict[str, Any], stale: bool) -> None:
    assert liveness.is_stale(seen(**changes)) is stale


@pytest.mark.parametrize("step_seconds", [-7200.0, 7200.0])
@pytest.mark.parametrize(("age_seconds", "stale"), [(5, False), (179, False), (180, True)])
def test_a_clock_that_is_set_makes_no_data_stale_and_none_fresh(
    step_seconds: float, age_seconds: float, stale: bool
) -> None:
    stepped = seen(now=NOW + step_seconds, feed=stamped(age_seconds, UPTIME - age_seconds))

    assert liveness.is_stale(stepped) is stale


@pytest.mark.parametrize("monotonic", [None, UPTIME + 1])
def test_data_of_an_earlier_release_or_boot_is_judged_by_the_clock_on_the_wall(monotonic: float | None) -> None:
    assert not liveness.is_stale(seen(feed=stamped(179, monotonic)))
    assert liveness.is_stale(seen(feed=stamped(180, monotonic)))


@pytest.mark.parametrize(("until", "wanted"), [(None, False), (NOW, False), (NOW + 1, True)])
def test_a_maintenance_lasts_until_its_end(until: float | None, wanted: bool) -> None:
    assert liveness.in_maintenance(seen(maintenance_until=until)) is wanted

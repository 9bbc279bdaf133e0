"""What people are told of the suite's health."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.examples import NOW
from volspike.model.documents import VERSION, EmergencyStop
from volspike.model.health import Finding, Report, Severity
from volspike.rules import health_news
from volspike.rules.health_news import Told

BAD = Told(healthy=False, at=NOW - 60, since=NOW - 600)


def report(*errors: str, at: float = NOW) -> Report:
    findings = [Finding("units", Severity.WARNING, "a warning"), Finding("units", Severity.INFO, "running")]
    findings += [Finding("websocket", Severity.ERROR, error) for error in errors]
    return Report(1, at, not errors, findings, [])


def test_a_suite_that_turns_unhealthy_is_told_with_every_error() -> None:
    told, text = health_news.step(Told(), report("WebSocket is not connected", "Disk is full"), NOW)

    assert text == "❌ VolSpike is unhealthy:\n• WebSocket is not connected\n• Disk is full"
    assert told == Told(False, NOW, NOW)


def test_a_suite_that_is_well_again_says_how_long_it_was_not() -> None:
    told, text = health_news.step(BAD, report(), NOW)

    assert text == "✅ VolSpike is healthy again after 10 min"
    assert told == Told(True, NOW, NOW)


def test_what_has_been_told_is_not_told_again_within_an_hour() -> None:
    assert health_news.step(Told(), report(), NOW) == (Told(), None)
    assert health_news.step(BAD, report("WebSocket is not connected"), NOW) == (BAD, None)


@pytest.mark.parametrize(("ago", "reminded"), [(3599, False), (3600, True), (-1, True)])
def test_every_hour_people_are_reminded_of_what_is_still_bad(ago: float, reminded: bool) -> None:
    before = Told(False, NOW - ago, NOW - 7200)

    told, text = health_news.step(before, report("Disk is full"), NOW)

    assert text == ("❌ VolSpike is still unhealthy after 120 min:\n• Disk is full" if reminded else None)
    assert told == (Told(False, NOW, NOW - 7200) if reminded else before)


def test_an_old_report_is_no_news() -> None:
    assert health_news.step(Told(), report("Disk is full", at=NOW - 601), NOW) == (Told(), None)
    assert health_news.step(Told(), report("Disk is full", at=NOW - 600), NOW)[1]


STOPPED = EmergencyStop(VERSION, NOW - 900, "a drill")


@pytest.mark.parametrize("told", [Told(), BAD])
def test_a_verdict_given_during_an_emergency_stop_is_none_to_tell(told: Told) -> None:
    stopped = replace(report("Emergency stop since …", "Disk is full"), emergency=STOPPED)

    assert health_news.step(told, stopped, NOW) == (told, None)


def test_an_emergency_stop_that_held_when_the_monitor_looked_has_ended() -> None:
    assert health_news.ended(report(), NOW) is None
    assert health_news.ended(replace(report("Emergency stop …"), emergency=STOPPED), NOW + 600) == STOPPED


def test_the_end_of_one_of_long_ago_is_no_news() -> None:
    assert health_news.ended(replace(report("Emergency stop …"), emergency=STOPPED), NOW + 601) is None


def test_of_what_was_never_told_nobody_says_since_when() -> None:
    _, reminder = health_news.step(Told(healthy=False), report("Disk is full"), NOW)
    _, recovery = health_news.step(Told(healthy=False), report(), NOW)

    assert reminder == "❌ VolSpike is still unhealthy:\n• Disk is full"
    assert recovery == "✅ VolSpike is healthy again"


@given(st.lists(st.tuples(st.floats(1, 4000), st.booleans()), max_size=50))
def test_people_know_the_verdict_and_never_hear_it_twice_within_an_hour(history: list[tuple[float, bool]]) -> None:
    told, now, heard = Told(), NOW, list[tuple[float, bool]]()
    for gap, healthy in history:
        now += gap
        told, text = health_news.step(told, report(*([] if healthy else ["Disk is full"]), at=now), now)
        assert told.healthy == healthy
        if text is not None:
            if heard and heard[-1][1] == healthy:
                assert not healthy
                assert now - heard[-1][0] >= 3600
            heard.append((now, healthy))

"""What the Health page says of the suite."""

from typing import Any

import pytest

from tests.unit.examples import NOW, unit_state
from volspike.dashboard.views import health as view
from volspike.dashboard.views.health import Order, Tone, Words
from volspike.model.documents import VERSION, DestinationState, EmergencyStop, Heartbeat, Mute
from volspike.model.health import Finding, Report, Severity, UnitState
from volspike.model.limits import Limit
from volspike.model.suite import daemon_named
from volspike.readers.health import DaemonHealth, SuiteHealth
from volspike.rules.weight import Account

LIMIT = Limit(300.0, 1800.0)


def report(
    *severities: Severity, healthy: bool = True, at: float = NOW - 20, repairs: list[str] | None = None
) -> Report:
    """Return a report with a finding of each severity."""
    findings = [Finding("check", severity, f"something {severity}") for severity in severities]
    return Report(VERSION, at, healthy, findings, repairs or [])


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (None, Words("No verdict yet", Tone.QUIET)),
        (report(Severity.INFO), Words("Healthy", Tone.GOOD)),
        (report(Severity.INFO, Severity.WARNING), Words("Healthy, with warnings", Tone.WARN)),
        (report(Severity.ERROR, healthy=False), Words("Unhealthy", Tone.BAD)),
        (report(Severity.INFO, at=NOW - 181), Words("The health monitor is silent", Tone.BAD)),
    ],
)
def test_the_verdict_is_the_last_one_while_it_is_of_the_present(given: Report | None, title: Words) -> None:
    assert view.verdict(given, NOW).title == title


def test_the_worst_comes_first_repairs_are_told_and_what_is_fine_stands_apart() -> None:
    given = report(
        Severity.INFO, Severity.WARNING, Severity.ERROR, healthy=False, repairs=["restarted volspike.service"]
    )

    assert view.verdict(given, NOW).findings == (
        Words("something error", Tone.BAD),
        Words("something warning", Tone.WARN),
        Words("Repair: restarted volspike.service", Tone.WARN),
    )
    assert view.verdict(given, NOW).fine == (Words("something info", Tone.GOOD),)


@pytest.mark.parametrize(("count", "said"), [(1, "1 check is fine"), (24, "24 checks are fine")])
def test_what_is_fine_is_counted(count: int, said: str) -> None:
    assert view.fine(count) == said


BEAT = Heartbeat(VERSION, "funding-ws", 4711, NOW - 7200, NOW - 4, "648 symbols", NOW + 10)
"""A sign of life of a daemon that has run for two hours."""


def daemon(
    state: UnitState | None = None,
    heartbeat: Heartbeat | None = None,
    *,
    name: str = "funding-ws",
    is_overdue: bool = False,
) -> DaemonHealth:
    return DaemonHealth(daemon_named(name), state, heartbeat, None, is_overdue)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (daemon(unit_state()), Words("running", Tone.GOOD)),
        (daemon(unit_state(), name="health-monitor"), Words("waiting", Tone.GOOD)),
        (daemon(unit_state(active_state="failed")), Words("failed", Tone.BAD)),
        (daemon(unit_state(active_state="activating")), Words("activating", Tone.WARN)),
        (daemon(unit_state(active_state="inactive", enabled=False)), Words("not in use", Tone.QUIET)),
        (daemon(), Words("unknown", Tone.QUIET)),
        (daemon(heartbeat=BEAT), Words("alive", Tone.GOOD)),
        (daemon(heartbeat=BEAT, is_overdue=True), Words("silent", Tone.BAD)),
    ],
)
def test_the_state_of_a_daemon_is_what_is_known_of_it(seen: DaemonHealth, state: Words) -> None:
    assert view.daemon(seen, NOW).state == state


def test_a_daemon_tells_its_last_sign_of_life_its_work_memory_and_age() -> None:
    row = view.daemon(DaemonHealth(daemon_named("funding-ws"), unit_state(), BEAT, 31_400_000), NOW)

    assert (row.beat, row.did, row.memory, row.uptime) == (Words("4 s ago"), "648 symbols", "31 MB", "2 h")


def test_what_is_silent_or_lives_for_a_moment_does_not_run_for_a_time() -> None:
    assert view.daemon(daemon(heartbeat=BEAT, is_overdue=True), NOW).uptime == "–"
    assert view.daemon(daemon(heartbeat=BEAT, name="health-monitor"), NOW).uptime == "–"


def test_what_is_not_known_of_a_daemon_is_a_dash() -> None:
    row = view.daemon(daemon(), NOW)

    assert (row.beat, row.did, row.memory, row.uptime) == (Words("–"), "–", "–", "–")


def test_a_daemon_that_tells_nothing_has_the_words_of_its_unit() -> None:
    assert view.daemon(daemon(unit_state()), NOW).did == "working"


@pytest.mark.parametrize(
    ("is_overdue", "words"), [(False, Words("4 s ago")), (True, Words("4 s ago, overdue", Tone.BAD))]
)
def test_a_sign_of_life_that_is_overdue_is_said_to_be_so(is_overdue: bool, words: Words) -> None:
    assert view.daemon(daemon(unit_state(), BEAT, is_overdue=is_overdue), NOW).beat == words


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, Words("flows", Tone.GOOD)),
        ({"waiting": 1, "oldest_waiting_at": NOW - 299}, Words("flows", Tone.GOOD)),
        ({"waiting": 1, "oldest_waiting_at": NOW - 301}, Words("slow", Tone.WARN)),
        ({"waiting": 1, "oldest_waiting_at": NOW - 1801}, Words("stuck", Tone.BAD)),
        ({"waiting": 9, "oldest_waiting_at": NOW, "quiet_until": NOW + 3600}, Words("quiet for 1 h more")),
        ({"quiet_until": NOW - 1}, Words("flows", Tone.GOOD)),
        ({"paused_since": NOW - 120, "reason": "HTTP 401"}, Words("paused for 2 min", Tone.BAD)),
    ],
)
def test_a_destination_flows_unless_something_waits_or_it_is_paused(fields: dict[str, Any], state: Words) -> None:
    assert view.destination("backend", DestinationState(**fields), NOW, LIMIT).state == state


def test_a_destination_tells_what_waits_and_what_became_of_the_rest() -> None:
    state = DestinationState(waiting=1234, oldest_waiting_at=NOW - 65, delivered=5, refused=2, expired=1, dropped=7)

    assert view.destination("telegram", state, NOW, LIMIT)[2:] == ("1,234", "1 min", "5", "2", "1", "7", "")


MINUTE = int(NOW // 60)


@pytest.mark.parametrize(
    ("account", "text", "share"),
    [
        (None, "0 of 2,400 used this minute; the suite stops at 2,200", 0.0),
        (Account(MINUTE, 1200), "1,200 of 2,400 used this minute; the suite stops at 2,200", 0.5),
        (Account(MINUTE, 2500), "2,500 of 2,400 used this minute; the suite stops at 2,200", 1.0),
        (Account(MINUTE - 1, 1200), "0 of 2,400 used this minute; the suite stops at 2,200", 0.0),
    ],
)
def test_the_weight_is_that_of_this_minute(account: Account | None, text: str, share: float) -> None:
    bar = view.weight(account, NOW)

    assert (bar.text, bar.share, bar.closed.text) == (text, share, "")


def test_that_binance_has_shut_this_machine_out_is_told() -> None:
    bar = view.weight(Account(MINUTE, 0, NOW + 120), NOW)

    assert bar.closed == Words("Binance has shut this machine out for 2 min more", Tone.BAD)


def test_what_was_ordered_is_told_with_what_ends_it() -> None:
    ordered = SuiteHealth(
        NOW,
        maintenance_until=NOW + 1800,
        emergency_stop=EmergencyStop(VERSION, NOW - 60, "a wrong key"),
        mutes={"BTCUSDT": Mute(NOW - 5, NOW + 3600), "币安人生USDT": Mute(NOW - 5, NOW + 60)},
    )

    assert view.orders(SuiteHealth(NOW)) == ()
    assert view.orders(ordered) == (
        Order(
            "Emergency stop",
            "For 1 min nobody is asked and nothing is sent: a wrong key. volspike emergency-stop --resume ends it.",
            is_grave=True,
        ),
        Order("Maintenance", "No repairs for 30 min more. volspike maintenance off ends it."),
        Order(
            "Muted symbols",
            "People are not told of BTCUSDT (1 h more), 币安人生USDT (1 min more). volspike unmute ends it.",
        ),
    )


def test_a_stop_without_a_reason_has_none() -> None:
    (order,) = view.orders(SuiteHealth(NOW, emergency_stop=EmergencyStop(VERSION, NOW - 5)))

    assert order.said.startswith("For 5 s nobody is asked and nothing is sent. ")

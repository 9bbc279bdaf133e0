"""The suite's condition as an answer."""

from msgspec.structs import replace

from tests.unit.assistant.conftest import NOW
from tests.unit.examples import unit_state
from volspike.assistant.condition import health
from volspike.model.documents import VERSION, DestinationState, EmergencyStop, Heartbeat, Mute, OutboxDocument
from volspike.model.health import Finding, Report, Severity
from volspike.model.suite import daemon_named
from volspike.readers.health import DaemonHealth, SuiteHealth
from volspike.rules.weight import Account

FINDINGS = [
    Finding("disk", Severity.WARNING, "Disk is 86% full"),
    Finding("api", Severity.ERROR, "API is silent"),
    Finding("feed", Severity.INFO, "well"),
]
BEAT = Heartbeat(VERSION, "courier", 1, NOW - 100, NOW - 2, "backend quiet", NOW + 5)
SUITE = SuiteHealth(
    at=NOW,
    daemons=(
        DaemonHealth(daemon_named("courier"), unit_state("courier"), BEAT, 40_000_000, is_overdue=True),
        DaemonHealth(daemon_named("backend"), None, None, None),
    ),
    outbox=OutboxDocument(
        VERSION,
        {
            "backend": DestinationState(waiting=3, oldest_waiting_at=NOW - 60, paused_since=NOW - 9, reason="HTTP 401"),
            "telegram": DestinationState(delivered=7, quiet_until=NOW + 36.0),
        },
        NOW - 4,
    ),
    weight=Account(minute=NOW // 60, used=123),
    report=Report(VERSION, NOW - 30, False, FINDINGS, []),
    mutes={"BTCUSDT": Mute(NOW, NOW + 60)},
)


def test_verdict_daemons_deliveries_and_weight_are_told() -> None:
    answer = health(SUITE)

    assert (answer.is_healthy, answer.verdict_age_seconds) == (False, 30.0)
    assert (answer.errors, answer.warnings) == (["API is silent"], ["Disk is 86% full"])
    courier, backend = answer.daemons
    assert (courier.state, courier.last_status, courier.last_sign_of_life_seconds_ago) == ("active", "backend quiet", 2)
    assert (backend.state, backend.last_sign_of_life_seconds_ago, backend.memory_bytes) == ("unknown", None, None)
    assert (courier.is_overdue, backend.is_overdue) == (True, False)
    paused, quiet = answer.destinations
    assert (paused.waiting, paused.oldest_waiting_seconds, paused.paused_because) == (3, 60.0, "HTTP 401")
    assert (quiet.delivered_24h, quiet.oldest_waiting_seconds, quiet.paused_because) == (7, None, "")
    assert (paused.quiet_until, quiet.quiet_until) == (None, "2025-12-03T01:13:00Z")
    assert answer.destinations_age_seconds == 4.0
    assert (answer.binance_weight_used_this_minute, answer.binance_shut_out_until) == (123, None)
    assert (answer.muted_symbols, answer.emergency_stop) == (["BTCUSDT"], "")


def test_an_old_verdict_is_no_verdict() -> None:
    answer = health(replace(SUITE, report=Report(VERSION, NOW - 181, True, FINDINGS, [])))

    assert (answer.is_healthy, answer.errors, answer.warnings) == (None, [], [])
    assert answer.verdict_age_seconds == 181.0


def test_before_anything_has_run_everything_is_unknown() -> None:
    answer = health(SuiteHealth(at=NOW))

    assert (answer.is_healthy, answer.verdict_age_seconds, answer.binance_weight_used_this_minute) == (None,) * 3
    assert (answer.daemons, answer.destinations, answer.destinations_age_seconds) == ([], [], None)


def test_a_ban_and_an_emergency_stop_are_told() -> None:
    account = Account(minute=1, used=99, closed_until=NOW + 60.0)
    answer = health(replace(SUITE, weight=account, emergency_stop=EmergencyStop(VERSION, NOW - 5, "a drill")))

    assert answer.binance_shut_out_until == "2025-12-03T01:13:24Z"
    assert answer.binance_weight_used_this_minute is None
    assert answer.emergency_stop.startswith("emergency stop since 2025-12-03 01:12:19 UTC (a drill)")

"""The suite's condition that was read, as an answer."""

from volspike.assistant import answers
from volspike.assistant.words import age, instant, plain
from volspike.model.documents import DestinationState
from volspike.model.health import Severity
from volspike.readers.health import DaemonHealth, SuiteHealth
from volspike.rules import emergency
from volspike.rules.weight import SECONDS_PER_MINUTE

VERDICT_SECONDS = 180.0
"""A verdict comes each minute; one as old as three of them says nothing of now."""


def health(suite: SuiteHealth) -> answers.Health:
    """Return how everything stands."""
    report, now = suite.report, suite.at
    fresh = report is not None and abs(now - report.at) <= VERDICT_SECONDS
    findings = report.findings if report is not None and fresh else []
    account = suite.weight
    counted = account is not None and account.minute == int(now // SECONDS_PER_MINUTE)
    shut_out = account is not None and account.closed_until > now
    return answers.Health(
        as_of=instant(now),
        is_healthy=report.healthy if report is not None and fresh else None,
        verdict_age_seconds=age(report.at, now) if report is not None else None,
        errors=[plain(finding.text) for finding in findings if finding.severity is Severity.ERROR],
        warnings=[plain(finding.text) for finding in findings if finding.severity is Severity.WARNING],
        emergency_stop=plain(emergency.sentence(suite.emergency_stop)) if suite.emergency_stop else "",
        daemons=[_daemon(daemon, now) for daemon in suite.daemons],
        destinations=[_destination(name, state, now) for name, state in _destinations(suite).items()],
        destinations_age_seconds=age(suite.outbox.updated_at, now) if suite.outbox else None,
        muted_symbols=sorted(suite.mutes),
        binance_weight_used_this_minute=account.used if account is not None and counted else None,
        binance_shut_out_until=instant(account.closed_until) if account is not None and shut_out else None,
    )


def _destinations(suite: SuiteHealth) -> dict[str, DestinationState]:
    return suite.outbox.destinations if suite.outbox else {}


def _daemon(daemon: DaemonHealth, now: float) -> answers.Daemon:
    beat, state = daemon.beat, daemon.state
    return answers.Daemon(
        name=daemon.info.name,
        does=daemon.info.does,
        state=state.active_state if state else "unknown",
        last_status=plain(beat.status) if beat else "",
        last_sign_of_life_seconds_ago=age(beat.at, now) if beat else None,
        is_overdue=daemon.is_overdue,
        memory_bytes=daemon.memory_bytes,
    )


def _destination(name: str, state: DestinationState, now: float) -> answers.Destination:
    return answers.Destination(
        name=name,
        waiting=state.waiting,
        oldest_waiting_seconds=age(state.oldest_waiting_at, now) if state.oldest_waiting_at else None,
        quiet_until=instant(state.quiet_until) if state.quiet_until else None,
        delivered_24h=state.delivered,
        refused_24h=state.refused,
        expired_24h=state.expired,
        paused_because=plain(state.reason) if state.paused_since else "",
    )

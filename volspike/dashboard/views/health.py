"""What the Health page shows of the suite: a verdict, the daemons, what is on its way, and what was ordered."""

from enum import StrEnum
from typing import NamedTuple

from volspike.dashboard.views.words import age
from volspike.model.documents import DestinationState
from volspike.model.health import Report, Severity
from volspike.model.limits import Level, Limit
from volspike.model.suite import Kind
from volspike.readers.health import DaemonHealth, SuiteHealth
from volspike.rules.limits import level
from volspike.rules.weight import CEILING, LIMIT, SECONDS_PER_MINUTE, Account

SILENT_SECONDS = 180.0
"""The monitor speaks once a minute; after three of them its verdict is of the past."""
BYTES_PER_MEGABYTE = 1_000_000


class Tone(StrEnum):
    """How something is, and the class that shows it."""

    GOOD = "vs-good"
    WARN = "vs-warn"
    BAD = "vs-bad"
    QUIET = "vs-quiet"


class Words(NamedTuple):
    """A few words, and how what they say is."""

    text: str
    tone: Tone = Tone.QUIET


class Verdict(NamedTuple):
    """What the monitor has said last, and what it rests on: what is wrong, the worst first, and what is fine."""

    title: Words
    said: str
    findings: tuple[Words, ...] = ()
    fine: tuple[Words, ...] = ()


class DaemonRow(NamedTuple):
    """A daemon in words."""

    name: str
    does: str
    state: Words
    beat: Words
    did: str
    memory: str
    uptime: str


class DestinationRow(NamedTuple):
    """How deliveries to one destination stand, in words; counts are of the last 24 hours."""

    name: str
    state: Words
    waiting: str
    oldest: str
    delivered: str
    refused: str
    expired: str
    dropped: str
    reason: str


class WeightBar(NamedTuple):
    """How much of this minute's request weight is used: words, and a share of the limit from 0 to 1."""

    text: str
    share: float
    closed: Words


class Order(NamedTuple):
    """What an operator has ordered, and what ends it."""

    title: str
    said: str
    is_grave: bool = False


_SEVERITIES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.GOOD}
_PACES = {
    Level.WELL: Words("flows", Tone.GOOD),
    Level.WARNING: Words("slow", Tone.WARN),
    Level.CRITICAL: Words("stuck", Tone.BAD),
}


def verdict(report: Report | None, now: float) -> Verdict:
    """Return the last verdict in words; one of the past is none."""
    if report is None:
        return Verdict(Words("No verdict yet"), "The health monitor gives its first one soon after the start.")
    seconds = now - report.at
    findings = (
        *_found(report, Severity.ERROR),
        *_found(report, Severity.WARNING),
        *(Words(f"Repair: {repair}", Tone.WARN) for repair in report.repairs),
    )
    return Verdict(*_judged(report, seconds), findings, _found(report, Severity.INFO))


def _judged(report: Report, seconds: float) -> tuple[Words, str]:
    if seconds > SILENT_SECONDS:
        return Words("The health monitor is silent", Tone.BAD), f"Its last verdict is {age(seconds)} old."
    said = f"Judged {age(seconds)} ago"
    if not report.healthy:
        return Words("Unhealthy", Tone.BAD), said
    if _found(report, Severity.WARNING):
        return Words("Healthy, with warnings", Tone.WARN), said
    return Words("Healthy", Tone.GOOD), said


def _found(report: Report, severity: Severity) -> tuple[Words, ...]:
    found = (finding for finding in report.findings if finding.severity is severity)
    return tuple(Words(finding.text, _SEVERITIES[severity]) for finding in found)


def fine(count: int) -> str:
    """Return the line behind which lies what is fine."""
    return f"{count} {'check is' if count == 1 else 'checks are'} fine"


def daemon(seen: DaemonHealth, now: float) -> DaemonRow:
    """Return what is known of a daemon."""
    beat = seen.beat
    status = beat.status if beat else seen.state.status_text if seen.state else ""
    return DaemonRow(
        seen.info.name,
        seen.info.does,
        _state(seen),
        _beat(seen, now),
        status or "–",
        "–" if seen.memory_bytes is None else f"{seen.memory_bytes / BYTES_PER_MEGABYTE:.0f} MB",
        age(now - beat.started_at) if beat and _runs(seen) else "–",
    )


def _runs(seen: DaemonHealth) -> bool:
    """Tell whether its process is there all the time, as far as is known."""
    return seen.info.kind is Kind.ALWAYS_ON and not seen.is_overdue


def _state(seen: DaemonHealth) -> Words:
    """Return its state as whoever keeps it alive says; without that, as its own signs of life do."""
    state = seen.state
    if state is None:
        if seen.beat is None:
            return Words("unknown")
        return Words("silent", Tone.BAD) if seen.is_overdue else Words("alive", Tone.GOOD)
    if not state.enabled:
        return Words("not in use")
    if state.active_state == "failed":
        return Words("failed", Tone.BAD)
    if state.active_state == "active":
        return Words("waiting" if seen.info.kind is Kind.TIMER else "running", Tone.GOOD)
    return Words(state.active_state, Tone.WARN)


def _beat(seen: DaemonHealth, now: float) -> Words:
    if seen.beat is None:
        return Words("–")
    told = f"{age(now - seen.beat.at)} ago"
    return Words(f"{told}, overdue", Tone.BAD) if seen.is_overdue else Words(told)


def destination(name: str, state: DestinationState, now: float, longest_wait: Limit) -> DestinationRow:
    """Return how deliveries to a destination stand; the limit is in seconds."""
    waited = 0.0 if state.oldest_waiting_at is None else now - state.oldest_waiting_at
    return DestinationRow(
        name,
        _road(state, waited, now, longest_wait),
        f"{state.waiting:,}",
        "–" if state.oldest_waiting_at is None else age(waited),
        f"{state.delivered:,}",
        f"{state.refused:,}",
        f"{state.expired:,}",
        f"{state.dropped:,}",
        state.reason,
    )


def _road(state: DestinationState, waited: float, now: float, longest_wait: Limit) -> Words:
    if state.paused_since is not None:
        return Words(f"paused for {age(now - state.paused_since)}", Tone.BAD)
    if state.quiet_until is not None and state.quiet_until > now:
        return Words(f"quiet for {age(state.quiet_until - now)} more")
    return _PACES[level(waited, longest_wait)]


def weight(account: Account | None, now: float) -> WeightBar:
    """Return how much of Binance's request weight this machine has used in the present minute."""
    used = account.used if account and account.minute == int(now // SECONDS_PER_MINUTE) else 0
    closed = Words("")
    if account and account.closed_until > now:
        closed = Words(f"Binance has shut this machine out for {age(account.closed_until - now)} more", Tone.BAD)
    text = f"{used:,} of {LIMIT:,} used this minute; the suite stops at {CEILING:,}"
    return WeightBar(text, min(1.0, used / LIMIT), closed)


def orders(health: SuiteHealth) -> tuple[Order, ...]:
    """Return what operators have ordered and holds, the gravest first."""
    found = []
    stop = health.emergency_stop
    if stop is not None:
        why = f": {stop.reason}" if stop.reason else ""
        said = f"For {age(health.at - stop.since)} nobody is asked and nothing is sent{why}."
        found.append(Order("Emergency stop", f"{said} volspike emergency-stop --resume ends it.", is_grave=True))
    if health.maintenance_until is not None:
        left = age(health.maintenance_until - health.at)
        found.append(Order("Maintenance", f"No repairs for {left} more. volspike maintenance off ends it."))
    if health.mutes:
        ends = ", ".join(f"{symbol} ({age(mute.until - health.at)} more)" for symbol, mute in health.mutes.items())
        found.append(Order("Muted symbols", f"People are not told of {ends}. volspike unmute ends it."))
    return tuple(found)

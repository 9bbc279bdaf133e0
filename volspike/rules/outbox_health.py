"""Judging the outbox: what waits for too long, what is paused, and what was never delivered."""

from collections.abc import Iterator
from datetime import UTC, datetime

from volspike.model.documents import DestinationState, OutboxDocument
from volspike.model.health import Finding, Severity
from volspike.model.limits import Level, Limit
from volspike.rules.limits import level

CHECK = "outbox"
SEVERITIES = {Level.WARNING: Severity.WARNING, Level.CRITICAL: Severity.ERROR}
MINUTE_SECONDS = 60


def findings(outbox: OutboxDocument, now: float, longest_wait: Limit) -> Iterator[Finding]:
    """Yield what is found in the courier's report, destination by destination; the limit is in seconds."""
    for name, state in outbox.destinations.items():
        yield from _road(name, state, now, longest_wait)
        yield from _losses(name, state)


def _road(name: str, state: DestinationState, now: float, longest_wait: Limit) -> Iterator[Finding]:
    age = 0.0 if state.oldest_waiting_at is None else now - state.oldest_waiting_at
    reached = level(age, longest_wait)
    if state.paused_since is not None:
        text = f"Outbox: {name} is paused, {state.waiting} waiting: {state.reason}"
        yield Finding(CHECK, Severity.ERROR, text)
    elif state.quiet_until is not None and state.waiting:
        until = datetime.fromtimestamp(state.quiet_until, UTC)
        text = f"Outbox: {state.waiting} waiting for {name} until quiet hours end at {until:%H:%M} UTC"
        yield Finding(CHECK, Severity.INFO, text)
    elif reached is not Level.WELL:
        text = f"Outbox: {state.waiting} waiting for {name}, the oldest for {age / MINUTE_SECONDS:.0f} min"
        yield Finding(CHECK, SEVERITIES[reached], text)
    else:
        yield Finding(CHECK, Severity.INFO, f"Outbox: {state.delivered} delivered to {name} within 24 hours")


def _losses(name: str, state: DestinationState) -> Iterator[Finding]:
    for count, what in ((state.expired, "grew too old"), (state.refused, "were refused")):
        if count:
            text = f"Outbox: {count} for {name} {what} within 24 hours: volspike outbox list"
            yield Finding(CHECK, Severity.WARNING, text)

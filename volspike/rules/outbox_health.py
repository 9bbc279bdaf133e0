"""Judging the outbox: what waits for too long, what is paused, and what was never delivered."""

from collections.abc import Iterator

from volspike.model.documents import DestinationState, OutboxDocument
from volspike.model.health import Finding, Severity

CHECK = "outbox"
WAITING_WARNING_SECONDS = 300
WAITING_ERROR_SECONDS = 1800
MINUTE_SECONDS = 60


def findings(outbox: OutboxDocument, now: float) -> Iterator[Finding]:
    """Yield what is found in the courier's report, destination by destination."""
    for name, state in outbox.destinations.items():
        yield from _road(name, state, now)
        yield from _losses(name, state)


def _road(name: str, state: DestinationState, now: float) -> Iterator[Finding]:
    age = 0.0 if state.oldest_waiting_at is None else now - state.oldest_waiting_at
    waits = f"{state.waiting} waiting for {name}, the oldest for {age / MINUTE_SECONDS:.0f} min"
    if state.paused_since is not None:
        text = f"Outbox: {name} is paused, {state.waiting} waiting: {state.reason}"
        yield Finding(CHECK, Severity.ERROR, text)
    elif age > WAITING_ERROR_SECONDS:
        yield Finding(CHECK, Severity.ERROR, f"Outbox: {waits}")
    elif age > WAITING_WARNING_SECONDS:
        yield Finding(CHECK, Severity.WARNING, f"Outbox: {waits}")
    else:
        yield Finding(CHECK, Severity.INFO, f"Outbox: {state.delivered} delivered to {name} within 24 hours")


def _losses(name: str, state: DestinationState) -> Iterator[Finding]:
    for count, what in ((state.expired, "grew too old"), (state.refused, "were refused")):
        if count:
            text = f"Outbox: {count} for {name} {what} within 24 hours: volspike outbox list"
            yield Finding(CHECK, Severity.WARNING, text)

"""Whether what is meant to run does: which units, and how late a sign of life or the market's data may be."""

from collections.abc import Iterator

from volspike.model.documents import FundingDocument, Heartbeat
from volspike.model.health import Observation, UnitState
from volspike.model.suite import FUNDING_API, FUNDING_WS, Kind, daemon_named
from volspike.rules import funding

STALE_SECONDS = 180
HEARTBEAT_GRACE_SECONDS = 15
"""How late a sign of life may come before its daemon counts as hung."""
FIRST_HEARTBEAT_SECONDS = 60


def watched(seen: Observation) -> Iterator[UnitState]:
    """Yield the units that are meant to run."""
    for unit in seen.units:
        if unit.enabled and (seen.funding_enabled or unit.daemon not in (FUNDING_WS, FUNDING_API)):
            yield unit


def is_hung(unit: UnitState, seen: Observation) -> bool:
    """Tell whether a running daemon is later with its sign of life than it promised.

    A heartbeat of an earlier process says nothing of this one, which has a minute for its first. What a timer
    starts is not there to give one.
    """
    if unit.active_state != "active" or daemon_named(unit.daemon).kind is Kind.TIMER:
        return False
    beat = seen.heartbeats.get(unit.daemon)
    if beat is not None and unit.main_pid == beat.pid:
        return is_overdue(beat, seen.now, seen.monotonic)
    return unit.since is not None and seen.now - unit.since > FIRST_HEARTBEAT_SECONDS


def is_overdue(beat: Heartbeat, now: float, monotonic: float) -> bool:
    """Tell whether the next sign of life is late, whatever has been done to the clock on the wall meanwhile.

    The monotonic clock begins anew at each boot, which a runtime directory may outlive (clock_gettime(2)): a due time
    that is further off than was ever promised is of another boot, and judged by the wall.
    """
    due = beat.next_due_monotonic
    if due is None or due - monotonic > beat.next_due - beat.at:  # of an earlier release, or of an earlier boot
        return now - beat.next_due > HEARTBEAT_GRACE_SECONDS
    return monotonic - due > HEARTBEAT_GRACE_SECONDS


def is_market_awaited(seen: Observation) -> bool:
    """Tell whether data must come from the market: during an emergency stop none may, just after it none has yet."""
    return seen.funding_enabled and seen.emergency is None and not seen.resumed


def is_stale(seen: Observation) -> bool:
    """Tell whether the newest data is too old to be called the present."""
    if not is_market_awaited(seen):
        return False
    if seen.feed is None:
        return True
    newest = funding.view(seen.feed).newest
    return newest is None or now_of(seen.feed, seen) - newest >= STALE_SECONDS


def now_of(feed: FundingDocument, seen: Observation) -> float:
    """Return what the clock that has stamped the feed's rows would say now, had it not been set since.

    Without a monotonic instant, or with one that another boot has left, it is what the wall says.
    """
    at, monotonic = feed.connection_status.last_message_time, feed.connection_status.last_message_monotonic
    if at is None or monotonic is None or monotonic > seen.monotonic:
        return seen.now
    return at + seen.monotonic - monotonic


def in_maintenance(seen: Observation) -> bool:
    """Tell whether the operator wants nothing touched."""
    return seen.maintenance_until is not None and seen.maintenance_until > seen.now

"""Repairing the suite: which units are restarted because of an observation, within a budget."""

from collections.abc import Iterator

from volspike.model.documents import VERSION, Heartbeat
from volspike.model.health import Observation, Repair, RestartBudget, UnitState
from volspike.model.suite import Kind, daemon_named
from volspike.rules import funding

STALE_SECONDS = 180
HEARTBEAT_GRACE_SECONDS = 15
"""How late a sign of life may come before its daemon counts as hung."""
FIRST_HEARTBEAT_SECONDS = 60
EX_CONFIG = 78
RESTART_GAP_SECONDS = 300
RESTARTS_PER_HOUR = 4
HOUR_SECONDS = 3600

WS, API = "funding-ws", "funding-api"


def plan(budget: RestartBudget, seen: Observation) -> tuple[RestartBudget, list[Repair]]:
    """Return the units to restart now, and the budget with these restarts in it.

    Restarted is what is hung, stale while Binance itself answers, or failed: each unit at most once in five minutes
    and four times an hour; what would be more is among them too, but held back. Not restarted: what exits for its
    configuration (78), what an operator has stopped, and anything during maintenance or an emergency stop, or while
    Binance is down too.
    """
    if seen.emergency is not None or in_maintenance(seen) or (is_stale(seen) and not seen.exchange.reachable):
        return budget, []
    restarts = {
        unit: recent
        for unit, times in budget.restarts.items()
        if (recent := [at for at in times if seen.now - HOUR_SECONDS < at <= seen.now])
    }
    repairs = []
    for unit in watched(seen):
        reason = _reason_to_restart(unit, seen)
        if not reason:
            continue
        recent = restarts.get(unit.unit, [])
        affordable = _affordable(recent, seen.now)
        repairs.append(Repair(unit.unit, reason, unit.active_state == "failed", held_back=not affordable))
        if affordable:
            restarts[unit.unit] = [*recent, seen.now]
    return RestartBudget(VERSION, restarts), repairs


def _affordable(restarts: list[float], now: float) -> bool:
    return len(restarts) < RESTARTS_PER_HOUR and all(now - at >= RESTART_GAP_SECONDS for at in restarts)


def _reason_to_restart(unit: UnitState, seen: Observation) -> str:
    if unit.active_state == "failed" and unit.exit_status != EX_CONFIG:
        return f"it has failed ({unit.result})"
    if unit.active_state != "active":
        return ""
    if is_hung(unit, seen):
        return "it has given no sign of life in time"
    if unit.daemon == WS and is_stale(seen) and _settled(unit, seen):
        return "its data is stale while Binance itself answers"
    return ""


def _settled(unit: UnitState, seen: Observation) -> bool:
    """Tell whether a unit has run long enough for its failures to be its own."""
    return unit.since is None or seen.now - unit.since >= HEARTBEAT_GRACE_SECONDS


def watched(seen: Observation) -> Iterator[UnitState]:
    """Yield the units that are meant to run."""
    for unit in seen.units:
        if unit.enabled and (seen.funding_enabled or unit.daemon not in (WS, API)):
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


def is_stale(seen: Observation) -> bool:
    """Tell whether the newest data is too old to be called the present."""
    if not seen.funding_enabled:
        return False
    if seen.feed is None:
        return True
    newest = funding.view(seen.feed).newest
    return newest is None or seen.now - newest >= STALE_SECONDS


def in_maintenance(seen: Observation) -> bool:
    """Tell whether the operator wants nothing touched."""
    return seen.maintenance_until is not None and seen.maintenance_until > seen.now

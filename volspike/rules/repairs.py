"""Repairing the suite: which units are restarted because of an observation, within a budget."""

from volspike.model.documents import VERSION
from volspike.model.health import Observation, Repair, RestartBudget, UnitState
from volspike.model.suite import EX_CONFIG, FUNDING_WS
from volspike.rules.liveness import HEARTBEAT_GRACE_SECONDS, in_maintenance, is_hung, is_stale, watched

RESTART_GAP_SECONDS = 300
RESTARTS_PER_HOUR = 4
HOUR_SECONDS = 3600


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
    if unit.daemon == FUNDING_WS and is_stale(seen) and _settled(unit, seen):
        return "its data is stale while Binance itself answers"
    return ""


def _settled(unit: UnitState, seen: Observation) -> bool:
    """Tell whether a unit has run long enough for its failures to be its own."""
    return unit.since is None or seen.now - unit.since >= HEARTBEAT_GRACE_SECONDS

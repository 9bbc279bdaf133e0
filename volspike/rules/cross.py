"""When a user's threshold is crossed, what the backend hears of one that is not, and whose turn it is."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from volspike.model.alerts import AlertMemory, Checked, Cross, Direction, Report, Trigger, UserAlert

FREE_EVERY_SECONDS = 300
PASS_EVERY_SECONDS = 30
PAYING_TIERS = frozenset({"pro", "elite"})
_NOTHING = AlertMemory()


class Pace(Struct, frozen=True):
    """How often the backend hears of an alert whose value stays on its side of the threshold."""

    report_every_seconds: float = 600.0


class Observation(Struct, frozen=True):
    """An alert as the backend lists it, and the value it watches at this instant, in the unit of its type."""

    alert: UserAlert
    value: float
    at: float


def step(memory: AlertMemory, pace: Pace, observation: Observation) -> tuple[AlertMemory, Cross | Report | None]:
    """Take one value; return the new memory and what the backend must hear of it: a cross, a report or nothing.

    The new memory of a cross may be kept only once the cross is safe in the outbox.
    """
    alert, now = observation.alert, Checked(observation.value, observation.at)
    stored = _stored(alert)
    previous = _newest(stored, _own(memory, stored))
    direction = crossed(previous.value if previous else None, alert.threshold, now.value)
    if direction is not None and previous is not None:
        trigger = Trigger(alert.id, alert.symbol, now.value, previous.value, direction is Direction.UP)
        return AlertMemory(now, triggered=True), Cross(trigger, previous.at, alert.alert_type, alert.threshold)
    reported = _newest(stored, memory.reported)
    if not _owes_report(reported, pace, alert.threshold, now):
        return AlertMemory(now, reported), None
    return AlertMemory(now, now), Report(alert.id, now.value)


def crossed(previous: float | None, threshold: float, current: float) -> Direction | None:
    """Tell which way a value has reached or passed the threshold from one side of it; without a previous one, none."""
    if previous is None:
        return None
    if previous < threshold <= current:
        return Direction.UP
    return Direction.DOWN if previous > threshold >= current else None


class Round(Struct):
    """What one pass has found; the memories are those of all alerts that it looked at."""

    memories: dict[str, AlertMemory]
    crosses: list[Cross]
    reports: list[Report]


def check(memories: Mapping[str, AlertMemory], pace: Pace, observations: Iterable[Observation]) -> Round:
    """Take one value of each of many alerts."""
    found = Round({}, [], [])
    for observation in observations:
        name = observation.alert.id
        found.memories[name], decision = step(memories.get(name, _NOTHING), pace, observation)
        if isinstance(decision, Cross):
            found.crosses.append(decision)
        elif decision is not None:
            found.reports.append(decision)
    return found


def recall(memories: Mapping[str, AlertMemory], triggers: Iterable[tuple[Trigger, float]]) -> dict[str, AlertMemory]:
    """Return the memories as they would be had the process not died between the outbox and its memory.

    `triggers` are those in the outbox, each with the epoch seconds at which its threshold was crossed: one that is
    newer than what is remembered of its alert has fired it.
    """
    recalled = dict(memories)
    for trigger, at in triggers:
        latest = recalled.get(trigger.alert_id, _NOTHING).latest
        if latest is None or at > latest.at:
            recalled[trigger.alert_id] = AlertMemory(Checked(trigger.current_value, at), triggered=True)
    return recalled


def is_full(pass_at: float, full_at: float | None) -> bool:
    """Tell whether a pass checks the alerts of every tier: the first one does, and the first in any five minutes.

    `full_at` is when one last did; a pass that failed is made up for by the next.
    """
    return full_at is None or pass_at // FREE_EVERY_SECONDS != full_at // FREE_EVERY_SECONDS


def is_due(tier: str, *, full: bool) -> bool:
    """Tell whether a pass checks the alerts of a tier: paying ones each time, all others when it is a full one."""
    return full or tier in PAYING_TIERS


def _stored(alert: UserAlert) -> Checked | None:
    """Return what the backend knows; a value without its time is older than anything of our own."""
    if alert.last_checked_value is None:
        return None
    at = alert.last_checked_at
    return Checked(alert.last_checked_value, at.timestamp() if at else 0.0)


def _own(memory: AlertMemory, stored: Checked | None) -> Checked | None:
    """Return our own latest value.

    An alert that has fired and comes back with nothing stored was armed again: a value from before could fire it at
    once, so it starts without a past.
    """
    return None if memory.triggered and stored is None else memory.latest


def _newest(first: Checked | None, second: Checked | None) -> Checked | None:
    known = [checked for checked in (first, second) if checked is not None]
    return max(known, key=lambda checked: checked.at) if known else None


def _owes_report(reported: Checked | None, pace: Pace, threshold: float, now: Checked) -> bool:
    if reported is None or now.at - reported.at >= pace.report_every_seconds:
        return True
    return _side(reported.value, threshold) != _side(now.value, threshold)


def _side(value: float, threshold: float) -> int:
    return (value > threshold) - (value < threshold)

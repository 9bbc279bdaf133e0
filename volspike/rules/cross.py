"""When a user's threshold is crossed, what the backend hears of one that is not, and whose turn it is."""

from msgspec import Struct

from volspike.model.alerts import Cross, Direction, Report, Trigger, UserAlert

FREE_EVERY_SECONDS = 300
PASS_EVERY_SECONDS = 30
PAYING_TIERS = frozenset({"pro", "elite"})


class Pace(Struct, frozen=True):
    """How often the backend hears of an alert whose value stays on its side of the threshold."""

    report_every_seconds: float = 600.0


class Checked(Struct, frozen=True):
    """A value, and when (epoch seconds) it was looked at."""

    value: float
    at: float


class Memory(Struct, frozen=True):
    """What is remembered of one alert: its latest value, and the latest that the backend was told."""

    latest: Checked | None = None
    reported: Checked | None = None
    triggered: bool = False
    """Whether `latest` is the value that fired it."""


class Observation(Struct, frozen=True):
    """An alert as the backend lists it, and the value it watches at this instant, in the unit of its type."""

    alert: UserAlert
    value: float
    at: float


def step(memory: Memory, pace: Pace, observation: Observation) -> tuple[Memory, Cross | Report | None]:
    """Take one value; return the new memory and what the backend must hear of it: a cross, a report or nothing.

    The new memory of a cross may be kept only once the cross is safe in the outbox.
    """
    alert, now = observation.alert, Checked(observation.value, observation.at)
    stored = _stored(alert)
    previous = _newest(stored, _own(memory, stored))
    direction = crossed(previous.value if previous else None, alert.threshold, now.value)
    if direction is not None and previous is not None:
        trigger = Trigger(alert.id, alert.symbol, now.value, previous.value, direction is Direction.UP)
        return Memory(now, triggered=True), Cross(trigger, previous.at)
    reported = _newest(stored, memory.reported)
    if not _owes_report(reported, pace, alert.threshold, now):
        return Memory(now, reported), None
    return Memory(now, now), Report(alert.id, now.value)


def crossed(previous: float | None, threshold: float, current: float) -> Direction | None:
    """Tell which way a value has reached or passed the threshold from one side of it; without a previous one, none."""
    if previous is None:
        return None
    if previous < threshold <= current:
        return Direction.UP
    return Direction.DOWN if previous > threshold >= current else None


def is_due(tier: str, pass_at: float, *, first_pass: bool) -> bool:
    """Tell whether this pass checks the alerts of a tier: paying ones each time, all others every five minutes."""
    return first_pass or tier in PAYING_TIERS or pass_at % FREE_EVERY_SECONDS < PASS_EVERY_SECONDS


def _stored(alert: UserAlert) -> Checked | None:
    """Return what the backend knows; a value without its time is older than anything of our own."""
    if alert.last_checked_value is None:
        return None
    at = alert.last_checked_at
    return Checked(alert.last_checked_value, at.timestamp() if at else 0.0)


def _own(memory: Memory, stored: Checked | None) -> Checked | None:
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

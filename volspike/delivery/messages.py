"""Alerts as messages: the payload that a backend takes, and the words that people read."""

import logging
from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import MsgspecError, Struct
from msgspec.json import decode

from volspike.clients.backend import wire
from volspike.model.alerts import Cross, OpenInterestAlert, VolumeAlert
from volspike.model.delivery import Kind, Message
from volspike.model.documents import EmergencyStop
from volspike.rules import alert_text, emergency

log = logging.getLogger(__name__)

Told = TypeVar("Told", bound=Struct)
SUITE = ""
"""The symbol of what concerns no symbol."""
_HEALTHY = "health:healthy:"
_UNHEALTHY = "health:unhealthy:"
_RESUMED = "health:resumed:"


def of_volume_alert(alert: VolumeAlert) -> Message:
    """Return the message of a volume alert."""
    payload = wire.volume_alert(alert)
    return Message(alert.key, Kind.VOLUME, alert.symbol, alert.timestamp.timestamp(), payload, alert.message)


def of_open_interest_alert(alert: OpenInterestAlert) -> Message:
    """Return the message of an open-interest alert."""
    payload = wire.open_interest_alert(alert)
    text = alert_text.open_interest(alert)
    return Message(alert.key, Kind.OPEN_INTEREST, alert.symbol, alert.timestamp.timestamp(), payload, text)


def of_cross(cross: Cross, at: float) -> Message:
    """Return the message of a user's threshold that was crossed at `at`, epoch seconds."""
    trigger = cross.trigger
    return Message(cross.key, Kind.TRIGGER, trigger.symbol, at, wire.trigger(trigger), alert_text.crossed(cross))


def of_verdict(text: str, at: float, *, healthy: bool) -> Message:
    """Return the message of a verdict on the suite's health, given at `at`; no backend takes one."""
    return Message(f"{_HEALTHY if healthy else _UNHEALTHY}{int(at)}", Kind.HEALTH, SUITE, at, b"", text)


def of_resumption(stop: EmergencyStop, at: float) -> Message:
    """Return the message that an emergency stop is over, known at `at`; the same one however often it is told."""
    return Message(f"{_RESUMED}{int(stop.since)}", Kind.HEALTH, SUITE, at, b"", emergency.end(stop, at))


def verdict_of(message: Message) -> bool | None:
    """Return which verdict on the suite's health a message carries: whether it is healthy, or None."""
    if message.key.startswith((_HEALTHY, _UNHEALTHY)):
        return message.key.startswith(_HEALTHY)
    return None


def told(found: Iterable[Message], kind: type[Told]) -> Iterator[tuple[Told, float]]:
    """Yield what messages told, each with when it happened, epoch seconds.

    One that does not decode, such as one of another release, is reported and left out: it must not keep its daemon
    from starting.
    """
    for message in found:
        try:
            yield decode(message.payload, type=kind), message.at
        except MsgspecError as error:
            log.warning("an alert in the outbox does not decode", extra={"key": message.key, "problem": str(error)})

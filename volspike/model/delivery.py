"""What is delivered, where to, and what became of it."""

from enum import StrEnum
from typing import NewType

from msgspec import Struct


class Kind(StrEnum):
    """What a message tells; its name is the beginning of the keys, but for the short ones of the wire."""

    VOLUME = "volume"
    OPEN_INTEREST = "open-interest"
    TRIGGER = "trigger"
    HEALTH = "health"


Destination = NewType("Destination", str)
"""The name of a place where messages go; each fails alone. Operators may add to these."""
BACKEND = Destination("backend")
BACKEND_DEV = Destination("backend-dev")
TELEGRAM = Destination("telegram")
DISCORD = Destination("discord")


class Silence(Struct, frozen=True):
    """What people are spared: until when, but for health (epoch seconds), and which symbols."""

    quiet_until: float | None = None
    muted: frozenset[str] = frozenset()


class Message(Struct, frozen=True):
    """One alert on its way out: `key` names its episode, the same however often it is put or sent.

    `payload` is the JSON that a backend takes, without its key (no secret ever lies in the outbox); `text` is what
    people read. `at` is when it happened, epoch seconds.
    """

    key: str
    kind: Kind
    symbol: str
    at: float
    payload: bytes
    text: str


class State(StrEnum):
    """What became of a delivery. Only a waiting one is still on its way."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"
    DROPPED = "dropped"


class Entry(Struct, frozen=True):
    """A message and one of its destinations, as the outbox lists it; times are epoch seconds.

    Its `kind` is a word, and so is a `state` of another release, which may know more of them. Its age counts `since` it
    happened, or since somebody had it tried again. `settled_at` is when it ceased to wait, `problem` what its
    destination said last.
    """

    id: int
    destination: Destination
    key: str
    kind: str
    symbol: str
    at: float
    payload: bytes
    text: str
    state: State | str
    since: float
    settled_at: float | None
    attempts: int
    problem: str

    @property
    def is_understood(self) -> bool:
        """Tell whether its state is one that this release knows."""
        return isinstance(self.state, State)


class Pause(Struct, frozen=True):
    """Why nothing goes to a destination until somebody has mended its settings, and since when (epoch seconds).

    `fingerprint` is that of the wrong setting: another one ends the pause.
    """

    since: float
    reason: str
    fingerprint: str


class Tally(Struct, frozen=True):
    """How many deliveries of one destination are in which state; settled ones over a span of time."""

    waiting: int = 0
    oldest_waiting_at: float | None = None
    delivered: int = 0
    refused: int = 0
    expired: int = 0
    dropped: int = 0

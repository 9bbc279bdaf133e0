"""How much the suite and its machine may use: what counts as much, what as too much, and what was seen before."""

from enum import IntEnum

from msgspec import Struct

from volspike.model.documents import VERSION


class Level(IntEnum):
    """How a use stands to its limit."""

    WELL = 0
    WARNING = 1
    CRITICAL = 2


class Limit(Struct, frozen=True):
    """From which use on to warn, and from which on it is critical; None is never."""

    warning: float | None = None
    critical: float | None = None


class Limits(Struct, frozen=True):
    """The limits of a machine; shares are fractions of 1, `suite_bytes` is the memory of all daemons together."""

    memory_share: Limit = Limit(0.90, 0.97)
    suite_bytes: Limit = Limit(3e9, 4e9)
    cpu_share: Limit = Limit(0.70, 0.90)
    disk_share: Limit = Limit(0.85, 0.90)
    outbox_age_seconds: Limit = Limit(300.0, 1800.0)


class CpuReading(Struct, frozen=True):
    """The CPUs' counters at one instant (epoch seconds): how long they worked, and how long they have been there.

    Both only grow, in ticks of the kernel, over all CPUs; the difference of two readings says how busy they were.
    """

    at: float
    busy: int
    total: int


class LimitsMemory(Struct, frozen=True):
    """`limits.json`: what the next look at the limits has to know: the last levels, and some minutes of readings."""

    version: int = VERSION
    levels: dict[str, Level] = {}
    cpu: list[CpuReading] = []

"""How fast to go: reconnecting, writing, and keeping a schedule.

Nothing here sleeps or reads a clock: each rule takes the time and returns what to wait.
"""

from typing import NamedTuple

RECONNECT_FIRST_SECONDS = 1.0
RECONNECT_MOST_SECONDS = 60.0
FORGIVE_AFTER_SECONDS = 60.0
"""A server that accepts and drops at once must not be met with a hot loop: only data that has flowed this long
makes up for the failures before it."""


def reconnect_delay(attempts: int, jitter: float) -> float:
    """Return the seconds before the next try after `attempts` failures in a row.

    1, 2, 4 … 60 s, each scaled into its upper half by `jitter` in [0, 1), so that a thousand clients that lost
    the same server do not return as one.
    """
    doubled = RECONNECT_FIRST_SECONDS * 2.0 ** min(max(attempts - 1, 0), 10)
    return min(doubled, RECONNECT_MOST_SECONDS) * (0.5 + jitter / 2)


WRITES_PER_SECOND = 10


def write_delay(writes: tuple[float, ...], now: float) -> float:
    """Return the seconds until the next write may be made; 0 unless ten lie within the last second.

    `writes` are the times of the latest writes, oldest first; see :func:`note_write`.
    """
    if len(writes) < WRITES_PER_SECOND:
        return 0.0
    return max(0.0, writes[-WRITES_PER_SECOND] + 1.0 - now)


def note_write(writes: tuple[float, ...], now: float) -> tuple[float, ...]:
    """Return the times of the latest writes with this one among them."""
    return (*writes[1 - WRITES_PER_SECOND :], now)


GATHERINGS = 10


def gather_delay(first: float, latest: float, gather_seconds: float, now: float) -> float:
    """Return the seconds until changes that come in a burst may be written together.

    That is when none has followed the latest for `gather_seconds`, and at the latest ten times as long after the first.
    """
    return max(0.0, min(latest + gather_seconds, first + GATHERINGS * gather_seconds) - now)


class Tick(NamedTuple):
    """One instant of a schedule: when it is due, and when it came late, how many were missed before it."""

    due: float
    missed: int


EARLY_SECONDS = 5.0
"""By how much a clock that is slewed may be behind when a mark has been waited for; more is a clock set back."""


def is_early(due: float, now: float) -> bool:
    """Tell whether a mark has come although the wall clock is not quite there."""
    return 0 < due - now < EARLY_SECONDS


def next_tick(previous: float | None, every_seconds: float, now: float) -> Tick:
    """Return the next mark of the wall clock that is a multiple of `every_seconds`; none comes twice.

    Marks that passed while the last one was worked on are not made up for, only counted.
    """
    mark = (now // every_seconds + 1) * every_seconds
    if previous is not None and is_early(previous, now):
        mark = previous + every_seconds
    if previous is None:
        return Tick(mark, 0)
    return Tick(mark, max(0, round((mark - previous) / every_seconds) - 1))

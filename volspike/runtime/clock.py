"""The one clock: the only reader of time in the suite.

Under test the whole suite may live faster than the wall: with the rate 60 a simulated minute takes one real
second, for the daemons and the simulator alike. Every process must then agree on the simulated time, so the rate
comes with an anchor, the real instant at which simulated and real time are equal. Durations that are promises
(silence, cooldowns, schedules) are simulated seconds; only waiting on the operating system needs
:meth:`Clock.real_seconds`.
"""

import math
import time
from dataclasses import dataclass

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Clock:
    """Simulated time: `rate` simulated seconds pass in one real second, equal to real time at `anchor`."""

    rate: float = 1.0
    anchor: float = 0.0

    def now(self) -> float:
        """Return the simulated time in epoch seconds."""
        real = time.time()
        if self.rate == 1.0:
            return real
        return self.anchor + (real - self.anchor) * self.rate

    def monotonic(self) -> float:
        """Return simulated seconds from an arbitrary origin that no clock step can move.

        It is that of the machine, the same for all its processes (clock_gettime(2), CLOCK_MONOTONIC).
        """
        return time.monotonic() * self.rate

    def real_seconds(self, seconds: float) -> float:
        """Return how long the operating system must wait for `seconds` of simulated time to pass."""
        return seconds / self.rate

    def simulated_seconds(self, seconds: float) -> float:
        """Return how much simulated time passes while a network or a disk takes so many seconds."""
        return seconds * self.rate

    def sleep(self, seconds: float) -> None:
        """Block for `seconds` of simulated time; a daemon pauses through its runtime instead, to stay stoppable."""
        time.sleep(self.real_seconds(seconds))

    def __str__(self) -> str:
        return f"{self.rate!r}@{self.anchor!r}"


def parse(text: str) -> Clock:
    """Read `RATE` or `RATE@ANCHOR` (anchor in real epoch seconds).

    A bare rate other than 1 is anchored at the current UTC midnight: processes that start on the same day agree.
    Raises ValueError when the rate is not a number above 0 and at most 3600.
    """
    rate_text, _, anchor_text = text.partition("@")
    rate = float(rate_text)
    if not 0 < rate <= 3600:  # noqa: PLR2004 - an hour a second is the fastest that any test needs
        raise ValueError(text)
    if anchor_text:
        anchor = float(anchor_text)
        if not math.isfinite(anchor):
            raise ValueError(text)
        return Clock(rate, anchor)
    if rate == 1.0:
        return Clock()
    return Clock(rate, time.time() // SECONDS_PER_DAY * SECONDS_PER_DAY)

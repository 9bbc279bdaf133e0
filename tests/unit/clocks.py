"""Clocks that a test moves by hand."""

import time
from dataclasses import dataclass, field

from volspike.runtime.clock import Clock

FROZEN = Clock(1e-9, 1_790_856_015.0)
"""Practically stands still, a quarter into a UTC minute that ends in 4; other processes read it from its text."""


@dataclass(frozen=True)
class MovedClock(Clock):
    """Real time, and as much more as the test has let pass."""

    moves: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)

    def move(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self.moves.append(seconds)

    def step(self, seconds: float) -> None:
        """Set the clock on the wall by so many seconds, in which no time passes."""
        self.steps.append(seconds)

    def now(self) -> float:
        """Return the time with all that has passed."""
        return self.anchor + sum(self.moves) + sum(self.steps)

    def monotonic(self) -> float:
        """Return real seconds with all that has passed."""
        return time.monotonic() + sum(self.moves)

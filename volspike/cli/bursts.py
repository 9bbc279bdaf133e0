"""How many alerts of a burst a screen is given: the first ones, and how many more there were."""

from collections.abc import Callable

SHOWN = 10
SECONDS = 2.0
"""So long a burst lasts; what comes later begins another."""


class Bursts:
    """Counts alerts; a burst begins with one that comes when there is no other burst."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ends_at = 0.0
        self._count = 0

    def shows(self) -> bool:
        """Count an alert; tell whether it is to be shown. What is over must have been taken before."""
        if not self._count:
            self._ends_at = self._monotonic() + SECONDS
        self._count += 1
        return self._count <= SHOWN

    def take_hidden(self, *, now: bool = False) -> int:
        """End a burst whose time is over, or any with `now`; return how many of its alerts were not shown."""
        if not now and self._monotonic() < self._ends_at:
            return 0
        hidden, self._count = max(0, self._count - SHOWN), 0
        return hidden

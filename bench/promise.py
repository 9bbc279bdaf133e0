"""What a measurement hands back: a promise, what it demands, what was measured, and what the old way measured."""

from math import ceil
from typing import Literal

from msgspec import Struct


class BenchError(Exception):
    """A measurement could not be made; the message says why, in one line."""


class Outcome(Struct, frozen=True):
    """One promise, measured; `must` bounds `measured`, or its ratio to the old way when `by_ratio`.

    `at_least` tells on which side of the bound the promise holds. `old_way` is None where there is none.
    """

    promise: str
    unit: str
    must: float
    measured: float
    old_way: float | None
    at_least: bool = False
    by_ratio: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return how many times better than the old way this is."""
        if self.old_way is None:
            return None
        better, worse = (self.measured, self.old_way) if self.at_least else (self.old_way, self.measured)
        return better / worse if worse else float("inf")

    @property
    def holds(self) -> bool:
        """Tell whether the promise is kept."""
        value = self.ratio if self.by_ratio else self.measured
        if value is None:
            raise BenchError(f"{self.promise}: a ratio is promised, and there is no old way")
        return value >= self.must if self.at_least else value <= self.must


class Skipped(Struct, frozen=True):
    """A promise that could not be measured on this machine; that is not a broken one."""

    promise: str
    reason: str


class Failed(Struct, frozen=True):
    """A measurement that broke."""

    promise: str
    reason: str


Result = Outcome | Skipped | Failed
Verdict = Literal["yes", "NO", "skipped", "failed"]


def verdict(result: Result) -> Verdict:
    """Return the verdict in a word."""
    if isinstance(result, Outcome):
        return "yes" if result.holds else "NO"
    return "skipped" if isinstance(result, Skipped) else "failed"


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest value that is not exceeded by so many percent of them (nearest rank)."""
    if not values:
        raise BenchError("nothing was measured")
    ranked = sorted(values)
    return ranked[max(0, ceil(len(ranked) * percent / 100) - 1)]

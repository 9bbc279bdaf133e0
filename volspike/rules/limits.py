"""Judging how full the machine is, so that a verdict neither flutters around a limit nor minds a short spike.

A level that was reached holds until the use is 3 % below what it took to reach it. The CPUs are judged by their mean
over five minutes: one busy minute, a scan or a backup, is what they are for.
"""

from collections.abc import Iterator

from msgspec import Struct

from volspike.model.documents import VERSION
from volspike.model.health import Finding, Observation, Severity
from volspike.model.limits import CpuReading, Level, Limit, LimitsMemory

RELEASE_SHARE = 0.97
CPU_WINDOW_SECONDS = 300.0
CPU_SLACK_SECONDS = 30.0
"""Looks come each minute, not to the second."""
GIGABYTE = 1e9


class _Use(Struct, frozen=True):
    """How much is used of one thing: the check and the thing it is about, the words for it, and its limit."""

    check: str
    subject: str
    text: str
    value: float
    limit: Limit

    @property
    def key(self) -> str:
        return f"{self.check}:{self.subject}"


def step(seen: Observation) -> tuple[LimitsMemory, list[Finding]]:
    """Return what the next look has to remember, and what is found now."""
    uses = list(_uses(seen))
    levels = {use.key: level(use.value, use.limit, seen.limits_memory.levels.get(use.key, Level.WELL)) for use in uses}
    findings = [_finding(use, levels[use.key]) for use in uses if levels[use.key] is not Level.WELL]
    return LimitsMemory(VERSION, levels, _window(seen)), findings


def level(value: float, limit: Limit, before: Level = Level.WELL) -> Level:
    """Return the level of a use; one that was reached before is kept until the use is clearly below it."""
    if _reaches(value, limit.critical, held=before is Level.CRITICAL):
        return Level.CRITICAL
    return Level.WARNING if _reaches(value, limit.warning, held=before is not Level.WELL) else Level.WELL


def _reaches(value: float, bound: float | None, *, held: bool) -> bool:
    return bound is not None and value >= (bound * RELEASE_SHARE if held else bound)


def cpu_share(seen: Observation) -> float | None:
    """Return how busy the CPUs have been for five minutes; None as long as nobody has watched them for that long."""
    window = _window(seen)
    if not window or window[-1].at - window[0].at < CPU_WINDOW_SECONDS - CPU_SLACK_SECONDS:
        return None
    busy, total = window[-1].busy - window[0].busy, window[-1].total - window[0].total
    return min(max(busy / total, 0.0), 1.0) if total > 0 else None


def suite_bytes(seen: Observation) -> int | None:
    """Return the memory of all daemons together, as far as it is known; None when it is of none of them."""
    known = [unit.memory_bytes for unit in seen.units if unit.memory_bytes is not None]
    return sum(known) if known else None


def _window(seen: Observation) -> list[CpuReading]:
    """Return the readings of the last five minutes, the present one last; none from before a reboot."""
    present = seen.machine.cpu
    if present is None:
        return []
    earliest = seen.now - CPU_WINDOW_SECONDS - CPU_SLACK_SECONDS
    recent = [
        reading
        for reading in seen.limits_memory.cpu
        if earliest <= reading.at < present.at and reading.total <= present.total
    ]
    return [*recent, present]


def _uses(seen: Observation) -> Iterator[_Use]:
    limits, machine = seen.limits, seen.machine
    for path, share in machine.disks.items():
        yield _Use("disk", path, f"Disk of {path} is {share:.0%} full", share, limits.disk_share)
    if machine.memory is not None:
        yield _Use("memory", "machine", f"Memory is {machine.memory:.0%} used", machine.memory, limits.memory_share)
    suite = suite_bytes(seen)
    if suite is not None:
        yield _Use("memory", "suite", f"The suite uses {_amount(suite)} of memory", suite, limits.suite_bytes)
    cpu = cpu_share(seen)
    if cpu is not None:
        yield _Use("cpu", "machine", f"The CPUs were {cpu:.0%} busy over 5 min", cpu, limits.cpu_share)


def _finding(use: _Use, reached: Level) -> Finding:
    if reached is Level.WARNING:
        return Finding(use.check, Severity.WARNING, use.text)
    bound = use.limit.critical or 0.0
    allowed = f"less than {_bound(bound)} allowed"
    if use.value < bound:
        allowed = f"critical until it is below {_bound(bound * RELEASE_SHARE)}"
    return Finding(use.check, Severity.ERROR, f"{use.text}, {allowed}")


def _bound(value: float) -> str:
    return f"{value:.0%}" if value <= 1 else _amount(value)


def _amount(number_of_bytes: float) -> str:
    return f"{number_of_bytes / GIGABYTE:.2f} GB"

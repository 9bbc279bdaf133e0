"""Judging the backups: whether the latest one is as young as its timer promises."""

from collections.abc import Iterator

from volspike.model.health import Finding, Severity, UnitState

CHECK = "backup"
DAEMON = "backup"
LATE_SECONDS = 26 * 3600.0
"""A day, and time enough for a slow one and a retry."""
HOUR_SECONDS = 3600.0


def findings(newest_at: float | None, units: list[UnitState], now: float) -> Iterator[Finding]:
    """Yield what is to be said of the backups, where they are made at all; a late one is no danger yet."""
    unit = next((unit for unit in units if unit.daemon == DAEMON and unit.enabled), None)
    if unit is None:
        return
    since = newest_at if newest_at is not None else unit.since
    late = since is not None and now - since > LATE_SECONDS
    cure = f"volspike backup, or volspike logs {unit.daemon} -n 50"
    if newest_at is None and late:
        yield Finding(CHECK, Severity.WARNING, f"No backup has been made: {cure}")
    elif newest_at is None:
        yield Finding(CHECK, Severity.INFO, "No backup yet: one is made each day, or by volspike backup")
    else:
        told = f"The latest backup is {age(newest_at, now)} old"
        if late:
            yield Finding(CHECK, Severity.WARNING, f"{told}: {cure}")
        else:
            yield Finding(CHECK, Severity.INFO, told)


def age(newest_at: float, now: float) -> str:
    """Return how old a backup is, in hours."""
    hours = (now - newest_at) / HOUR_SECONDS
    return "less than 1 h" if hours < 1 else f"{hours:.0f} h"

"""Whoever keeps the daemons alive: systemd, or `volspike up` in the foreground."""

from pathlib import Path
from typing import Protocol

from volspike.clients.supervision import foreground
from volspike.clients.supervision.foreground import Foreground
from volspike.clients.supervision.systemd import Systemd
from volspike.model.health import UnitState


class Supervisor(Protocol):
    """Keeps daemons alive; both verbs raise Transient when it does not answer."""

    def states(self) -> list[UnitState]:
        """Return the state of every unit of the suite."""

    def restart(self, unit: str, *, reset_failed: bool) -> None:
        """Restart a unit, even one that had been given up if `reset_failed`."""


def supervisor_of(runtime_dir: Path) -> Supervisor:
    """Return who supervises the suite of this runtime directory: a `volspike up` that lives there, else systemd."""
    return Foreground(runtime_dir) if foreground.is_running(runtime_dir) else Systemd()

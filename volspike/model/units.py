"""The systemd units of the suite: which of them a name means that an operator gives."""

from collections.abc import Iterable
from enum import StrEnum

from volspike.model.suite import DAEMONS, DaemonInfo, Kind

TARGET = "volspike.target"
_SERVICE, _TIMER = ".service", ".timer"


class Verb(StrEnum):
    """What an operator does to a daemon, in systemd's words."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"


def timer_of(daemon: DaemonInfo) -> str:
    """Return the unit that starts a daemon whose kind is TIMER."""
    return daemon.unit.removesuffix(_SERVICE) + _TIMER


def daemon_meant(name: str) -> DaemonInfo:
    """Return the daemon of this name or unit, in full or without its suffix. Raises KeyError when there is none."""
    unit = name.removesuffix(_TIMER).removesuffix(_SERVICE) + _SERVICE
    known = {daemon.unit: daemon for daemon in DAEMONS} | {daemon.name + _SERVICE: daemon for daemon in DAEMONS}
    return known[unit]


def acted_on(verb: Verb, daemons: Iterable[DaemonInfo]) -> list[str]:
    """Return the units to start, stop or restart for these daemons; the target, which stands for all, for none.

    What a timer starts is started and restarted through its timer, and stopped together with it.
    """
    units = []
    for daemon in daemons:
        if daemon.kind is Kind.TIMER:
            units.append(timer_of(daemon))
        if daemon.kind is Kind.ALWAYS_ON or verb is Verb.STOP:
            units.append(daemon.unit)
    return units or [TARGET]

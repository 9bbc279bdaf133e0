"""Who has to be restarted for a changed setting, and doing that."""

import sys
from collections.abc import Mapping, Sequence

from volspike.cli import control, suite
from volspike.clients.supervision import foreground
from volspike.model.suite import BACKEND, DAEMONS, DaemonInfo, Kind, daemon_named
from volspike.model.units import Verb
from volspike.settings import VARIABLES, Settings, given

USED_BY = {
    "Volume alerts": ("volume-alerts",),
    "Open-interest alerts": ("oi-poller",),
    "Open-interest polling": ("oi-poller", BACKEND),
    "Liquid universe": ("liquid-universe", BACKEND),
    "Channels": ("telegram-poller",),
    "Dashboard": ("dashboard",),
    "Backups": ("backup",),
    "Health": ("health-monitor",),
}
"""The daemons that read the settings of a section; those of any other are for all."""


def users_of(names: Sequence[str]) -> list[DaemonInfo]:
    """Return the lasting daemons that have read one of these settings at their start; none stands for nobody."""
    sections = {variable.section for variable in VARIABLES if variable.name in names}
    users = {name for section in sections for name in USED_BY.get(section, [daemon.name for daemon in DAEMONS])}
    return [daemon for daemon in DAEMONS if daemon.name in users and daemon.kind is Kind.ALWAYS_ON]


def changed_for(daemon: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the settings that a daemon uses and that one environment gives another value than the other."""
    used = [variable for variable in VARIABLES if daemon in USED_BY.get(variable.section, [daemon])]
    return [
        variable.name
        for variable in used
        if (given(variable, before) or variable.default) != (given(variable, now) or variable.default)
    ]


def tell(names: Sequence[str], former: Settings | None, settings: Settings, *, restart: bool) -> None:
    """Say when the change takes effect, and restart what it is for if that is wanted."""
    users = users_of(names)
    everybody = len(users) == sum(daemon.kind is Kind.ALWAYS_ON for daemon in DAEMONS)
    if not suite.is_production():
        sys.stdout.write(_in_a_terminal(settings))
        return
    _tell_of_backend(former, settings)
    if not users:
        sys.stdout.write("Takes effect by itself, with the next run of the timer.\n")
    elif restart:
        control.by_systemd(Verb.RESTART, [] if everybody else _enabled(users, settings))
    else:
        which = "" if everybody else " " + " ".join(daemon.name for daemon in _enabled(users, settings))
        sys.stdout.write(f"Takes effect with: sudo volspike restart{which}\n")


def _in_a_terminal(settings: Settings) -> str:
    """Return when the change takes effect for a suite in the foreground, which keeps what it was started with."""
    if foreground.is_running(settings.runtime_dir):
        return "Takes effect when the suite is started anew: Ctrl-C and volspike up.\n"
    if foreground.is_running(suite.demo_directory(settings.runtime_dir)):
        return (
            "The running demo keeps what it was started with, which is what volspike config get shows: Ctrl-C and "
            "make demo.\n"
        )
    return ""


def _enabled(users: Sequence[DaemonInfo], settings: Settings) -> list[DaemonInfo]:
    return [daemon for daemon in users if daemon.name != BACKEND or settings.uses_embedded_backend]


def _tell_of_backend(former: Settings | None, settings: Settings) -> None:
    """Say what to do where the embedded backend is used from now on, or is not any more."""
    if former is None or former.uses_embedded_backend == settings.uses_embedded_backend:
        return
    verb, now = ("enable", "used now") if settings.uses_embedded_backend else ("disable", "not used any more")
    unit = daemon_named(BACKEND).unit
    sys.stdout.write(f"The embedded backend is {now}: sudo systemctl {verb} --now {unit}\n")

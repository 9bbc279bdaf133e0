"""Who has to be restarted for a changed setting, and doing that."""

import sys
from collections.abc import Mapping, Sequence

from volspike.cli import control, suite
from volspike.clients.supervision import foreground
from volspike.model.suite import BACKEND, DAEMONS, TELEGRAM_POLLER, DaemonInfo, Kind, daemon_named
from volspike.model.units import Verb
from volspike.settings import VARIABLES, Settings, given
from volspike.settings.variables import Variable

_OF_BACKENDS = (
    "liquid-universe", "oi-poller", "volume-alerts", "user-alerts", TELEGRAM_POLLER, "courier", "dashboard"
)  # fmt: skip
_OF_PEOPLE = ("oi-poller", "volume-alerts", "courier")
_OF_OUTBOX_AGE = ("dashboard", "health-monitor")
USED_BY = {
    "Exchange": ("liquid-universe", "oi-poller", "volume-alerts", "user-alerts", "health-monitor"),
    "BINANCE_WS_URL": ("funding-ws",),
    "BINANCE_PROXY_URL": ("liquid-universe",),
    "Funding": ("funding-api", "health-monitor"),
    "WS_FUNDING_ENABLED": ("oi-poller", "volume-alerts", "user-alerts", "dashboard", "health-monitor"),
    "WS_FUNDING_API_URL": ("oi-poller", "volume-alerts", "user-alerts", "dashboard"),
    "Backend": (BACKEND, *_OF_BACKENDS),
    "VOLSPIKE_API_URL": _OF_BACKENDS,
    "VOLSPIKE_API_URL_DEV": ("volume-alerts", "courier", "dashboard"),
    "VOLSPIKE_API_KEY_DEV": ("courier",),
    "Chat": ("courier",),
    "TELEGRAM_TOKEN": _OF_PEOPLE,
    "Notifications": _OF_PEOPLE,
    "DISCORD_API_URL": ("courier",),
    "NOTIFY_QUIET_HOURS": ("courier",),
    "Volume alerts": ("volume-alerts",),
    "Open-interest alerts": ("oi-poller",),
    "Open-interest polling": ("oi-poller", BACKEND),
    "Liquid universe": ("liquid-universe", BACKEND),
    "Channels": (TELEGRAM_POLLER,),
    "Dashboard": ("dashboard",),
    "Backups": ("backup",),
    "Health": ("health-monitor",),
    "OUTBOX_AGE_WARNING": _OF_OUTBOX_AGE,
    "OUTBOX_AGE_CRITICAL": _OF_OUTBOX_AGE,
}
"""The daemons that read a setting, or all of its section that are not named; any other section is for all."""


def users_of(names: Sequence[str]) -> list[DaemonInfo]:
    """Return the lasting daemons that have read one of these settings at their start; none stands for nobody."""
    changed = [variable for variable in VARIABLES if variable.name in names]
    return [
        daemon
        for daemon in DAEMONS
        if daemon.kind is Kind.ALWAYS_ON and any(_uses(daemon.name, variable) for variable in changed)
    ]


def changed_for(daemon: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the settings that a daemon uses and that one environment gives another value than the other."""
    return [
        variable.name
        for variable in VARIABLES
        if _uses(daemon, variable)
        and (given(variable, before) or variable.default) != (given(variable, now) or variable.default)
    ]


def _uses(daemon: str, variable: Variable) -> bool:
    return daemon in USED_BY.get(variable.name, USED_BY.get(variable.section, (daemon,)))


def tell(names: Sequence[str], former: Settings | None, settings: Settings, *, restart: bool) -> None:
    """Say when the change takes effect, and restart what it is for if that is wanted."""
    users = users_of(names)
    everybody = len(users) == sum(daemon.kind is Kind.ALWAYS_ON for daemon in DAEMONS)
    if not suite.is_production():
        told = ["Nothing was restarted: --restart is for a server."] if restart else []
        told += _in_a_terminal(settings)
        sys.stdout.write(f"{' '.join(told)}\n" if told else "")
        return
    _tell_of_backend(former, settings)
    if not users:
        sys.stdout.write("Takes effect by itself, with the next run of the timer.\n")
    elif restart:
        control.by_systemd(Verb.RESTART, [] if everybody else _enabled(users, settings))
    else:
        which = "" if everybody else " " + " ".join(daemon.name for daemon in _enabled(users, settings))
        sys.stdout.write(f"Takes effect with: sudo volspike restart{which}\n")


def _in_a_terminal(settings: Settings) -> list[str]:
    """Return when the change takes effect for a suite in the foreground, which keeps what it was started with."""
    if foreground.is_running(settings.runtime_dir):
        return ["Takes effect when the suite is started anew: Ctrl-C and volspike up."]
    if foreground.is_running(suite.demo_directory(settings.runtime_dir)):
        return [
            "The running demo keeps what it was started with, which is what volspike config get shows: Ctrl-C and "
            "make demo."
        ]
    return []


def _enabled(users: Sequence[DaemonInfo], settings: Settings) -> list[DaemonInfo]:
    return [daemon for daemon in users if daemon.name != BACKEND or settings.uses_embedded_backend]


def _tell_of_backend(former: Settings | None, settings: Settings) -> None:
    """Say what to do where the embedded backend is used from now on, or is not any more."""
    if former is None or former.uses_embedded_backend == settings.uses_embedded_backend:
        return
    verb, now = ("enable", "used now") if settings.uses_embedded_backend else ("disable", "not used any more")
    unit = daemon_named(BACKEND).unit
    sys.stdout.write(f"The embedded backend is {now}: sudo systemctl {verb} --now {unit}\n")

"""Who has to be restarted for a changed setting, and doing that."""

import sys
from collections.abc import Mapping, Sequence

from volspike.cli import control, suite
from volspike.clients.errors import Transient
from volspike.clients.supervision import foreground, installation
from volspike.clients.supervision.systemd import Systemd
from volspike.model.health import UnitState
from volspike.model.suite import BACKEND, DAEMONS, EX_CONFIG, TELEGRAM_POLLER, DaemonInfo, Kind, daemon_named
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
NO_SERVER = "Nothing was restarted: --restart is for a server."


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
    """Say when the change takes effect, and restart what it is for if that is wanted.

    Where the file was wrong before (`former` is None) it is also for who could not start with it, and for who still
    runs with what was in force before it was wrong.
    """
    if not suite.is_production():
        told = [NO_SERVER] if restart else []
        told += _in_a_terminal(settings)
        sys.stdout.write(f"{' '.join(told)}\n" if told else "")
        return
    _tell_of_backend(former, settings)
    kept_back = _late() if former is None else []
    users = [daemon for daemon in DAEMONS if daemon in (*users_of(names), *kept_back)]
    everybody = len(users) == sum(daemon.kind is Kind.ALWAYS_ON for daemon in DAEMONS)
    if not users:
        sys.stdout.write("Takes effect by itself, with the next run of the timer.\n")
    elif restart:
        control.by_systemd(Verb.RESTART, [] if everybody else _enabled(users, settings))
    else:
        which = "" if everybody else " " + " ".join(daemon.name for daemon in _enabled(users, settings))
        sys.stdout.write(f"Takes effect with: sudo volspike restart{which}\n")


def catch_up(names: Sequence[str], settings: Settings) -> None:
    """Restart who uses one of these settings and does not run with what the file says, and said before."""
    if not suite.is_production():
        sys.stdout.write(f"{NO_SERVER}\n")
        return
    late = _late()
    behind = _enabled([daemon for daemon in users_of(names) if daemon in late], settings)
    if behind:
        control.by_systemd(Verb.RESTART, behind)
    else:
        sys.stdout.write("Nothing was restarted: no daemon runs with another value.\n")


def _late() -> list[DaemonInfo]:
    """Return the lasting daemons that were ended by bad settings, or run with others than those of now."""
    try:
        states = Systemd().states()
    except Transient:  # whoever restarts them is told
        return []
    now = suite.of_units()
    return [daemon_named(state.daemon) for state in states if state.enabled and _is_late(state, now)]


def _is_late(state: UnitState, now: Mapping[str, str]) -> bool:
    if daemon_named(state.daemon).kind is Kind.TIMER:  # its next run is the first to know
        return False
    if not state.main_pid:
        return state.exit_status == EX_CONFIG
    before = installation.environment_of(state.main_pid)
    return before is not None and bool(changed_for(state.daemon, before, now))


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

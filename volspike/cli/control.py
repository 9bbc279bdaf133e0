"""`volspike start`, `stop` and `restart`: the daemons of a server, by the names that people use."""

import os
import shlex
import sys
import time
from collections.abc import Sequence

from rich.console import Console

from volspike.cli import daemon_names, status, suite
from volspike.cli.daemon_names import Names
from volspike.cli.listing import Column, Listing
from volspike.clients.errors import Transient
from volspike.clients.supervision import foreground
from volspike.clients.supervision.foreground import Foreground
from volspike.clients.supervision.systemd import Systemd
from volspike.model.health import UnitState
from volspike.model.suite import DAEMONS, DaemonInfo, Kind
from volspike.model.units import Verb, acted_on
from volspike.settings import Settings

GOING_ON = {Verb.START: "starting", Verb.STOP: "stopping", Verb.RESTART: "restarting"}
FOREGROUND_SECONDS = 40.0
"""Until a child of `volspike up` is ready again: its grace to stop, and its start."""
LOOK_SECONDS = 0.2
ENDED = ("inactive", "failed")
"""What systemd calls a unit that runs no more; one that had failed before stays so."""
ONLY_UP = "the suite in {directory} lives in a terminal: Ctrl-C there ends it, volspike up starts it anew"


def start(daemons: Names = None) -> None:
    """Start daemons, or the whole suite, wait until they are ready, and show their state."""
    _carry_out(Verb.START, daemons)


def stop(daemons: Names = None) -> None:
    """Stop daemons, or the whole suite, wait until they have ended, and show their state.

    What waits in the outbox stays there. The health monitor leaves alone what was stopped by hand; a reboot starts it.
    """
    _carry_out(Verb.STOP, daemons)


def restart(daemons: Names = None) -> None:
    """Restart daemons, or the whole suite, so that they take new settings; wait until they are ready.

    What runs in the foreground (volspike up) is restarted there, with the settings that it was started with.
    """
    _carry_out(Verb.RESTART, daemons)


def _carry_out(verb: Verb, names: Sequence[str] | None) -> None:
    chosen = daemon_names.chosen(names)
    if suite.is_production():
        by_systemd(verb, chosen)
        return
    settings = suite.load_places()
    if not foreground.is_running(settings.runtime_dir):
        suite.fail(suite.NOTHING_RUNS)
    if verb is not Verb.RESTART:
        suite.fail(ONLY_UP.format(directory=settings.runtime_dir))
    _restart_in_foreground(settings, chosen)


def by_systemd(verb: Verb, chosen: Sequence[DaemonInfo]) -> None:
    """Have systemd do it and show what came of it; the exit code is 0 when all is as it was wanted, else 1."""
    if os.geteuid() != 0:
        suite.fail(f"only root may {verb} the daemons: {shlex.join(['sudo', 'volspike', *sys.argv[1:]])}")
    systemd = Systemd()
    problem = ""
    with Console(stderr=True).status(f"{GOING_ON[verb]} {_named(chosen)}"):
        try:
            systemd.order(verb, acted_on(verb, chosen), forgiven=[daemon.unit for daemon in chosen or DAEMONS])
        except Transient as error:
            problem = str(error)
    try:
        states = _of(chosen, systemd.states())
    except Transient as error:
        suite.fail(problem or str(error))
    _show(states)
    if problem:
        suite.fail(f"{problem}; see volspike logs {' '.join(daemon.name for daemon in chosen)}".rstrip())
    wanted = ENDED if verb is Verb.STOP else ("active",)
    raise SystemExit(0 if all(state.active_state in wanted for state in states if state.enabled or chosen) else 1)


def _of(chosen: Sequence[DaemonInfo], states: Sequence[UnitState]) -> list[UnitState]:
    names = {daemon.name for daemon in chosen or DAEMONS}
    return [state for state in states if state.daemon in names]


def _named(chosen: Sequence[DaemonInfo]) -> str:
    return ", ".join(daemon.name for daemon in chosen) or "the suite"


def _show(states: Sequence[UnitState]) -> None:
    listing = Listing(Column("DAEMON"), Column("UNIT", when_narrow="goes"), Column("STATE"))
    for state in states:
        listing.add(state.daemon, state.unit, status.activity(state))
    listing.show(Console(highlight=False))


def _restart_in_foreground(settings: Settings, chosen: Sequence[DaemonInfo]) -> None:
    suite_here = Foreground(settings.runtime_dir)
    lasting = {daemon.name for daemon in chosen or DAEMONS if daemon.kind is Kind.ALWAYS_ON}
    if not lasting:
        suite.fail(f"{_named(chosen)} runs only for a moment when its time comes: there is nothing to restart")
    try:
        present = [state for state in suite_here.states() if state.daemon in lasting]
        if not present:
            suite.fail(f"{_named(chosen)} is no part of the suite in {settings.runtime_dir}; see volspike status")
        for state in present:
            suite_here.restart(state.unit, reset_failed=True)
        with Console(stderr=True).status(f"restarting {_named(chosen)}"):
            states = _awaited(suite_here, {state.daemon: state.main_pid for state in present})
    except Transient as error:
        suite.fail(str(error))
    _show(states)
    raise SystemExit(0 if all(state.active_state == "active" for state in states) else 1)


def _awaited(suite_here: Foreground, before: dict[str, int]) -> list[UnitState]:
    """Return the states of these daemons once each is ready in a new process, or when patience is at its end."""
    deadline = time.monotonic() + FOREGROUND_SECONDS
    while True:
        states = [state for state in suite_here.states() if state.daemon in before]
        fresh = all(state.main_pid != before[state.daemon] and state.active_state == "active" for state in states)
        if fresh or time.monotonic() > deadline:
            return states
        time.sleep(LOOK_SECONDS)

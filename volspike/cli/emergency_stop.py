"""`volspike emergency-stop`: everything stops asking and sending at once, until it is told to go on."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from volspike.cli import suite
from volspike.cli.ledger import one_line
from volspike.model.documents import VERSION, EmergencyStop, Heartbeat
from volspike.model.suite import DAEMONS, DaemonInfo, Kind
from volspike.rules import emergency as rules
from volspike.settings import Settings
from volspike.state import documents, emergency, file

PATIENCE_SECONDS = 15.0
LOOK_SECONDS = 0.05
LONGEST_REASON = 200
RESTING = [daemon for daemon in DAEMONS if daemon.reaches_out]


def emergency_stop(
    resume: Annotated[bool, typer.Option("--resume", help="End it: everything goes on where it stopped.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for those who wonder later.", metavar="TEXT")] = "",
) -> None:
    """Stop all polling and all sending at once, whoever runs the suite.

    The outbox keeps what waits; what is not delivered within its hour will not be told any more.

    The order is a file in the state directory: it holds over restarts and reboots, and neither systemd nor the health
    monitor can undo it. What only serves this machine goes on: funding API, embedded backend, dashboard, backups and
    the monitor, which asks Binance nothing and repairs nothing meanwhile.

    Bad settings do not hinder it. Exit code 0 when everything rests (with --resume: works), 1 when a daemon does not
    obey.
    """
    suite.become_service_user()
    settings = suite.load_places()
    if suite.nothing_runs(settings) and not emergency.is_on(settings.state_dir):
        suite.fail(suite.NOTHING_RUNS)
    disobedient = _resume(settings) if resume else _stop(settings, reason)
    for daemon in disobedient:
        sys.stdout.write(f"{daemon.name} has not obeyed: {_force(settings, daemon)}\n")
    raise SystemExit(1 if disobedient else 0)


def _stop(settings: Settings, reason: str) -> list[DaemonInfo]:
    """Stop everything, and tell what that did; return the daemons that have not obeyed."""
    known = emergency.read(settings.state_dir)
    stop = known or EmergencyStop(VERSION, settings.clock.now(), _shortened(one_line(reason)))
    if known is None:
        with _told_if_impossible(settings, "stop the suite instead: volspike stop, or Ctrl-C where volspike up runs"):
            emergency.begin(settings.state_dir, stop)
    said = rules.sentence(emergency.read(settings.state_dir) or stop)
    sys.stdout.write(f"{said[0].upper()}{said[1:]}.\n")
    if known is not None:
        sys.stdout.write("It was ordered before, and stays as it was ordered then.\n")
    late = _await(settings, RESTING, "rests", lambda daemon: _rests(settings, daemon, said))
    sys.stdout.write(f"What waits in the outbox stays there, but alerts expire as ever. Go on with: {rules.RESUME}\n")
    return late


def _shortened(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"


def _resume(settings: Settings) -> list[DaemonInfo]:
    """Let everything go on; return the daemons that have not begun to."""
    with _told_if_impossible(settings, "it goes on; see to its disk and owner, then --resume again"):
        was_on = emergency.end(settings.state_dir)
    if not was_on:
        sys.stdout.write("There was no emergency stop.\n")
        return []
    sys.stdout.write("The emergency stop is over.\n")
    daemons = [daemon for daemon in RESTING if daemon.kind is Kind.ALWAYS_ON]  # a job comes back with its timer
    return _await(settings, daemons, "goes on", lambda daemon: _goes_on(settings, daemon))


def _rests(settings: Settings, daemon: DaemonInfo, said: str) -> bool:
    """Tell whether a daemon waits for the end of this very stop; a job does not wait, it ends."""
    if daemon.kind is Kind.TIMER:
        return not _lives(settings, daemon)
    beat = _beat(settings, daemon)
    return _lives(settings, daemon) and beat is not None and beat.status == said


def _goes_on(settings: Settings, daemon: DaemonInfo) -> bool:
    beat = _beat(settings, daemon)
    return _lives(settings, daemon) and beat is not None and not beat.status.startswith(rules.BEGINS)


@contextmanager
def _told_if_impossible(settings: Settings, remedy: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        suite.fail(f"{settings.state_dir / documents.EMERGENCY_STOP} cannot be changed ({error.strerror}); {remedy}")


def _await(
    settings: Settings, daemons: list[DaemonInfo], word: str, has_obeyed: Callable[[DaemonInfo], bool]
) -> list[DaemonInfo]:
    """Tell of each daemon that lives how soon it has obeyed; return those that have not in time."""
    began = time.monotonic()
    waiting = [daemon for daemon in daemons if _lives(settings, daemon)]
    for daemon in daemons:
        if daemon not in waiting:
            how = "rests between its runs" if daemon.kind is Kind.TIMER else "does not run"
            sys.stdout.write(f"  {daemon.name:<16} {how}\n")
    while waiting and time.monotonic() - began < PATIENCE_SECONDS:
        for daemon in list(waiting):
            if has_obeyed(daemon):
                waiting.remove(daemon)
                sys.stdout.write(f"  {daemon.name:<16} {word} (after {time.monotonic() - began:.1f} s)\n")
                sys.stdout.flush()
        time.sleep(LOOK_SECONDS)
    return waiting


def _beat(settings: Settings, daemon: DaemonInfo) -> Heartbeat | None:
    return documents.reader(documents.heartbeat_path(settings.runtime_dir, daemon.name), Heartbeat).read()


def _force(settings: Settings, daemon: DaemonInfo) -> str:
    """Return the command that makes a daemon begin anew, whatever it is stuck in."""
    if suite.is_production():
        return f"sudo systemctl kill --signal=KILL {daemon.unit}"
    beat = _beat(settings, daemon)
    return f"kill -KILL {beat.pid}" if beat else "end the suite with Ctrl-C"


def _lives(settings: Settings, daemon: DaemonInfo) -> bool:
    return file.is_held(documents.heartbeat_path(settings.runtime_dir, daemon.name).with_suffix(".lock"))

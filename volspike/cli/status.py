"""`volspike status`: one table of the daemons."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from msgspec import Struct
from rich.console import Console
from rich.text import Text

from volspike.cli import suite
from volspike.cli.ledger import instant, one_line
from volspike.cli.listing import Column, Listing
from volspike.cli.tables import duration, megabytes
from volspike.clients.errors import Transient
from volspike.clients.local.machine import resident_bytes
from volspike.clients.supervision import supervisor_of
from volspike.delivery.mutes import Mutes
from volspike.model.documents import EmergencyStop, Heartbeat, Mute
from volspike.model.health import UnitState
from volspike.rules import emergency as rules
from volspike.rules.liveness import is_overdue
from volspike.settings import Settings
from volspike.state import documents, emergency

COLOURS = {"active": "green", "activating": "yellow", "failed": "bold red"}


class DaemonStatus(Struct, frozen=True):
    """A row of the table: what keeps a daemon alive says of it, its last sign of life and its memory.

    Times are epoch seconds; what is not known is None.
    """

    daemon: str
    unit: str
    enabled: bool
    active_state: str
    sub_state: str
    since: float | None
    heartbeat_at: float | None
    heartbeat_age_seconds: float | None
    overdue: bool
    status: str
    memory_bytes: int | None


class SuiteStatus(Struct, frozen=True):
    """All that the command shows, as of `at`: the daemons, and what keeps them or people's alerts back."""

    at: float
    daemons: list[DaemonStatus]
    emergency_stop: EmergencyStop | None
    mutes: Mapping[str, Mute]


def status(
    as_json: Annotated[bool, typer.Option("--json", help="All of it as one JSON object, for machines.")] = False,
) -> None:
    """Show every daemon: its state, since when, its last sign of life, what it last did, and its memory.

    Bad settings are named and do not hinder it. Where nothing runs there is no table, and no JSON either: standard
    error says what to start.

    Exit code 0 when all that are enabled are active, 1 when one is not, 3 when nothing runs here.
    """
    suite.become_service_user()
    settings = suite.load_to_look()
    seen = _look(settings, _states(settings))
    if as_json:
        sys.stdout.write(documents.encode(seen).decode() + "\n")
    else:
        _show(seen)
    raise SystemExit(0 if all(daemon.active_state == "active" for daemon in seen.daemons if daemon.enabled) else 1)


def _states(settings: Settings) -> list[UnitState]:
    """Return the state of every unit; end the command where there is none."""
    try:
        states = supervisor_of(settings.runtime_dir).states()
        problem = "no unit of the suite is installed; see the README, “Deployment to a server”"
    except Transient as error:
        states = []
        start = "sudo systemctl start volspike.target" if suite.is_production() else "volspike up"
        problem = f"{error}; start the suite: {start}"
    if not states:
        suite.fail(suite.NOTHING_RUNS if suite.nothing_runs(settings) else problem, 3)
    return states


def _look(settings: Settings, states: Sequence[UnitState]) -> SuiteStatus:
    return SuiteStatus(
        settings.clock.now(),
        [_daemon(settings, state) for state in states],
        emergency.read(settings.state_dir),
        Mutes(settings.state_dir, settings.clock).in_force(),
    )


def _daemon(settings: Settings, state: UnitState) -> DaemonStatus:
    path = documents.heartbeat_path(settings.runtime_dir, state.daemon)
    beat, now = documents.reader(path, Heartbeat).read(), settings.clock.now()
    return DaemonStatus(
        state.daemon,
        state.unit,
        state.enabled,
        state.active_state,
        state.sub_state,
        state.since,
        heartbeat_at=beat.at if beat else None,
        heartbeat_age_seconds=round(now - beat.at, 3) if beat else None,
        overdue=beat is not None and is_overdue(beat, now, settings.clock.monotonic()),
        status=beat.status if beat else state.status_text,
        memory_bytes=resident_bytes(state.main_pid) or state.memory_bytes if state.main_pid else None,
    )


def _show(seen: SuiteStatus) -> None:
    console = Console(highlight=False)
    if seen.emergency_stop is not None:
        sentence = f"{rules.sentence(seen.emergency_stop)} ({rules.RESUME} ends it)"
        console.print(Text(sentence, "bold red"), soft_wrap=True)
    _listing(seen.daemons).show(console)
    if seen.mutes:
        ends = (f"{symbol} until {instant(mute.until)}" for symbol, mute in seen.mutes.items())
        console.print(f"People are told nothing of {', '.join(ends)} UTC (volspike unmute ends it)", soft_wrap=True)


def _listing(daemons: Sequence[DaemonStatus]) -> Listing:
    listing = Listing(
        Column("UNIT"),
        Column("STATE"),
        Column("SINCE", when_narrow="goes"),
        Column("HEARTBEAT"),
        Column("LAST DID", when_narrow="moves below"),
        Column("MEMORY", "right"),
    )
    for daemon in daemons:
        listing.add(
            daemon.unit,
            activity(daemon),
            duration(time.time() - daemon.since if daemon.since else None),
            _age(daemon),
            one_line(daemon.status) or "–",  # it may quote the exchange
            megabytes(daemon.memory_bytes),
        )
    return listing


def activity(state: UnitState | DaemonStatus) -> Text:
    """Return the state of a unit in its colour, and in what way it is so."""
    colour = COLOURS.get(state.active_state, "yellow") if state.enabled else "dim"
    return Text.assemble((state.active_state, colour), f" ({state.sub_state if state.enabled else 'not enabled'})")


def _age(daemon: DaemonStatus) -> Text:
    if daemon.heartbeat_age_seconds is None:
        return Text("–")
    age = f"{duration(daemon.heartbeat_age_seconds)} ago"
    return Text(f"{age}, overdue", "bold red") if daemon.overdue else Text(age)

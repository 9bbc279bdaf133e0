"""`volspike status`: one table of the daemons."""

import time

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
from volspike.model.documents import Heartbeat
from volspike.model.health import UnitState
from volspike.rules import emergency as rules
from volspike.rules.liveness import is_overdue
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, emergency

COLOURS = {"active": "green", "activating": "yellow", "failed": "bold red"}


def status() -> None:
    """Show every daemon: its state, since when, its last sign of life, what it last did, and its memory.

    Bad settings are named and do not hinder it.

    Exit code 0 when all that are enabled are active, 1 when one is not, 3 when nothing runs here.
    """
    suite.become_service_user()
    settings = suite.load_to_look()
    try:
        states = supervisor_of(settings.runtime_dir).states()
        problem = "no unit of the suite is installed; see the README, “Deployment to a server”"
    except Transient as error:
        states = []
        start = "sudo systemctl start volspike.target" if suite.is_production() else "volspike up"
        problem = f"{error}; start the suite: {start}"
    if not states:
        suite.fail(suite.NOTHING_RUNS if suite.nothing_runs(settings) else problem, 3)
    console = Console(highlight=False)
    stop = emergency.read(settings.state_dir)
    if stop is not None:
        console.print(Text(f"{rules.sentence(stop)} ({rules.RESUME} ends it)", "bold red"), soft_wrap=True)
    _listing(settings, states).show(console)
    muted = Mutes(settings.state_dir, settings.clock).in_force()
    if muted:
        ends = (f"{symbol} until {instant(mute.until)}" for symbol, mute in muted.items())
        console.print(f"People are told nothing of {', '.join(ends)} UTC (volspike unmute ends it)", soft_wrap=True)
    raise SystemExit(0 if all(state.active_state == "active" for state in states if state.enabled) else 1)


def _listing(settings: Settings, states: list[UnitState]) -> Listing:
    listing = Listing(
        Column("UNIT"),
        Column("STATE"),
        Column("SINCE", when_narrow="goes"),
        Column("HEARTBEAT"),
        Column("LAST DID", when_narrow="moves below"),
        Column("MEMORY", "right"),
    )
    for state in states:
        beat = _heartbeat(settings, state.daemon)
        listing.add(
            state.unit,
            activity(state),
            duration(time.time() - state.since if state.since else None),
            _age(beat, settings.clock),
            one_line(beat.status if beat else state.status_text) or "–",  # it may quote the exchange
            megabytes(resident_bytes(state.main_pid) or state.memory_bytes if state.main_pid else None),
        )
    return listing


def activity(state: UnitState) -> Text:
    """Return the state of a unit in its colour, and in what way it is so."""
    colour = COLOURS.get(state.active_state, "yellow") if state.enabled else "dim"
    return Text.assemble((state.active_state, colour), f" ({state.sub_state if state.enabled else 'not enabled'})")


def _age(beat: Heartbeat | None, clock: Clock) -> Text:
    if beat is None:
        return Text("–")
    age = f"{duration(clock.now() - beat.at)} ago"
    return Text(f"{age}, overdue", "bold red") if is_overdue(beat, clock.now(), clock.monotonic()) else Text(age)


def _heartbeat(settings: Settings, daemon: str) -> Heartbeat | None:
    return documents.reader(documents.heartbeat_path(settings.runtime_dir, daemon), Heartbeat).read()

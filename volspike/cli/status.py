"""`volspike status`: one table of the daemons."""

import sys
import time

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from volspike.cli import suite
from volspike.cli.tables import duration, megabytes
from volspike.clients.errors import Transient
from volspike.clients.local.machine import resident_bytes
from volspike.clients.supervision import supervisor_of
from volspike.model.documents import Heartbeat
from volspike.model.health import UnitState
from volspike.settings import Settings
from volspike.state import documents

COLOURS = {"active": "green", "activating": "yellow", "failed": "bold red"}


def status() -> None:
    """Show every daemon: its state, since when, its last sign of life, what it last did, and its memory.

    Exit code 0 when all are active, 1 when one is not, 3 when nothing runs here.
    """
    suite.become_service_user()
    settings = suite.load_settings()
    try:
        states = supervisor_of(settings.runtime_dir).states()
    except Transient as error:
        suite.fail(f"{error}; start the suite with `volspike up` or `systemctl start volspike.target`", 3)
    if not states:
        suite.fail("no unit of the suite is installed; see the README, “Deployment to a server”", 3)
    Console(width=None if sys.stdout.isatty() else 160).print(_table(settings, states))
    raise SystemExit(0 if all(state.active_state == "active" for state in states) else 1)


def _table(settings: Settings, states: list[UnitState]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("UNIT", "STATE", "SINCE", "HEARTBEAT", "LAST DID"):
        table.add_column(column, no_wrap=column != "LAST DID")
    table.add_column("MEMORY", justify="right", no_wrap=True)
    for state in states:
        beat = _heartbeat(settings, state.daemon)
        colour = COLOURS.get(state.active_state, "yellow")
        table.add_row(
            state.unit,
            f"[{colour}]{state.active_state}[/] ({state.sub_state})",
            duration(time.time() - state.since if state.since else None),
            f"{duration(settings.clock.now() - beat.at)} ago" if beat else "–",
            escape(beat.status if beat else state.status_text) or "–",  # it may quote the exchange
            megabytes(resident_bytes(state.main_pid) or state.memory_bytes if state.main_pid else None),
        )
    return table


def _heartbeat(settings: Settings, daemon: str) -> Heartbeat | None:
    return documents.reader(documents.heartbeat_path(settings.runtime_dir, daemon), Heartbeat).read()

"""What `volspike up` shows on the terminal."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle

from rich.console import Console
from rich.text import Text

from volspike import __version__
from volspike.cli import example_alert
from volspike.cli.bursts import Bursts
from volspike.model.health import UnitState
from volspike.model.suite import DAEMONS, Kind
from volspike.settings import Settings

COLOURS = (
    "cyan", "magenta", "blue", "green", "yellow", "bright_cyan", "bright_magenta", "bright_blue", "bright_green",
)  # fmt: skip
LEVELS = {"warning": "yellow", "error": "bold red", "critical": "bold red", "debug": "dim"}
NAME_WIDTH = max(len(daemon.name) for daemon in DAEMONS)
COMMAND_WIDTH = 49
_LOG_LINE = re.compile(r"^(?P<at>\d\d:\d\d:\d\d) (?P<level>\w+) +(?P<text>.*)$")
_ALERT = re.compile(r"— VOLUME SPIKE!$| open interest [▲▼] | crossed (?:above|below) ")


class Terminal:
    """The lines of all daemons, each with its name and colour in front, and what a newcomer needs to know.

    Of many alerts at once only the first are shown.
    """

    def __init__(self, settings: Settings, *, simulated: bool, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._simulated = simulated
        self._console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
        self._colours = {daemon.name: colour for daemon, colour in zip(DAEMONS, cycle(COLOURS), strict=False)}
        self._introduced = False
        self._bursts = {daemon.name: Bursts(monotonic) for daemon in DAEMONS}

    def welcome(self, *, afresh: bool = False) -> None:
        """Say what is being started, against what, and whether something of an earlier demo was removed for it."""
        exchange = "the simulated Binance" if self._simulated else "Binance"
        self._console.print(f"[bold]VolSpike {__version__}[/] against {exchange} at {self._settings.binance_rest_url}")
        self._console.print(f"[dim]state files in {self._settings.runtime_dir}; Ctrl-C ends everything[/]")
        if afresh:
            self._console.print("[dim]the demo starts afresh: the alerts of an earlier one are gone[/]")

    def say(self, name: str, line: str) -> None:
        """Show a line of a daemon's log."""
        self.count_hidden()
        parsed = _LOG_LINE.match(line)
        if parsed is None:
            self._print(name, Text(line, "default"))
        elif not _ALERT.search(parsed["text"]):
            text = Text(parsed["text"], LEVELS.get(parsed["level"], "default"))
            self._print(name, Text.assemble((f"{parsed['at']} ", "dim"), text))
        elif self._bursts[name].shows():
            self._print(name, Text.assemble((f"{parsed['at']} ", "dim"), (f"🔔 {parsed['text']}", "bold")))

    def count_hidden(self, *, now: bool = False) -> None:
        """Say how many alerts were not shown of the bursts that are over, or of all with `now`."""
        for name, bursts in self._bursts.items():
            hidden = bursts.take_hidden(now=now)
            if hidden:
                self._print(name, Text(f"… and {hidden} more: volspike tail", "bold"))

    def _print(self, name: str, text: Text) -> None:
        head = Text(f"{name:<{NAME_WIDTH}} │ ", style=self._colours.get(name, "white"))
        self._console.print(head.append_text(text))

    def introduce_once(self, states: list[UnitState]) -> None:
        """Say what to try, as soon as everything runs."""
        if not self._introduced and _serving(states):
            self._introduced = True
            self._introduce()

    def _introduce(self) -> None:
        self._console.print("\n[bold green]Everything runs.[/] In another terminal, in this folder, try:")
        for command, meaning in self._examples():
            self._console.print(f"  [bold]{command:<{COMMAND_WIDTH}}[/]  [dim]# {meaning}[/]")
        self._console.print()

    def _examples(self) -> Iterator[tuple[str, str]]:
        yield f"http://127.0.0.1:{self._settings.dashboard_port}", "in a browser: the dashboard"
        yield ".venv/bin/volspike tail", "every alert as it comes"
        near = example_alert.price(self._settings, simulated=self._simulated)
        yield f".venv/bin/volspike alerts add {example_alert.SYMBOL} price {near}", "a user alert: one of your own"
        yield ".venv/bin/volspike outbox list", "what is on its way, and what has arrived"
        yield ".venv/bin/volspike status", "the daemons"
        yield ".venv/bin/volspike health", "the health report"
        yield f"curl {self._settings.funding_api_url}/funding/BTCUSDT", "one symbol's funding"
        if self._settings.uses_embedded_backend:
            yield f"http://127.0.0.1:{self._settings.backend_port}/docs", "in a browser: the embedded backend"
        if self._simulated:
            exchange = self._settings.binance_rest_url
            yield f"curl {exchange}/sim/telegram", "what people read in the chat"
            yield f"curl {exchange}/sim/faults", "what can be broken on purpose"

    def goodbye(self) -> None:
        """Say that everything has ended."""
        self.count_hidden(now=True)
        self._console.print("[bold]Everything has stopped.[/]")


def _serving(states: list[UnitState]) -> bool:
    """Tell whether every lasting daemon is ready and the feed has data."""
    lasting = {daemon.name for daemon in DAEMONS if daemon.kind is Kind.ALWAYS_ON}
    ready = all(state.active_state == "active" for state in states if state.daemon in lasting)
    return ready and any("streaming" in state.status_text for state in states)

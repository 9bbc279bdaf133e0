"""What `volspike up` shows on the terminal."""

import re
import sys

from rich.console import Console
from rich.text import Text

from volspike import __version__
from volspike.model.health import UnitState
from volspike.model.suite import DAEMONS, Kind
from volspike.settings import Settings

COLOURS = ("cyan", "magenta", "blue", "green", "yellow")
LEVELS = {"warning": "yellow", "error": "bold red", "critical": "bold red", "debug": "dim"}
NAME_WIDTH = max(len(daemon.name) for daemon in DAEMONS)
_LOG_LINE = re.compile(r"^(?P<at>\d\d:\d\d:\d\d) (?P<level>\w+) +(?P<text>.*)$")


class Terminal:
    """The lines of all daemons, each with its name and colour in front, and what a newcomer needs to know."""

    def __init__(self, settings: Settings, *, simulated: bool) -> None:
        self._settings = settings
        self._simulated = simulated
        self._console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
        self._colours = {daemon.name: colour for daemon, colour in zip(DAEMONS, COLOURS, strict=False)}
        self._introduced = False

    def welcome(self) -> None:
        """Say what is being started, against what."""
        exchange = "the simulated Binance" if self._simulated else "Binance"
        self._console.print(f"[bold]VolSpike {__version__}[/] against {exchange} at {self._settings.binance_rest_url}")
        self._console.print(f"[dim]state files in {self._settings.runtime_dir}; Ctrl-C ends everything[/]")

    def say(self, name: str, line: str) -> None:
        """Show a line of a daemon's log."""
        text = Text(f"{name:<{NAME_WIDTH}} │ ", style=self._colours.get(name, "white"))
        parsed = _LOG_LINE.match(line)
        if parsed is None:
            text.append(line, style="default")
        else:
            style = LEVELS.get(parsed["level"], "default")
            text.append(f"{parsed['at']} ", style="dim")
            text.append(parsed["text"], style=style)
        self._console.print(text)

    def introduce_once(self, states: list[UnitState]) -> None:
        """Say what to try, as soon as everything runs."""
        if not self._introduced and _serving(states):
            self._introduced = True
            self._introduce()

    def _introduce(self) -> None:
        url = self._settings.funding_api_url
        self._console.print("\n[bold green]Everything runs.[/] In another terminal, in this folder, try:")
        examples = (
            (f"curl {url}/funding/BTCUSDT", "one symbol"),
            (f"curl -G --data-urlencode 'symbols=btcusdt,ETHUSDT,币安人生USDT' {url}/funding/batch", "several"),
            (f"curl {url}/funding/health", "how the feed is"),
            (".venv/bin/volspike status", "the daemons"),
            (".venv/bin/volspike health", "the health report"),
        )
        for command, meaning in examples:
            self._console.print(f"  [bold]{command}[/]  [dim]# {meaning}[/]")
        if self._simulated:
            admin = f"{self._settings.binance_rest_url}/sim/faults"
            self._console.print(f"  [bold]curl {admin}[/]  [dim]# what can be broken on purpose[/]")
        self._console.print()

    def goodbye(self) -> None:
        """Say that everything has ended."""
        self._console.print("[bold]Everything has stopped.[/]")


def _serving(states: list[UnitState]) -> bool:
    """Tell whether every lasting daemon is ready and the feed has data."""
    lasting = {daemon.name for daemon in DAEMONS if daemon.kind is Kind.ALWAYS_ON}
    ready = all(state.active_state == "active" for state in states if state.daemon in lasting)
    return ready and any("streaming" in state.status_text for state in states)

"""The exchange as one object: its market, its time, its faults, its accounts and the connections open to it.

And the chats of a Telegram and other services beside it, which share its time and its book of faults.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volspike.runtime.clock import Clock
from volspike.simulator import faults
from volspike.simulator.answers import Answers
from volspike.simulator.chats import Chats
from volspike.simulator.faults import Board, Fault
from volspike.simulator.frames import Distortion, Frames
from volspike.simulator.market import Market, start_hour
from volspike.simulator.notices import Notices
from volspike.simulator.recording import Recording
from volspike.simulator.statistics import Statistics
from volspike.simulator.streams import Directory
from volspike.simulator.tickers import Tickers
from volspike.simulator.weights import BAN_AFTER, Weights

if TYPE_CHECKING:
    from volspike.simulator.connection import Connection


@dataclass(frozen=True, slots=True)
class Options:
    """How the simulator behaves; times are simulated seconds."""

    host: str = "127.0.0.1"
    port: int = 8890
    seed: int = 1
    latency_ms: float = 0.0
    close_after: float = 86_400.0
    shutdown_event: str = ""
    """In which form (`bare`, `event`, `wrapped`) a serverShutdown event precedes the close; empty: not at all."""
    ping_every: float = 180.0
    pong_within: float = 600.0
    start_hour: int | None = None
    """The recorded hour that plays in the clock hour of the start; None: the one that shows spikes at once."""
    ban_after: int = BAN_AFTER
    faults: tuple[str, ...] = ()
    announce: Path | None = None


class Exchange:
    """Shared by all handlers of one simulator."""

    def __init__(self, options: Options, clock: Clock, recording: Recording) -> None:
        """Build the market and activate the faults asked for; raises FaultError."""
        self.options = options
        self.clock = clock
        origin = clock.now()
        first = start_hour(origin) if options.start_hour is None else options.start_hour
        self.market = Market(recording, seed=options.seed, start_hour=first, origin=origin)
        self.tickers = Tickers(self.market)
        self.answers = Answers(self.market, self.tickers)
        self.frames = Frames(self.market, self.tickers)
        self.directory = Directory(list(self.market.by_symbol))
        self.board = Board(frozenset(self.market.by_symbol))
        self.weights = Weights(ban_after=options.ban_after)
        self.statistics = Statistics()
        self.connections: set[Connection] = set()
        self.chats = Chats()
        self.notices = Notices()
        for text in options.faults:
            self.activate(faults.parse(text))

    def activate(self, wanted: dict[str, object]) -> Fault:
        """Activate a fault; raises FaultError."""
        fault = self.board.put(wanted, self.clock.now(), self.statistics.connections_opened)
        if fault.kind == "refuse":
            for connection in self.connections:
                connection.cut()
        return fault

    def fault(self, kind: str) -> Fault | None:
        """Return the fault of this kind if it is active."""
        return self.board.find(kind, self.clock.now())

    def face_fault(self, kind: str, face: str, path: str) -> Fault | None:
        """Return a fault that can be confined to `rest` or `ws` and to a path, if it strikes there."""
        fault = self.fault(kind)
        if fault and fault.parameters.get("scope", "rest") in {"all", face} and fault.text("path") in path:
            return fault
        return None

    def skew(self) -> float:
        """Return by how much the exchange's clock is off."""
        fault = self.fault("clock_skew")
        return fault.number("seconds") if fault else 0.0

    def now(self) -> float:
        """Return the time the exchange believes it is, in epoch seconds."""
        return self.clock.now() + self.skew()

    def distortion(self) -> Distortion:
        """Return how active faults bend mark-price rows."""
        without_rate = self.fault("null_symbol")
        return Distortion(
            broken_row=self.fault("broken_row") is not None,
            without_rate=without_rate.text("symbol") if without_rate else "",
            legacy_delivery=self.fault("legacy_delivery") is not None,
        )

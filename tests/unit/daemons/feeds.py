"""A feed of the WS daemon on the bench, and frames to feed it with."""

import json
import time
from pathlib import Path
from typing import Any

from tests.unit.clocks import MovedClock
from volspike.clients.binance.stream import MarketStream
from volspike.daemons import funding_feed
from volspike.daemons.funding_feed import Feed
from volspike.model.documents import FundingDocument, Heartbeat, TickerDocument
from volspike.runtime.daemon import Daemon
from volspike.state import documents


class Source(MarketStream):
    """A stream that never connects and remembers what it is told."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__("ws://127.0.0.1:1", clock)
        self.told: list[tuple[int, int]] = []
        self.rotations = 0

    def delivered(self, connection: int, newest_event_ms: int) -> None:
        self.told.append((connection, newest_event_ms))

    def rotate(self) -> None:
        self.rotations += 1


class Bench:
    """A feed, with its source and its files at hand."""

    def __init__(self, daemon: Daemon, runtime_dir: Path, clock: MovedClock) -> None:
        self.clock = clock
        self.runtime_dir = runtime_dir
        self.daemon = daemon
        self.source = Source(clock)
        self.feed = Feed(daemon, runtime_dir)

    def take(self, content: bytes | str, connection: int = 1) -> None:
        """Let a frame arrive, as the daemon's loop does."""
        self.feed.take(self.source, connection, content.encode() if isinstance(content, str) else content)
        self.save()

    def save(self) -> None:
        """Save as the daemon's loop does when nothing more comes within a moment."""
        while 0 < (seconds := self.feed.patience()) <= funding_feed.GATHER_SECONDS:
            time.sleep(seconds)
        self.feed.save()

    def marks(self) -> FundingDocument:
        return documents.decode((self.runtime_dir / documents.FUNDING).read_bytes(), FundingDocument)

    def tickers(self) -> TickerDocument:
        return documents.decode((self.runtime_dir / documents.TICKERS).read_bytes(), TickerDocument)

    def heartbeat(self) -> Heartbeat:
        return documents.decode(documents.heartbeat_path(self.runtime_dir, "funding-ws").read_bytes(), Heartbeat)

    def metric(self, name: str) -> float:
        for line in self.daemon.metrics.text().splitlines():
            if line.startswith(f"volspike_{name}{{"):
                return float(line.rpartition(" ")[2])
        raise KeyError(name)


def mark_row(symbol: str = "BTCUSDT", at_ms: int = 1000, **changes: Any) -> dict[str, Any]:
    row = {"e": "markPriceUpdate", "E": at_ms, "s": symbol, "p": "91725.878", "i": "91769.875", "r": "0.0000128"}
    return {**row, "T": 1_790_870_400_000, "st": 1, **changes}


def marks(*rows: object) -> str:
    return json.dumps({"stream": "!markPrice@arr@1s", "data": rows})


def ticker(symbol: str = "BTCUSDT", at_ms: int = 1, last: str = "91520.1") -> str:
    row = {"e": "24hrTicker", "E": at_ms, "s": symbol, "p": "-4463", "P": "-4.65", "c": last, "q": "12e9", "st": 1}
    return json.dumps({"stream": "!ticker@arr", "data": [row]})

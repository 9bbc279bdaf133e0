"""A small market for the tests of the volume alerts: a few symbols, their candles, and a daemon that scans them."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.examples import NOW
from volspike.clients.backend.client import Backend
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.daemons.listing import Listing
from volspike.daemons.volume_enrichment import Sources
from volspike.daemons.volume_hours import KNOWN_HOURS, NEW_HOURS, Volumes
from volspike.daemons.volume_memory import Memories
from volspike.daemons.volume_scan import Tools
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import AlertType, CandleDirection, VolumeAlert
from volspike.readers.feeds import Feeds
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

HOUR = 3600
OPEN_HOUR = int(NOW // HOUR * HOUR)
EXCHANGE_INFO = "/fapi/v1/exchangeInfo"
SNAPSHOT = "/api/market/open-interest/snapshot"


class Market:
    """What the exchange answers: the hour that is open at NOW, and those before it."""

    def __init__(self, server: AnsweringServer) -> None:
        self.server = server

    def list(self, *symbols: str) -> None:
        """Let exactly these trade."""
        rows = [
            {"symbol": symbol, "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}
            for symbol in symbols
        ]
        self.server.answers[EXCHANGE_INFO] = Answer(body=json.dumps({"symbols": rows}).encode())

    def trade(self, symbol: str, *volumes: float, after: float = 0.0) -> None:
        """Give a symbol these volumes, the last one in the open hour."""
        rows = [
            [(OPEN_HOUR - back * HOUR) * 1000, "100", "110", "90", "102", "1", 1, str(volume)]
            for back, volume in reversed(list(enumerate(reversed(volumes))))
        ]
        self.refuse(symbol, Answer(body=json.dumps(rows).encode(), after=after))

    def refuse(self, symbol: str, answer: Answer) -> None:
        """Answer for a symbol's candles with something else."""
        for limit in (KNOWN_HOURS, NEW_HOURS):
            self.server.answers[f"/fapi/v1/klines?symbol={quote(symbol)}&interval=1h&limit={limit}"] = answer

    def asked(self, path: str) -> int:
        """Return how often a path was asked."""
        return sum(asked.partition("?")[0] == path for asked in self.server.asked)


def spike(hour: int = OPEN_HOUR) -> VolumeAlert:
    """Return the alert of a scan in the first minutes of an hour."""
    instant = datetime.fromtimestamp(hour, UTC)
    return VolumeAlert(
        symbol="BTCUSDT", asset="BTC", message="BTC …", alert_type=AlertType.SPIKE, is_update=False,
        current_volume=4e6, previous_volume=1e6, volume_ratio=4.0, price=1.0, candle_direction=CandleDirection.BULLISH,
        hour_timestamp=instant, detection_time=instant, timestamp=instant,
    )  # fmt: skip


def error(code: int, status: int = 400, message: str = "refused") -> Answer:
    """Return a refusal as Binance words it."""
    return Answer(status, json.dumps({"code": code, "msg": message}).encode())


@contextmanager
def tools_of(daemon: Daemon, settings: Settings) -> Iterator[Tools]:
    """Give what a scan works with, against one server for exchange and backend."""
    clock, url = daemon.clock, settings.binance_rest_url
    with ExitStack() as held:
        account = held.enter_context(WeightAccount(settings.runtime_dir, clock))
        outbox = held.enter_context(Outbox(settings.state_dir / documents.OUTBOX, clock, settings.routes))
        backend = held.enter_context(Backend(url, "key", timeout=(10.0, 20.0)))
        options: dict[str, Any] = {"timeout": (10.0, 20.0), "connections": 8}
        rest = Rest(url, clock, account, **options)
        sources = Sources(Feeds(settings, clock), rest, backend, Condition("snapshots", clock.monotonic))
        memories = Memories(settings, clock, outbox)
        volumes = Volumes(settings.runtime_dir / documents.HOURLY_VOLUME, clock)
        yield Tools(daemon, settings.volume_limits, rest, Listing(rest, clock), memories, volumes, outbox, sources)

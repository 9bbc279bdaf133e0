"""A Binance market stream on loopback that does what a test tells it to, and an HTTP server beside it."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.unit.answers import AnsweringServer
from tests.unit.clients.binance.rest_answers import NOW
from tests.unit.clients.binance.streams import FAST, Start, patient
from tests.unit.clocks import MovedClock
from volspike.clients.binance import stream as stream_module
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.stream import MarketStream, market_url
from volspike.clients.binance.weight import WeightAccount
from volspike.runtime.clock import Clock

Behaviour = Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]


def mark_frame(at_ms: int, *symbols: str) -> str:
    """Return a frame of mark prices."""
    rows = [
        {
            "e": "markPriceUpdate",
            "E": at_ms,
            "s": symbol,
            "p": "1.5",
            "i": "1.5",
            "r": "0.0001",
            "T": 2 * at_ms,
            "st": 1,
        }
        for symbol in symbols or ("BTCUSDT",)
    ]
    return json.dumps({"stream": "!markPrice@arr@1s", "data": rows})


async def stay_silent(socket: web.WebSocketResponse, _: web.Request) -> None:
    """Accept, and say nothing for ever; the default."""
    await socket.receive()


async def drop(_: web.WebSocketResponse, __: web.Request) -> None:
    """Accept, and close at once."""


def deliver(frames: float = float("inf"), every: float = 0.01) -> Behaviour:
    """Return a behaviour that sends so many frames, whose time advances, and then closes."""

    async def behave(socket: web.WebSocketResponse, _: web.Request) -> None:
        sent = 0
        while sent < frames:
            await socket.send_str(mark_frame(time.time_ns() // 1_000_000))
            sent += 1
            await asyncio.sleep(every)

    return behave


class Exchange:
    """The server: `behave` decides what each connection meets, `status` what its handshake is answered."""

    def __init__(self) -> None:
        self.behave: Behaviour = stay_silent
        self.status = 101
        self.paths: list[str] = []
        self.open = 0
        self.most_open = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.port = 0

    @property
    def url(self) -> str:
        """Return the value for BINANCE_WS_URL."""
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(60), "no server"

    def stop(self) -> None:
        """Cut every connection off and close the port."""
        self.call(self._loop.stop)
        self._thread.join()

    def call(self, function: Callable[[], object]) -> None:
        """Run a function in the server's loop."""
        self._loop.call_soon_threadsafe(function)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_get("/{path:.*}", self._accept)
        runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.raw_path)
        if self.status != 101:
            return web.Response(status=self.status, text="<html>refused</html>")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self.behave(socket, request)
            await socket.close(code=1001, message=b"going away")
        except ConnectionError:
            pass
        finally:
            self.open -= 1
        return socket


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """A market stream that stays silent until told otherwise."""
    made = Exchange()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def rest_server() -> Iterator[AnsweringServer]:
    """A REST face without any answers yet."""
    with AnsweringServer() as server:
        yield server


def transport_of(request: web.Request) -> Any:
    """Return the raw transport under a connection, for bytes that no library would send."""
    return request.transport


@pytest.fixture
def clock() -> MovedClock:
    """A clock that stands at NOW until the test moves it."""
    return MovedClock(anchor=NOW)


@pytest.fixture
def account(tmp_path: Path, clock: MovedClock) -> Iterator[WeightAccount]:
    """An account of the test's own."""
    with WeightAccount(tmp_path, clock) as made:
        yield made


@pytest.fixture
def rest(rest_server: AnsweringServer, clock: MovedClock, account: WeightAccount) -> Rest:
    """A client of the REST face."""
    return Rest(rest_server.url, clock, account)


@pytest.fixture
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handshake take its time, which fast clocks make short; two tests are about that time."""
    monkeypatch.setattr(stream_module, "CONNECT_SECONDS", 1000.0)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let frames take their time too, where silence is not what the test is about."""
    monkeypatch.setattr(stream_module, "SILENCE_SECONDS", 1000.0)


@pytest.fixture
def start(exchange: Exchange) -> Iterator[Start]:
    """Start streams from the exchange; they are closed in the end."""
    started: list[MarketStream] = []

    def begin(clock: Clock = FAST, url: str | None = None) -> MarketStream:
        started.append(MarketStream(url or market_url(exchange.url), clock, patient))
        return started[-1]

    yield begin
    for stream in started:
        stream.close()

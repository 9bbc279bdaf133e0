"""One WebSocket connection: what it has subscribed to, what it is sent, and how it ends."""

import asyncio
import contextlib
from collections import deque

import msgspec
from aiohttp import WSMsgType, web

from volspike.simulator.exchange import Exchange
from volspike.simulator.streams import Stream

MOST_STREAMS = 1024
MOST_MESSAGES = 10
QUEUED_FRAMES = 256
SHUTDOWN_NOTICE = 600.0
GONE_CHECK = 0.05
GOING_AWAY = 1001
POLICY = 1008
END = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}
METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`"


class Command(msgspec.Struct):
    """A text message of a client."""

    method: str
    id: int | str | None = None
    params: list[str] = []


class Connection:
    """Reads commands, sends frames in order, pings, and closes after a day."""

    def __init__(self, exchange: Exchange, request: web.Request, route: str, *, wrapped: bool) -> None:
        """Take number and time of the connection; nothing is sent before `serve`."""
        exchange.statistics.connections_opened += 1
        self.number = exchange.statistics.connections_opened
        self.client = request.remote or "?"
        self.path = request.path
        self.streams: dict[str, Stream | None] = {}
        self.opened = exchange.clock.now()
        self.frames_sent = 0
        self.reason = "client left"
        self._exchange = exchange
        self._request = request
        self._route = route
        self._wrapped = wrapped
        self._socket = web.WebSocketResponse(autoping=False, autoclose=False, compress=False, timeout=1.0)
        self._queue: asyncio.Queue[tuple[float, bool, bytes]] = asyncio.Queue(QUEUED_FRAMES)
        self._messages: deque[float] = deque(maxlen=MOST_MESSAGES + 1)
        self._heard = self.opened

    def name(self) -> dict[str, object]:
        """Return what tells it from others."""
        return {"number": self.number, "client": self.client, "path": self.path}

    def describe(self) -> dict[str, object]:
        """Return what `/sim/stats` says about it."""
        return {
            **self.name(),
            "streams": list(self.streams)[:20],
            "opened": self.opened,
            "frames_sent": self.frames_sent,
        }

    def subscribe(self, names: list[str]) -> bool:
        """Add streams; False, and nothing changes, when there would be too many."""
        wanted = dict.fromkeys(filter(None, names))
        if len(self.streams.keys() | wanted.keys()) > MOST_STREAMS:
            return False
        for name in wanted:
            self.streams[name] = self._exchange.directory.find(self._route, name)
        return True

    def push(self, payload: bytes, wrapped: bytes) -> None:
        """Queue an event, given in both forms; a reader too slow for the queue is cut off."""
        self._put(wrapped if self._wrapped else payload, data=True)

    def cut(self) -> None:
        """End it without a word."""
        self.reason = "cut"
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self, code: int, reason: str) -> None:
        """Close it as the protocol demands."""
        self.reason = reason
        await self._socket.close(code=code, message=reason.encode())

    async def serve(self) -> web.WebSocketResponse:
        """Live until either side ends it."""
        await self._socket.prepare(self._request)
        if self._exchange.fault("drop_after_accept"):
            self.reason = "dropped after accept"
            if self._request.transport is not None:
                self._request.transport.close()
            return self._socket
        tasks = [asyncio.ensure_future(work) for work in (self._read(), self._send(), self._keep())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
                    raise outcome
        return self._socket

    def _half_open(self) -> bool:
        fault = self._exchange.fault("half_open")
        return fault is not None and fault.concerns(self.number)

    def _silent(self) -> bool:
        fault = self._exchange.fault("silent")
        return fault is not None and fault.concerns(self.number)

    def _put(self, frame: bytes, *, data: bool = False) -> None:
        slow = self._exchange.face_fault("slow", "ws", self.path)
        due = self._exchange.clock.now() + slow.number("seconds") if slow else 0.0
        try:
            self._queue.put_nowait((due, data, frame))
        except asyncio.QueueFull:
            self.cut()

    async def _send(self) -> None:
        clock = self._exchange.clock
        while True:
            due, data, frame = await self._queue.get()
            if due:
                await asyncio.sleep(max(0.0, clock.real_seconds(due - clock.now())))
            if self._half_open() or (data and self._silent()):
                continue
            await self._socket.send_frame(frame, WSMsgType.TEXT)
            self.frames_sent += 1
            self._exchange.statistics.frames_sent += 1
            self._exchange.statistics.bytes_sent += len(frame)

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type in END:
                await self._end(answered=message.type is not WSMsgType.CLOSE)
                return
            if message.type is WSMsgType.PONG:
                self._heard = self._exchange.clock.now()
                self._exchange.statistics.pongs_received += 1
            if self._half_open():
                continue
            if self._too_many_messages():
                await self.close(POLICY, "Too many requests")
                return
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._put(msgspec.json.encode(self._reply(message.data)))

    def _too_many_messages(self) -> bool:
        now = self._exchange.clock.now()
        self._messages.append(now)
        return len(self._messages) > MOST_MESSAGES and now - self._messages[0] < 1.0

    async def _end(self, *, answered: bool) -> None:
        while not answered and self._half_open() and self._request.transport is not None:
            await asyncio.sleep(GONE_CHECK)
        if not self._half_open():
            await self._socket.close()

    def _reply(self, text: str) -> dict[str, object]:
        try:
            command = msgspec.json.decode(text, type=Command)
        except msgspec.ValidationError as error:
            return {"error": {"code": 2, "msg": f"Invalid request: {error}"}}
        except msgspec.DecodeError as error:
            return {"error": {"code": 3, "msg": f"Invalid JSON: {error}"}}
        return {**self._obey(command), "id": command.id}

    def _obey(self, command: Command) -> dict[str, object]:
        match command.method:
            case "SUBSCRIBE":
                if not self.subscribe(command.params):
                    return {"error": {"code": 2, "msg": "Invalid request: too many streams"}}
                return {"result": None}
            case "UNSUBSCRIBE":
                for name in command.params:
                    self.streams.pop(name, None)
                return {"result": None}
            case "LIST_SUBSCRIPTIONS":
                return {"result": list(self.streams)}
        unknown = f"Invalid request: unknown variant `{command.method}`, expected one of {METHODS}"
        return {"error": {"code": 2, "msg": unknown}}

    async def _keep(self) -> None:
        """Ping, and close when pongs stay away or the day is over."""
        options, clock = self._exchange.options, self._exchange.clock
        end = self.opened + options.close_after
        notice = end - min(SHUTDOWN_NOTICE, options.close_after / 2) if options.shutdown_event else None
        next_ping = self.opened + options.ping_every
        while True:
            due = min(end, next_ping, notice or end, self._heard + options.pong_within)
            await asyncio.sleep(clock.real_seconds(max(due - clock.now(), 0.0)))
            now = clock.now()
            if now >= end:
                await self._finish("24 hours are over")
                return
            if now >= self._heard + options.pong_within:
                await self._finish("no pong")
                return
            if notice and now >= notice:
                notice = None
                self._put(shutdown_event(options.shutdown_event, now))
            if now >= next_ping:
                next_ping = now + options.ping_every
                await self._ping()

    async def _ping(self) -> None:
        if not self._half_open():
            self._exchange.statistics.pings_sent += 1
            await self._socket.ping(str(int(self._exchange.now() * 1000)).encode())

    async def _finish(self, reason: str) -> None:
        if self._half_open():
            self.cut()
            self.reason = reason
            return
        with contextlib.suppress(ConnectionError):
            await self.close(GOING_AWAY if reason.startswith("24") else POLICY, reason)


def shutdown_event(form: str, now: float) -> bytes:
    """Return a serverShutdown event in one of the forms in which it has been seen."""
    event: dict[str, object] = {"e": "serverShutdown", "E": int(now * 1000)}
    match form:
        case "event":
            return msgspec.json.encode({"event": event})
        case "wrapped":
            return msgspec.json.encode({"stream": "serverShutdown", "data": event})
    return msgspec.json.encode(event)

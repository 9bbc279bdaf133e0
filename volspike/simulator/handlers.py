"""The doors of the server: WebSocket handshakes and REST requests, with the faults that strike there."""

import asyncio
import logging
import re

import msgspec
from aiohttp import web

from volspike.simulator import tampering, weights
from volspike.simulator.answers import ApiError
from volspike.simulator.connection import MOST_STREAMS, Connection
from volspike.simulator.exchange import Exchange
from volspike.simulator.weights import Verdict

logger = logging.getLogger(__name__)

JSON = "application/json"
HTML = "text/html"
WEIGHT_HEADER = "X-MBX-USED-WEIGHT-1M"
INACCURATE = "/fapi/v2/ticker/price"
SOCKET_PATH = re.compile(r"^(?:/(market|public|private))?/(stream|ws)(?:/(.*))?$")
PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"
RESTRICTED = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in "
    "https://www.binance.com/en/terms. Please contact customer service if you believe you received this "
    "message in error."
)
TOO_MANY = (
    "Too many requests; current limit of IP({}) is 2400 requests per minute. Please use the websocket for live "
    "updates to avoid polling the API."
)
BANNED = "Way too many requests; IP({}) banned until {}. Please use the websocket for live updates to avoid bans."


class Handlers:
    """Handlers of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        """Serve `exchange`."""
        self._exchange = exchange

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer any request outside `/sim`."""
        socket = SOCKET_PATH.match(request.path)
        if self._exchange.fault("refuse"):
            if not socket:
                self._exchange.statistics.count(request.remote or "?", request.path, 0)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        if socket:
            return await self._socket(request, socket[1] or "", wrapped=socket[2] == "stream", names=socket[3])
        return await self._rest(request)

    async def _socket(
        self, request: web.Request, route: str, *, wrapped: bool, names: str | None
    ) -> web.StreamResponse:
        exchange = self._exchange
        await self._delay(request, "ws")
        refusal = self._refusal(request, "ws")
        if refusal:
            return refusal
        streams = (request.query.get("streams", "") if wrapped else names or "").split("/")
        if "websocket" not in request.headers.get("Upgrade", "").lower():
            return _error(400, -1000, "a WebSocket handshake is expected here")
        connection = Connection(exchange, request, route, wrapped=wrapped)
        if not connection.subscribe(streams):
            return _error(400, -1000, f"more than {MOST_STREAMS} streams")
        exchange.connections.add(connection)
        logger.info("connection opened", extra=connection.name())
        try:
            return await connection.serve()
        finally:
            exchange.connections.discard(connection)
            closed = {**connection.describe(), "reason": connection.reason}
            exchange.statistics.closed.append(closed)
            logger.info("connection closed", extra={**connection.name(), "reason": connection.reason})

    async def _rest(self, request: web.Request) -> web.Response:
        client = request.remote or "?"
        await self._delay(request, "rest")
        response = self._refusal(request, "rest") or self._weighed(request, client)
        self._exchange.statistics.count(client, request.path, response.status)
        return response

    async def _delay(self, request: web.Request, face: str) -> None:
        exchange = self._exchange
        slow = exchange.face_fault("slow", face, request.path_qs)
        seconds = slow.number("seconds") if slow else 0.0
        if face == "rest":
            seconds += exchange.options.latency_ms / 1000
        if seconds > 0:
            await asyncio.sleep(exchange.clock.real_seconds(seconds))

    def _refusal(self, request: web.Request, face: str) -> web.Response | None:
        def strikes(kind: str) -> bool:
            return self._exchange.face_fault(kind, face, request.path_qs) is not None

        if strikes("http_451"):
            return _error(451, 0, RESTRICTED)
        if strikes("http_403"):
            return web.Response(status=403, text=PAGE.format("403 Forbidden"), content_type=HTML)
        if strikes("http_503"):
            return _error(503, -1008, "Server is currently overloaded with other requests. Please try again.")
        if face == "rest" and strikes("html"):
            return web.Response(text=PAGE.format("Please wait"), content_type=HTML)
        return None

    def _weighed(self, request: web.Request, client: str) -> web.Response:
        exchange = self._exchange
        cost = weights.weight(request.path, request.query)
        verdict = exchange.weights.spend(client, exchange.clock.now(), cost, weights.SHARES.get(request.path))
        ban = exchange.fault("ban")
        if ban:
            verdict = Verdict(418, verdict.used, ban.since + ban.number("seconds"))
        elif exchange.fault("limit") and verdict.status == 200:  # noqa: PLR2004 - HTTP's own number
            verdict = Verdict(429, verdict.used)
        response = self._answered(request, verdict, client)
        if cost:
            used = cost if request.path == INACCURATE else verdict.used
            response.headers[WEIGHT_HEADER] = str(used)
        return response

    def _answered(self, request: web.Request, verdict: Verdict, client: str) -> web.Response:
        match verdict.status:
            case 418:
                return _error(418, -1003, BANNED.format(client, int(verdict.banned_until * 1000)))
            case 429:
                return _error(429, -1003, TOO_MANY.format(client))
        if not self._exchange.answers.knows(request.path):
            return web.Response(status=404, text=PAGE.format("404 Not Found"), content_type=HTML)
        try:
            document = self._exchange.answers.answer(request.path, request.query, self._exchange.now())
        except ApiError as error:
            return _error(error.status, error.code, error.message)
        if request.path == tampering.PATH:
            document = tampering.premium_index(self._exchange, document)
        return web.Response(body=msgspec.json.encode(document), content_type=JSON)


def _error(status: int, code: int, message: str) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode({"code": code, "msg": message}), content_type=JSON)

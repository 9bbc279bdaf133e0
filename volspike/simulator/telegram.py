"""The door of Telegram's Bot API: `/bot<token>/sendMessage`, with the faults that strike there."""

import asyncio

import msgspec
from aiohttp import web

from volspike.simulator import chats
from volspike.simulator.chats import Answer
from volspike.simulator.exchange import Exchange

DESCRIPTIONS = {
    400: "Bad Request: message is too long",
    401: "Unauthorized",
    403: "Forbidden: bot was kicked from the supergroup chat",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class Telegram:
    """Handlers of the bot's methods."""

    def __init__(self, exchange: Exchange) -> None:
        """Serve the chats that live beside `exchange`."""
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.route("*", "/bot{token:[^/]*}/{method:.*}", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a method; a late answer comes after the message has been taken."""
        exchange = self._exchange
        if exchange.fault("telegram_down"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        token, method = request.match_info["token"], request.match_info["method"]
        arguments = await _arguments(request)
        answer = self._fault() or exchange.chats.answer(
            token, method, arguments, exchange.clock.now(), self._moved_to()
        )
        exchange.chats.statuses[answer.status] += 1
        slow = exchange.fault("telegram_slow")
        if slow:
            await asyncio.sleep(exchange.clock.real_seconds(slow.number("seconds")))
        body = msgspec.json.encode(answer.document)
        return web.Response(status=answer.status, body=body, content_type="application/json")

    def _fault(self) -> Answer | None:
        limit, error = self._exchange.fault("telegram_limit"), self._exchange.fault("telegram_error")
        if limit:
            return chats.limited(limit.number("seconds"))
        if error:
            status = int(error.number("status"))
            return chats.refusal(status, error.text("description") or DESCRIPTIONS.get(status, "Error"))
        return None

    def _moved_to(self) -> int | None:
        moved = self._exchange.fault("telegram_moved")
        return int(moved.number("to")) if moved else None


async def _arguments(request: web.Request) -> dict[str, str]:
    """Return the arguments of a method: of the query, a form or a JSON object, as Telegram takes them."""
    if request.content_type == "application/json":
        try:
            given = msgspec.json.decode(await request.read(), type=dict[str, object])
        except msgspec.DecodeError:
            return {}
        return {name: value if isinstance(value, str) else str(value) for name, value in given.items()}
    return {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}

"""The doors of Discord (webhook and bot), of an ntfy and of a desk like Slack's, with the faults that strike there.

DISCORD_WEBHOOK_URL=<address>/api/webhooks/1/demo, or DISCORD_TOKEN=demo with DISCORD_CHANNEL_ID=1 and
DISCORD_API_URL=<address>/api/v10; NOTIFY_URLS=ntfy://<host>:<port>/topic desk=mmost://<host>:<port>/demo.
"""

import msgspec
from aiohttp import web

from volspike.simulator import notices
from volspike.simulator.chats import Answer
from volspike.simulator.exchange import Exchange
from volspike.simulator.faults import Fault
from volspike.simulator.notices import DESK, DISCORD, NTFY

MESSAGES = {401: "401: Unauthorized", 403: "Missing Access", 404: "Unknown Webhook"}


class Services:
    """Handlers of the services."""

    def __init__(self, exchange: Exchange) -> None:
        """Serve the services that live beside `exchange`."""
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/api/webhooks/{id}/{token}", self.hook),
            web.post("/api/v10/channels/{channel}/messages", self.bot),
            web.post("/hooks/{token}", self.desk),
            web.post("/", self.ntfy),
        ]

    async def hook(self, request: web.Request) -> web.Response:
        """Answer a webhook of Discord."""
        known = (request.match_info["id"], request.match_info["token"]) == (notices.HOOK_ID, notices.HOOK_TOKEN)
        refusal = None if known else notices.refusal(404, MESSAGES[404], code=10015)
        return await self._answer(request, DISCORD, "content", refusal)

    async def bot(self, request: web.Request) -> web.Response:
        """Answer a bot of Discord."""
        refusal = None
        if request.headers.get("Authorization") != f"Bot {notices.BOT_TOKEN}":
            refusal = notices.refusal(401, MESSAGES[401], code=0)
        elif request.match_info["channel"] != notices.CHANNEL:
            refusal = notices.refusal(404, "Unknown Channel", code=10003)
        return await self._answer(request, DISCORD, "content", refusal)

    async def desk(self, request: web.Request) -> web.Response:
        """Answer a hook like those of Slack and Mattermost."""
        known = request.match_info["token"] == notices.DESK_TOKEN
        return await self._answer(request, DESK, "text", None if known else notices.refusal(403, "invalid_token"))

    async def ntfy(self, request: web.Request) -> web.Response:
        """Answer a push to a topic."""
        return await self._answer(request, NTFY, "message", None)

    async def _answer(self, request: web.Request, service: str, name: str, refusal: Answer | None) -> web.Response:
        exchange = self._exchange
        if self._fault("service_down", service):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        try:
            given = msgspec.json.decode(await request.read(), type=dict[str, object])
        except msgspec.DecodeError:
            given = {}
        answer = (
            refusal or self._refusal(service) or exchange.notices.take(service, given.get(name), exchange.clock.now())
        )
        exchange.notices.statuses[f"{service} {answer.status}"] += 1
        headers = {"Retry-After": str(answer.document["retry_after"])} if "retry_after" in answer.document else {}
        body = msgspec.json.encode(answer.document)
        return web.Response(status=answer.status, body=body, content_type="application/json", headers=headers)

    def _refusal(self, service: str) -> Answer | None:
        limit, error = self._fault("service_limit", service), self._fault("service_error", service)
        if limit:
            return notices.limited(limit.number("seconds"))
        if error:
            status = int(error.number("status"))
            return notices.refusal(status, MESSAGES.get(status, "Error"))
        return None

    def _fault(self, kind: str, service: str) -> Fault | None:
        fault = self._exchange.fault(kind)
        return fault if fault and fault.text("service") in ("all", service) else None

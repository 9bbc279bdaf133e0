"""The admin route `/sim`: faults on demand and statistics. It answers whatever fault is active."""

from dataclasses import asdict

import msgspec
from aiohttp import web

from volspike.simulator import faults
from volspike.simulator.exchange import Exchange
from volspike.simulator.faults import Fault, FaultError


class Admin:
    """Handlers of `/sim`."""

    def __init__(self, exchange: Exchange) -> None:
        """Administrate `exchange`."""
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/sim/faults", self.list_faults),
            web.post("/sim/faults", self.put_fault),
            web.delete("/sim/faults", self.clear_faults),
            web.delete("/sim/faults/{kind}", self.clear_faults),
            web.get("/sim/stats", self.stats),
            web.get("/sim/telegram", self.telegram),
            web.get("/sim/notices", self.notices),
            web.route("*", "/sim{rest:.*}", self.unknown),
        ]

    async def list_faults(self, _request: web.Request) -> web.Response:
        """List every kind with its parameters, and the active ones."""
        return _json({"kinds": [_explained(kind) for kind in faults.KINDS.values()], "active": self._active()})

    async def put_fault(self, request: web.Request) -> web.Response:
        """Activate the fault in the body."""
        try:
            wanted = msgspec.json.decode(await request.read(), type=dict[str, object])
            self._exchange.activate(wanted)
        except msgspec.DecodeError as error:
            return _json({"error": f"the body is not a JSON object: {error}"}, 400)
        except FaultError as error:
            return _json({"error": str(error)}, 400)
        return _json({"active": self._active()})

    async def clear_faults(self, request: web.Request) -> web.Response:
        """End one fault or all."""
        try:
            self._exchange.board.clear(request.match_info.get("kind"))
        except FaultError as error:
            return _json({"error": str(error)}, 400)
        return _json({"active": self._active()})

    async def stats(self, _request: web.Request) -> web.Response:
        """Tell what has been seen since the start."""
        exchange, seen = self._exchange, self._exchange.statistics
        return _json(
            {
                "now": exchange.clock.now(),
                "connections": [connection.describe() for connection in exchange.connections],
                "connections_opened": seen.connections_opened,
                "connections_closed": list(seen.closed),
                "frames_sent": seen.frames_sent,
                "bytes_sent": seen.bytes_sent,
                "pings_sent": seen.pings_sent,
                "pongs_received": seen.pongs_received,
                "requests": seen.requests,
                "refused_429": seen.total(429),
                "banned_418": seen.total(418),
                "clients": {client: self._client(client) for client in exchange.weights.clients()},
                "faults": self._active(),
            }
        )

    async def telegram(self, _request: web.Request) -> web.Response:
        """Show what has been written into the chats (the last thousand messages) and what the bot was answered."""
        chats = self._exchange.chats
        return _json({"messages": list(chats.messages), "sent": chats.sent, "statuses": chats.statuses})

    async def notices(self, _request: web.Request) -> web.Response:
        """Show what has arrived at Discord, the ntfy and the desk (the last thousand), and what they answered."""
        notices = self._exchange.notices
        return _json({"notices": list(notices.notices), "statuses": notices.statuses})

    async def unknown(self, request: web.Request) -> web.Response:
        """Say what exists."""
        allowed = "GET|POST|DELETE /sim/faults, DELETE /sim/faults/KIND, GET /sim/stats, GET /sim/telegram|notices"
        return _json({"error": f"{request.method} {request.path} does not exist; allowed: {allowed}"}, 404)

    def _client(self, client: str) -> dict[str, object]:
        exchange = self._exchange
        minutes = exchange.weights.minutes(client)
        traffic = exchange.statistics.clients.get(client)
        return {
            "weight_this_minute": exchange.weights.used(client, exchange.clock.now()),
            "max_weight_per_minute": max(minutes.values(), default=0),
            "weight_by_minute": {minute * 60: used for minute, used in minutes.items()},
            "requests": traffic.requests if traffic else {},
            "statuses": traffic.statuses if traffic else {},
        }

    def _active(self) -> list[dict[str, object]]:
        return [_described(fault) for fault in self._exchange.board.active(self._exchange.clock.now())]


def _explained(kind: faults.Kind) -> dict[str, object]:
    return {
        "kind": kind.name,
        "explanation": kind.explanation,
        "parameters": {
            name: {"default": parameter.default, "allowed": parameter.allowed()}
            for name, parameter in kind.parameters.items()
        },
    }


def _described(fault: Fault) -> dict[str, object]:
    return {**asdict(fault), "until": None if fault.until == float("inf") else fault.until}


def _json(document: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(document) + b"\n", content_type="application/json")

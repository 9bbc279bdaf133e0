"""The admin route, within the process."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.unit.simulator import clients
from tests.unit.simulator.clients import Client
from volspike.simulator.exchange import Exchange
from volspike.simulator.faults import KINDS

Ask = Callable[..., Awaitable[tuple[int, Any]]]


def within(exchange: Exchange, scenario: Callable[[Ask], Awaitable[None]]) -> None:
    """Run a scenario against the application on a free port."""

    async def asking(client: Client) -> None:
        async def ask(method: str, path: str, body: object = None) -> tuple[int, Any]:
            async with client.request(method, path, json=body) as answer:
                return answer.status, await answer.json()

        await scenario(ask)

    clients.within(exchange, asking)


def test_faults_are_listed_started_and_ended(exchange: Exchange) -> None:
    async def scenario(ask: Ask) -> None:
        _, listed = await ask("GET", "/sim/faults")
        assert [kind["kind"] for kind in listed["kinds"]] == list(KINDS)

        status, started = await ask("POST", "/sim/faults", {"kind": "slow", "seconds": 3, "for_seconds": 60})
        assert status == 200
        assert started["active"][0]["parameters"] == {"seconds": 3.0, "scope": "all", "path": ""}

        await ask("POST", "/sim/faults", {"kind": "limit"})
        _, left = await ask("DELETE", "/sim/faults/slow")
        assert [fault["kind"] for fault in left["active"]] == ["limit"]
        assert left["active"][0]["until"] is None
        assert (await ask("DELETE", "/sim/faults"))[1] == {"active": []}

    within(exchange, scenario)


def test_what_cannot_be_done_is_said_in_one_line(exchange: Exchange) -> None:
    async def scenario(ask: Ask) -> None:
        status, answer = await ask("POST", "/sim/faults", {"kind": "slow", "seconds": "soon"})
        assert (status, answer) == (400, {"error": "fault slow: seconds=soon: not a number from 0 to 86400"})
        assert (await ask("POST", "/sim/faults", [1]))[0] == 400
        assert (await ask("DELETE", "/sim/faults/quiet"))[0] == 400
        assert (await ask("PUT", "/sim/faults", {}))[0] == 404
        assert "allowed" in (await ask("GET", "/sim/help"))[1]["error"]

    within(exchange, scenario)


def test_it_answers_whatever_fault_is_active(exchange: Exchange) -> None:
    async def scenario(ask: Ask) -> None:
        for kind in KINDS:
            await ask("POST", "/sim/faults", {"kind": kind})
        assert (await ask("GET", "/sim/stats"))[0] == 200

    within(exchange, scenario)


def test_statistics_name_clients_and_their_weight(exchange: Exchange) -> None:
    async def scenario(ask: Ask) -> None:
        await ask("GET", "/fapi/v1/premiumIndex")
        _, stats = await ask("GET", "/sim/stats")

        assert stats["clients"]["127.0.0.1"]["max_weight_per_minute"] == 10
        assert stats["requests"] == {"/fapi/v1/premiumIndex": {"200": 1}}
        assert (stats["refused_429"], stats["banned_418"], stats["connections"]) == (0, 0, [])

    within(exchange, scenario)

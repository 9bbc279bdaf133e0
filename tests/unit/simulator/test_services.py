"""The doors of Discord, ntfy and the desk, within the process."""

from typing import Any

import aiohttp
import pytest

from tests.unit.simulator.clients import Client, within
from volspike.simulator.exchange import Exchange

HOOK = "/api/webhooks/1/demo"
BOT = "/api/v10/channels/1/messages"
TOKEN = {"Authorization": "Bot demo"}


@pytest.mark.parametrize(
    ("path", "service", "asked"),
    [
        (HOOK, "discord", {"json": {"content": "text"}}),
        (BOT, "discord", {"json": {"content": "text"}, "headers": TOKEN}),
        ("/hooks/demo", "desk", {"json": {"text": "text"}}),
        ("/", "ntfy", {"json": {"topic": "t", "message": "text"}}),
    ],
)
def test_each_door_takes_a_message_in_its_own_form(
    exchange: Exchange, path: str, service: str, asked: dict[str, Any]
) -> None:
    async def scenario(client: Client) -> None:
        assert (await client.post(path, **asked)).status == 200
        async with client.get("/sim/notices") as answer:
            seen = await answer.json()

        assert [(notice["service"], notice["text"]) for notice in seen["notices"]] == [(service, "text")]
        assert seen["statuses"] == {f"{service} 200": 1}

    within(exchange, scenario)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/webhooks/1/other", {}, 404),
        ("/api/webhooks/2/demo", {}, 404),
        (BOT, {}, 401),
        (BOT, {"Authorization": "Bot other"}, 401),
        ("/api/v10/channels/2/messages", TOKEN, 404),
        ("/hooks/other", {}, 403),
        (HOOK, {}, 400),
    ],
)
def test_whom_it_does_not_know_it_refuses(exchange: Exchange, path: str, headers: dict[str, str], status: int) -> None:
    async def scenario(client: Client) -> None:
        async with client.post(path, data=b"{", headers=headers) as answer:
            assert answer.status == status
            assert (await answer.json())["message"]

    within(exchange, scenario)
    assert not exchange.notices.notices


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ({"kind": "service_error"}, 500, None),
        ({"kind": "service_error", "status": 403, "service": "discord"}, 403, None),
        ({"kind": "service_limit", "seconds": 7}, 429, "7.0"),
    ],
)
def test_faults_strike_and_no_message_arrives(
    exchange: Exchange, fault: dict[str, object], status: int, retry_after: str | None
) -> None:
    exchange.activate(fault)

    async def scenario(client: Client) -> None:
        async with client.post(HOOK, json={"content": "text"}) as answer:
            assert (answer.status, answer.headers.get("Retry-After")) == (status, retry_after)

    within(exchange, scenario)
    assert not exchange.notices.notices
    assert exchange.notices.statuses == {f"discord {status}": 1}


def test_an_outage_of_one_is_none_of_the_others(exchange: Exchange) -> None:
    exchange.activate({"kind": "service_down", "service": "ntfy"})

    async def scenario(client: Client) -> None:
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.post("/", json={"message": "text"})
        assert (await client.post(HOOK, json={"content": "text"})).status == 200

    within(exchange, scenario)
    assert [notice.service for notice in exchange.notices.notices] == ["discord"]

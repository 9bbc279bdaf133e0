"""The Bot API through the application, within the process."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from tests.unit.simulator.clients import Client, within
from volspike.simulator.exchange import Exchange

SEND = "/bot1:demo/sendMessage"
MESSAGE = {"chat_id": -1001, "text": "text"}


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("POST", {"json": MESSAGE}),
        ("POST", {"data": {"chat_id": "-1001", "text": "text"}}),
        ("GET", {"params": {"chat_id": "-1001", "text": "text"}}),
        ("POST", {"params": {"chat_id": "-1001", "text": "text"}}),
    ],
)
def test_arguments_come_as_json_as_a_form_or_in_the_address(
    exchange: Exchange, method: str, given: dict[str, Any]
) -> None:
    async def scenario(client: Client) -> None:
        async with client.request(method, SEND, **given) as answer:
            assert answer.status == 200
            assert (await answer.json())["result"]["text"] == "text"

    within(exchange, scenario)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/bot2:other/sendMessage", b"{}", 401),
        ("/bot1:demo/getMe", b"{}", 404),
        (SEND, b"{}", 400),
        (SEND, b"{", 400),
        (SEND, b"[]", 400),
    ],
)
def test_what_is_wrong_is_refused_as_telegram_does(exchange: Exchange, path: str, body: bytes, status: int) -> None:
    async def scenario(client: Client) -> None:
        async with client.post(path, data=body, headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == status
            assert (await answer.json())["error_code"] == status

    within(exchange, scenario)


def test_what_was_sent_can_be_read(exchange: Exchange) -> None:
    async def scenario(client: Client) -> None:
        began = exchange.clock.now()
        for text in ("one", "two", ""):
            await client.post(SEND, json={**MESSAGE, "text": text})
        async with client.get("/sim/telegram") as answer:
            seen = await answer.json()

        assert [(message["message_id"], message["chat"], message["text"]) for message in seen["messages"]] == [
            (1, -1001, "one"),
            (2, -1001, "two"),
        ]
        assert began <= seen["messages"][0]["at"] <= exchange.clock.now()
        assert (seen["sent"], seen["statuses"]) == (2, {"200": 2, "400": 1})

    within(exchange, scenario)


@pytest.mark.parametrize(
    ("fault", "status", "document"),
    [
        ({"kind": "telegram_error"}, 500, {"description": "Internal Server Error"}),
        ({"kind": "telegram_error", "status": 418}, 418, {"description": "Error"}),
        ({"kind": "telegram_error", "status": 403, "description": "Forbidden"}, 403, {"description": "Forbidden"}),
        ({"kind": "telegram_limit", "seconds": 7}, 429, {"parameters": {"retry_after": 7}}),
        ({"kind": "telegram_moved"}, 400, {"parameters": {"migrate_to_chat_id": -1_001_234_567_890}}),
    ],
)
def test_faults_strike_the_bot_and_no_message_arrives(
    exchange: Exchange, fault: dict[str, object], status: int, document: dict[str, object]
) -> None:
    exchange.activate(fault)

    async def scenario(client: Client) -> None:
        async with client.post(SEND, json=MESSAGE) as answer:
            assert answer.status == status
            assert document.items() <= (await answer.json()).items()

    within(exchange, scenario)
    assert not exchange.chats.messages
    assert exchange.chats.statuses == {status: 1}


def test_an_outage_cuts_every_connection(exchange: Exchange) -> None:
    exchange.activate({"kind": "telegram_down"})

    async def scenario(client: Client) -> None:
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.post(SEND, json=MESSAGE)

    within(exchange, scenario)
    assert not exchange.chats.messages


def test_a_late_answer_comes_after_the_message_was_taken(exchange: Exchange) -> None:
    exchange.activate({"kind": "telegram_slow", "seconds": 0.05})

    async def scenario(client: Client) -> None:
        asked_at = time.monotonic()
        posting = asyncio.create_task(client.post(SEND, json=MESSAGE))
        while not exchange.chats.messages:
            await asyncio.sleep(0.001)
        assert (await posting).status == 200
        assert time.monotonic() - asked_at >= 0.05

    within(exchange, scenario)


def test_the_faults_of_the_exchange_are_none_of_telegram_s(exchange: Exchange) -> None:
    for kind in ("refuse", "http_503", "limit", "ban"):
        exchange.activate({"kind": kind})

    async def scenario(client: Client) -> None:
        assert (await client.post(SEND, json=MESSAGE)).status == 200

    within(exchange, scenario)
    assert not exchange.statistics.clients

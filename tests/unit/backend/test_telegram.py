"""Posts are kept once each and brought up to date when they come again."""

from typing import Any

import pytest

from tests.unit.asgi import ask
from tests.unit.backend.conftest import Client
from tests.unit.backend.test_schemas import POST

INGEST = "/api/telegram/ingest"
LIST = "/api/telegram/messages"
CHANNEL = {"id": -1_001_234_567_890, "username": "marketfeed", "title": "Market Feed", "category": "macro"}


def posts(*changes: dict[str, Any], channel: dict[str, Any] = CHANNEL) -> dict[str, Any]:
    return {"channel": channel, "messages": [{**POST, **change} for change in changes]}


def listed(client: Client, query: str = "") -> list[Any]:
    messages: list[Any] = client.get(LIST, query).json["messages"]
    return messages


def test_posts_are_taken_and_listed_newest_first(client: Client) -> None:
    reply = client.post(INGEST, posts({"id": 1, "date": "2026-01-02T14:00:00Z"}, {"id": 2, "text": "up"}))

    assert (reply.status, reply.json) == (200, {"success": True, "inserted": 2, "duplicates": 0, "errors": 0})
    newest, oldest = listed(client)
    assert newest == {"channel": CHANNEL, "post": {**POST, "id": 2, "text": "up"}}
    assert oldest["post"]["id"] == 1


def test_the_same_posts_again_are_brought_up_to_date(client: Client) -> None:
    client.post(INGEST, posts({"views": 5}))

    reply = client.post(INGEST, posts({"views": 7}, channel={**CHANNEL, "title": "Renamed"}))

    assert (reply.status, reply.json) == (200, {"success": True, "inserted": 0, "duplicates": 1, "errors": 0})
    (kept,) = listed(client)
    assert (kept["post"]["views"], kept["channel"]["title"]) == (7, "Renamed")


def test_a_post_whose_date_is_none_is_only_counted(client: Client) -> None:
    reply = client.post(INGEST, posts({"id": 1, "date": "yesterday"}, {"id": 2}))

    assert reply.json == {"success": True, "inserted": 1, "duplicates": 0, "errors": 1}


def test_one_post_that_is_none_costs_the_whole_batch(client: Client) -> None:
    broken = posts({"id": 1}, {"id": 2})
    del broken["messages"][1]["views"]

    assert client.post(INGEST, broken).status == 400
    assert client.post(INGEST, posts({"id": 1}), key="wrong").status == 401
    assert listed(client) == []


def test_the_list_is_of_a_channel_and_its_pages_lose_none_of_the_same_second(client: Client) -> None:
    other = {**CHANNEL, "id": 5, "username": "watcherguru"}
    client.post(INGEST, posts(*[{"id": number} for number in range(5)]))
    client.post(INGEST, posts({"id": 1}, {"id": 2}, channel=other))

    seen, query = [], "limit=3"
    while query:
        page = client.get(LIST, query).json
        seen += [(message["channel"]["id"], message["post"]["id"]) for message in page["messages"]]
        query = f"limit=3&before={page['next']}" if page["next"] else ""

    assert len(seen) == len(set(seen)) == 7
    assert [message["post"]["id"] for message in listed(client, "channel=watcherguru")] == [2, 1]


@pytest.mark.parametrize("query", ["before=yesterday", "before=1:2", "limit=0"])
def test_a_strange_query_is_refused(client: Client, query: str) -> None:
    assert client.get(LIST, query).status == 400
    assert client.get(LIST, key="wrong").status == 401


def test_health_is_public(client: Client) -> None:
    assert ask(client.app, "/api/telegram/health").json["status"] == "ok"

"""The application as a whole: what is there, what is not, and what it counts."""

import asyncio
from sqlite3 import Connection

import pytest
from starlette.types import Message

from tests.unit.asgi import ask
from tests.unit.backend.conftest import Client
from tests.unit.backend.test_schemas import VOLUME
from volspike import __version__
from volspike.backend.documentation import Documented
from volspike.backend.reception import MAX_BODY_BYTES
from volspike.backend.store import Store
from volspike.runtime.metrics import Metrics

INGEST = "/api/volume-alerts/ingest"


def test_health_needs_no_key(app: Documented) -> None:
    reply = ask(app, "/health")

    assert (reply.status, reply.json) == (200, {"status": "alive", "version": __version__})


def test_what_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/api/nothing").status == 404
    assert client.get(INGEST).status == 405


def test_a_body_without_end_is_refused(client: Client) -> None:
    reply = client.post(INGEST, {**VOLUME, "message": "x" * MAX_BODY_BYTES})

    assert reply.status == 413


def test_requests_are_counted_by_route_not_by_path(client: Client, metrics: Metrics) -> None:
    client.post(INGEST, VOLUME)
    client.post("/api/user-alerts/none/rearm", b"")
    client.get("/api/nothing")

    text = metrics.text()
    for route in (INGEST, "/api/user-alerts/{alert_id}/rearm", "other"):
        assert f'volspike_http_requests_total{{daemon="backend",route="{route}"}} 1.0' in text


def test_while_the_disk_is_full_clients_are_told_to_come_back(client: Client, store: Store) -> None:
    def fill(database: Connection) -> None:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")

    asyncio.run(store.write(fill))
    reply = client.post(INGEST, {**VOLUME, "message": "x" * 100_000})

    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert client.post(INGEST, VOLUME).status == 200


def test_a_bug_is_told_as_a_fault_without_its_details_and_goes_into_the_log(app: Documented) -> None:
    @app.get("/broken")
    async def break_down() -> None:
        raise ZeroDivisionError("details")

    told: list[Message] = []

    async def ask_and_listen() -> None:
        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            told.append(message)

        scope = {"type": "http", "method": "GET", "path": "/broken", "headers": [], "query_string": b""}
        await app(scope, receive, send)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask_and_listen())
    assert told[0]["status"] == 500
    assert told[1]["body"] == b'{"error":"Internal server error"}'

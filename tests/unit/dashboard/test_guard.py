"""Who may speak to the dashboard."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from tests.unit.asgi import ask
from volspike.dashboard.guard import Guard, is_admitted

APP = Guard(Starlette(routes=[Route("/", lambda _: PlainTextResponse("the page"))]))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8501", None),
        ("localhost:8501", None),
        ("LOCALHOST:8501", "http://localhost:8501"),
        ("[::1]:8501", "http://[::1]:8501"),
        ("localhost", "https://localhost"),
        ("localhost.:8501", "http://localhost.:8501"),
        ("127.0.0.2:8501", "http://127.0.0.2:8501"),
    ],
)
def test_this_machine_is_answered_and_a_page_of_the_dashboard_itself(host: str, origin: str | None) -> None:
    assert is_admitted(host, origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("rebound.example.org:8501", None),
        ("rebound.example.org:8501", "http://rebound.example.org:8501"),
        ("127.0.0.1.example.org", None),
        ("localhost.example.org:8501", "http://localhost.example.org:8501"),
        ("rebound.localhost:8501", None),
        ("0.0.0.0:8501", "http://0.0.0.0:8501"),
        ("127.0.0.1:8501", "http://127.0.0.2:8501"),
        ("127.0.0.1@example.org", None),
        ("", None),
        ("[::1", None),
        ("127.0.0.1:8501", "https://example.org"),
        ("127.0.0.1:8501", "null"),
        ("127.0.0.1:8501", ""),
        ("127.0.0.1:8501", "http://127.0.0.1:9999"),
        ("127.0.0.1:8501", "http://localhost:8501"),
        ("127.0.0.1:8501", "http://[::1"),
    ],
)
def test_another_name_and_a_page_of_another_site_are_not(host: str, origin: str | None) -> None:
    assert not is_admitted(host, origin)


def test_an_answer_may_not_be_framed_and_loads_nothing_from_elsewhere() -> None:
    reply = ask(APP, "/", headers={"host": "127.0.0.1:8501"})

    assert (reply.status, reply.body) == (200, b"the page")
    assert reply.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["content-security-policy"].startswith("default-src 'self';")


def test_a_foreign_request_is_refused_and_told_how_to_ask() -> None:
    reply = ask(APP, "/", headers={"host": "rebound.example.org"})

    assert reply.status == 403
    assert b"127.0.0.1 or localhost" in reply.body


@pytest.mark.parametrize(("origin", "told"), [(b"http://127.0.0.1:8501", "taken"), (b"http://evil.example", "close")])
def test_a_socket_is_opened_for_its_own_pages_only(origin: bytes, told: str) -> None:
    said: list[Message] = []

    async def taking(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.taken"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    scope: Scope = {"type": "websocket", "headers": [(b"host", b"127.0.0.1:8501"), (b"origin", origin)]}
    asyncio.run(Guard(taking)(scope, receive, send))

    assert [message["type"] for message in said] == [f"websocket.{told}"]


def test_what_is_no_request_passes() -> None:
    said: list[str] = []

    async def living(scope: Scope, _receive: Receive, _send: Send) -> None:
        said.append(scope["type"])

    async def nothing() -> Message:
        return {"type": "lifespan.startup"}

    async def ignore(_message: Message) -> None:
        return

    asyncio.run(Guard(living)({"type": "lifespan"}, nothing, ignore))

    assert said == ["lifespan"]

"""An ASGI application asked by hand, without a socket and without a client library."""

import asyncio
import json
from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.types import ASGIApp, Message


class Reply(NamedTuple):
    """What the application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body, decoded."""
        return json.loads(self.body)


def ask(
    app: ASGIApp,
    path: str,
    query: str | bytes = "",
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return the answer to one request; the path is not percent-encoded, the query is."""
    told: list[MutableMapping[str, Any]] = []
    arriving: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent = {"host": "127.0.0.1:8888", **(headers or {})}

    async def receive() -> Message:
        if not arriving:
            await asyncio.Event().wait()  # a client that waits for its answer
        return arriving.pop()

    async def send(message: Message) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": query.encode() if isinstance(query, str) else query,
        "headers": [(name.encode(), text.encode("latin-1")) for name, text in sent.items()],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 8888),
    }
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    said = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return Reply(told[0]["status"], said, b"".join(message.get("body", b"") for message in told[1:]))

"""A backend in the test's own process: it takes what is posted, or does what the test tells it to.

with BackendServer() as backend:
    backend.answer = lambda request: Reply(503)
    until(lambda: backend.requests)

It honours the Idempotency-Key, as the embedded backend does: a repeat is answered like the first, and not taken again.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from tests.ports import free_port
from tests.serving import QuietHTTPServer, Serving

LONGEST_HANG_SECONDS = 60.0


@dataclass(frozen=True)
class Request:
    """What was posted, and when (the machine's monotonic time)."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    at: float

    @property
    def key(self) -> str:
        """Return the name of the episode."""
        return self.headers.get("Idempotency-Key", "")


@dataclass(frozen=True)
class Reply:
    """An answer, given `after` seconds. One that is `cut` ends in the middle of its body; `taken` tells of success."""

    status: int = 200
    body: bytes = b'{"success":true,"alertId":"1"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    cut: bool = False

    @property
    def taken(self) -> bool:
        """Tell whether a request that is answered so has been taken, whatever of the answer arrives."""
        return self.status == 200


OK = Reply()
HANG = Reply(503, after=LONGEST_HANG_SECONDS)
CUT = Reply(cut=True)


class BackendServer(Serving):
    """A backend on a port of loopback, down until it is entered; `answer` decides how each request is met."""

    def __init__(self, answer: Callable[[Request], Reply] = lambda _: OK) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        """Everything that was asked, in its order."""
        self.taken: list[Request] = []
        """What was taken, each key once; a post without a key is always taken anew."""
        self._keys: set[str] = set()
        self._lock = threading.Lock()
        port = free_port()
        self._server = QuietHTTPServer(("127.0.0.1", port), _handler(self), bind_and_activate=False)
        super().__init__(self._server)
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        """Listen."""
        self._server.server_bind()
        self._server.server_activate()
        return super().__enter__()

    @property
    def keys(self) -> list[str]:
        """Return the keys of what was taken, in their order."""
        return [request.key for request in self.taken]

    def meet(self, request: Request) -> Reply:
        """Return how a request is met, and take it if it is."""
        with self._lock:
            self.requests.append(request)
        reply = self.answer(request)
        with self._lock:
            if reply.taken and (not request.key or request.key not in self._keys):
                self._keys.add(request.key)
                self.taken.append(request)
        return reply

    def hang(self, seconds: float) -> bool:
        """Wait for so long; tell whether the backend was closed meanwhile."""
        return self.closing.wait(seconds)


def _handler(owner: BackendServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            content = self.rfile.read(length)
            if len(content) < length:  # whoever sent it was killed meanwhile
                self.close_connection = True
                return
            body = json.loads(content) if content else {}
            reply = owner.meet(Request(self.path, dict(self.headers.items()), body, time.monotonic()))
            if reply.after and owner.hang(reply.after):
                self.close_connection = True
                return
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            lines = [f"HTTP/1.1 {reply.status} Said", f"Content-Length: {len(reply.body)}"]
            lines += [f"{name}: {value}" for name, value in reply.headers.items()]
            content = ("\r\n".join(lines) + "\r\n\r\n").encode() + reply.body
            self.close_connection = reply.cut
            self.wfile.write(content[: -len(reply.body) // 2] if reply.cut else content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            """Keep quiet."""

    return Handler

"""A real HTTP server that answers what a test has told it to."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote


@dataclass(frozen=True)
class Answer:
    """A status, a body and headers; `after` seconds."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # many clients may come at once

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet of a client that has gone away."""


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class AnsweringServer:
    """Answers each path with what `answers` holds for it, with its query or without, else 404.

    Remembers what was asked.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.requests: list[Asked] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append(unquote(self.path))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): text for name, text in self.headers.items()}
                owner.requests.append(Asked(self.command, unquote(self.path), headers, body))
                known = self.path if self.path in owner.answers else self.path.partition("?")[0]
                answer = owner.answers.get(known, Answer(404, b"not here"))
                owner._closing.wait(answer.after)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_POST = do_DELETE = do_GET  # noqa: N815 - their names in the library

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
                """Keep quiet."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the port; whoever still waits is answered."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

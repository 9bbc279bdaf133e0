"""Real servers that answer what a test has told them to: of HTTP, or byte by byte."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from tests.serving import QuietHTTPServer, Serving


@dataclass(frozen=True)
class Answer:
    """A status, a body and headers; `after` seconds."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class AnsweringServer(Serving):
    """Answers each path with what `answers` holds for it, with its query or without, else 404.

    Remembers what was asked. Whoever still waits at its end is answered.
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
                owner.closing.wait(answer.after)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_POST = do_DELETE = do_GET  # noqa: N815 - their names in the library

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
                """Keep quiet."""

        server = QuietHTTPServer(("127.0.0.1", 0), Handler)
        super().__init__(server)
        self.url = f"http://127.0.0.1:{server.server_port}"


@contextmanager
def saying(begin: bytes, drip: bytes | None = None, *, pause: float = 0.01) -> Iterator[str]:
    """A server that reads one request, says this, and then the drip again and again; without one it hangs up.

    With an empty drip it says nothing more, and does not hang up.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.recv(65_536)
                connection.sendall(begin)
                while drip is not None and not over.wait(pause):
                    connection.sendall(drip)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()

"""Servers of the standard library, each in a thread of the test's own process."""

import threading
from http.server import ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Self


class QuietHTTPServer(ThreadingHTTPServer):
    """An HTTP server that many clients may ask at once, and that says nothing of those that have gone away."""

    daemon_threads = True
    request_queue_size = 64
    """The eight connections of a courier come at once; one that finds no room comes again a second later."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet."""


class Serving:
    """A server that answers from `with` to the end of the block; `closing` is set when what still hangs is to end."""

    def __init__(self, server: BaseServer) -> None:
        self._serving = server
        self.closing = threading.Event()
        self._thread = threading.Thread(target=server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        """Answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the port."""
        self.closing.set()
        self._serving.shutdown()
        self._thread.join()
        self._serving.server_close()

"""One WebSocket in a thread of its own: what it receives goes onto a queue, in order.

Threads instead of select: a TLS socket may hold decrypted data that select does not see. Traps of websocket-client
that were measured: it checks UTF-8 in pure Python unless told not to (13 ms for a 120 KB frame); its socket timeout
never fires while the server keeps pinging, so silence is judged by whoever reads the queue; closing from another
thread can deadlock, aborting cannot.
"""

import socket
import threading
from queue import SimpleQueue
from typing import NamedTuple

import websocket

CONNECT_TIMEOUT_SECONDS = 10.0
KEEPALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class Opened(NamedTuple):
    """The handshake is done; nothing is proved by that."""

    number: int


class Received(NamedTuple):
    """A text frame."""

    number: int
    content: bytes


class Closed(NamedTuple):
    """The connection has ended, or never came to be; nothing follows."""

    number: int
    reason: str


Message = Opened | Received | Closed | None
"""None only wakes the reader up."""


class Connection:
    """The connection with this `number`; every message on the queue carries it."""

    def __init__(self, number: int, url: str, inbox: SimpleQueue[Message]) -> None:
        self.number = number
        self._url = url
        self._inbox = inbox
        self._socket = websocket.WebSocket(
            sockopt=[KEEPALIVE], skip_utf8_validation=True, enable_multithread=False, fire_cont_frame=False
        )
        self._aborted = False
        threading.Thread(target=self._run, name=f"market-stream-{number}", daemon=True).start()

    def abort(self) -> None:
        """Cut the connection off; safe in a signal handler. Its thread ends by itself."""
        self._aborted = True
        self._socket.abort()

    def _run(self) -> None:
        try:
            self._socket.connect(self._url, timeout=CONNECT_TIMEOUT_SECONDS)
            self._socket.settimeout(None)
            self._inbox.put(Opened(self.number))
            reason = self._receive()
        except websocket.WebSocketBadStatusException as error:
            reason = _handshake_refused(error.status_code)
        except (OSError, websocket.WebSocketException, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        finally:
            self._socket.shutdown()
        self._inbox.put(Closed(self.number, "aborted" if self._aborted else reason))

    def _receive(self) -> str:
        while not self._aborted:
            opcode, content = self._socket.recv_data(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return f"closed by the exchange ({_close_reason(content)})"
            if opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
                self._inbox.put(Received(self.number, content))
        return "aborted"


def _handshake_refused(status: int) -> str:
    if status == 451:  # noqa: PLR2004 - HTTP's own number
        return "HTTP 451: Binance refuses connections from this country or network"
    return f"handshake refused with HTTP {status}"


def _close_reason(content: bytes) -> str:
    if len(content) < 2:  # noqa: PLR2004 - a close frame's payload starts with a code of two bytes
        return "no reason given"
    code = int.from_bytes(content[:2], "big")
    text = content[2:].decode("utf-8", "replace")
    return f"{code} {text}".strip()

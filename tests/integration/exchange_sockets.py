"""A client of the simulated exchange, for tests that look at each frame and answer."""

import json
from typing import Any, Self

import requests
import websocket

from tests.simulation import SimulatorProcess

BOTH = "/market/stream?streams=!markPrice@arr@1s/!ticker@arr"
MARKS = "/market/ws/!markPrice@arr@1s"
BITCOIN = "/market/ws/btcusdt@markPrice@1s"
TEXT, CLOSE = websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_CLOSE
PING, PONG = websocket.ABNF.OPCODE_PING, websocket.ABNF.OPCODE_PONG
FAST = {"VOLSPIKE_CLOCK_RATE": "60"}
NEARLY_STILL = {"VOLSPIKE_CLOCK_RATE": "0.001@0"}
PATIENCE_SECONDS = 30.0


def get(simulator: SimulatorProcess, path: str, **query: str) -> requests.Response:
    return requests.get(simulator.rest_url + path, params=query, timeout=PATIENCE_SECONDS)


class Socket:
    """A WebSocket client that ends with its block."""

    def __init__(self, url: str) -> None:
        self._socket = websocket.create_connection(url, timeout=PATIENCE_SECONDS, skip_utf8_validation=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown()

    def send(self, text: str) -> None:
        self._socket.send(text)

    def ping(self) -> None:
        self._socket.ping("hello")

    def close(self) -> None:
        self._socket.send_close()

    def frame(self) -> tuple[int, bytes]:
        """Return opcode and content of the next frame; never answers it."""
        frame = self._socket.recv_frame()
        return frame.opcode, frame.data

    def event(self) -> Any:
        """Return the next event."""
        opcode, content = self.frame()
        return json.loads(content) if opcode == TEXT else self.event()

    def ask(self, command: dict[str, object]) -> Any:
        """Send a command and return its answer."""
        self.send(json.dumps(command))
        return next(event for event in iter(self.event, None) if "result" in event or "error" in event)

    def ended(self, frames: int = 50) -> bool:
        """Return whether the connection ends within some frames, with or without a word."""
        try:
            return any(self.frame()[0] == CLOSE for _ in range(frames))
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            return True

    def silent(self, seconds: float = 0.4) -> bool:
        """Return whether nothing at all comes for some time."""
        self._socket.settimeout(seconds)
        try:
            self.frame()
        except websocket.WebSocketTimeoutException:
            return True
        finally:
            self._socket.settimeout(PATIENCE_SECONDS)
        return False

    def falls_silent(self, frames: int = 50) -> bool:
        """Return whether it is silent after what had been sent before, which is at most so many frames."""
        return any(self.silent() for _ in range(frames))


def connect(simulator: SimulatorProcess, path: str) -> Socket:
    return Socket(simulator.ws_url + path)

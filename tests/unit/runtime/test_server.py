"""uvicorn in a thread: readiness, the tick inside its loop, and an end that answers what is under way."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.unit.runtime.conftest import Notifications
from volspike.runtime import sockets
from volspike.runtime.daemon import Daemon
from volspike.runtime.server import ServerStoppedError, serve


async def slow_app(scope: Any, receive: Any, send: Any) -> None:
    """Answer after a moment; `/last` is under way when the signal comes."""
    if scope["path"] == "/last":
        os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with sockets.listen("127.0.0.1", 0) as made:
        yield made


def test_requests_under_way_are_answered_when_the_signal_comes(daemon: Daemon, listener: socket.socket) -> None:
    answers: list[int] = []

    def ask() -> None:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answers.extend(requests.get(url + path, timeout=30).status_code for path in ("/first", "/last"))

    client = threading.Thread(target=ask)
    client.start()
    serve(daemon, slow_app, listener, lambda: "serving")
    client.join()

    assert answers == [200, 200]


def test_the_tick_runs_again_and_again_and_its_words_become_the_status(
    supervisor: Notifications, daemon: Daemon, listener: socket.socket
) -> None:
    ticks: list[int] = []

    def tick() -> str:
        ticks.append(1)
        if len(ticks) == 20:
            os.kill(os.getpid(), signal.SIGTERM)
        return "serving 648 symbols"

    serve(daemon, slow_app, listener, tick)

    assert len(ticks) >= 20
    assert "READY=1\nSTATUS=serving 648 symbols" in supervisor.told()


def test_a_tick_that_breaks_ends_the_daemon_instead_of_leaving_it_half_alive(
    daemon: Daemon, listener: socket.socket
) -> None:
    ticks: list[int] = []

    def tick() -> str:
        ticks.append(1)
        if len(ticks) > 3:
            raise ZeroDivisionError
        return "serving"

    with pytest.raises(ServerStoppedError) as stopped:
        serve(daemon, slow_app, listener, tick)

    assert isinstance(stopped.value.__cause__, ZeroDivisionError)

"""What the tests of a process's life share: a supervisor that listens, and a running daemon."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from volspike.runtime.clock import Clock
from volspike.runtime.daemon import Daemon


class Notifications:
    """The socket on which a supervisor would listen."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def told(self) -> list[str]:
        """Return every datagram since the last call."""
        told = []
        while True:
            try:
                told.append(self._listener.recv(4096).decode())
            except BlockingIOError:
                return told


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notifications]:
    """A supervisor that wants to be notified and to be fed a watchdog."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        name = f"volspike-unit-{os.getpid()}"
        listener.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")
        yield Notifications(listener)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A running daemon whose clock goes a hundred times as fast as the wall."""
    with Daemon("funding-ws", Clock(100.0), tmp_path) as running:
        yield running

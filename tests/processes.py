"""Daemons as real processes, each told apart by its own notification socket, in a place of the test's own.

with Suite(tmp_path, exchange) as suite:
    daemon = suite.start("funding-ws")
    suite.until(lambda: suite.feed()["connection_status"]["connected"])
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.simulation import SimulatorProcess

READY_SECONDS = 60.0
END_SECONDS = 10.0
POLL_SECONDS = 0.02


def free_port(_given: set[int] = set()) -> int:  # noqa: B006 - what was given before is the point
    """Return a port that nobody listens on just now, never the same twice."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def until(condition: Callable[[], object], seconds: float = 15.0, what: str = "the condition") -> float:
    """Wait until a condition holds and return how long that took; AssertionError when it does not in time."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"{what} did not hold within {seconds} s")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - started


class DaemonProcess:
    """`volspike run NAME` as a process of its own, started as systemd would."""

    def __init__(self, name: str, flags: tuple[str, ...], env: Mapping[str, str], directory: Path) -> None:
        self._notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        address = f"\0volspike-test-{os.getpid()}-{id(self)}"
        self._notifications.bind(address)
        self._told: list[str] = []
        self._log = directory / f"{name}-{id(self)}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "volspike", "run", name, *flags],
                env={**env, "NOTIFY_SOCKET": "@" + address[1:], "WATCHDOG_USEC": "30000000"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self.process.pid

    @property
    def log(self) -> str:
        """Return all that it has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def told(self) -> list[str]:
        """Return every line it has told its supervisor so far."""
        while True:
            try:
                self._told += self._notifications.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self._told

    def await_ready(self) -> Self:
        """Wait until it says READY."""
        until(lambda: "READY=1" in self.told() or self.process.poll() is not None, READY_SECONDS, "READY")
        assert "READY=1" in self.told(), self.log
        return self

    def send(self, number: int) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and return its exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self, seconds: float = END_SECONDS) -> int:
        """Return its exit status once it has ended by itself."""
        return self.process.wait(seconds)

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(END_SECONDS)
        self._notifications.close()


def _places(exchange: SimulatorProcess) -> dict[str, str]:
    """Return the settings that lead to a simulator instead of the exchange and the channels."""
    return {
        "BINANCE_REST_URL": exchange.rest_url,
        "BINANCE_WS_URL": exchange.ws_url,
        "TELEGRAM_WEB_URL": exchange.rest_url,
    }


class Suite:
    """A state directory, a runtime directory and ports of the test's own, and the daemons started there."""

    def __init__(self, directory: Path, exchange: SimulatorProcess | None = None, **variables: str) -> None:
        self.directory = directory
        self.runtime_dir = directory / "run"
        self.state_dir = directory / "state"
        self.port = free_port()
        self.backend_port = free_port()
        self.dashboard_port = free_port()
        self._daemons: list[DaemonProcess] = []
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("VOLSPIKE", "FUNDING"))}
        self.env |= {
            "VOLSPIKE_RUNTIME_DIR": str(self.runtime_dir),
            "VOLSPIKE_STATE_DIR": str(self.state_dir),
            "FUNDING_API_PORT": str(self.port),
            "BACKEND_PORT": str(self.backend_port),
            "DASHBOARD_PORT": str(self.dashboard_port),
            # How busy the machine is that runs the tests says nothing of the suite.
            "CPU_WARNING": "off",
            "CPU_CRITICAL": "off",
            **(_places(exchange) if exchange else {}),
            **variables,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for daemon in self._daemons:
            daemon.close()

    def start(self, name: str, *flags: str, **variables: str) -> DaemonProcess:
        """Start a daemon without waiting for it."""
        daemon = DaemonProcess(name, flags, {**self.env, **variables}, self.directory)
        self._daemons.append(daemon)
        return daemon

    def ready(self, name: str, **variables: str) -> DaemonProcess:
        """Start a daemon and wait until it is ready."""
        return self.start(name, **variables).await_ready()

    def streaming(self, **variables: str) -> DaemonProcess:
        """Start the funding WS daemon and wait until all its symbols have arrived."""
        daemon = self.ready("funding-ws", **variables)
        until(lambda: len(self.rows()) > 800, what="800 symbols in the state file")
        return daemon

    def volspike(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the suite to its end."""
        return subprocess.run(
            [sys.executable, "-m", "volspike", *arguments],
            env={**self.env, **variables},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def document(self, name: str) -> dict[str, Any]:
        """Return a state file of the runtime directory; empty as long as there is none."""
        path = self.runtime_dir / name
        content: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
        return content

    def all_files(self) -> bytes:
        """Return the content of every file of the suite, its logs among them."""
        return b"".join(path.read_bytes() for path in self.directory.rglob("*") if path.is_file())

    def feed(self) -> dict[str, Any]:
        """Return the funding state file."""
        return self.document(".funding_state.json")

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return its rows by symbol."""
        rows: dict[str, dict[str, Any]] = self.feed().get("funding_state", {})
        return rows

    def connection(self) -> dict[str, Any]:
        """Return its connection status."""
        status: dict[str, Any] = self.feed().get("connection_status", {})
        return status

    def connected(self) -> bool:
        """Tell whether the state file says that the stream is connected."""
        return bool(self.connection().get("connected"))

    def metric(self, daemon: str, name: str) -> float:
        """Return a metric that a daemon has written; 0 as long as it has not."""
        path = self.runtime_dir / "metrics" / f"{daemon}.prom"
        lines = path.read_text().splitlines() if path.exists() else []
        values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{")]
        return sum(values)

    def get(self, path: str, **parameters: str) -> requests.Response:
        """Ask the funding API."""
        return requests.get(f"http://127.0.0.1:{self.port}{path}", params=parameters, timeout=10)

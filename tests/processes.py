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
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.ports import free_port
from tests.simulation import SimulatorProcess

READY_SECONDS = 60.0
WORK_SECONDS = 60.0
"""From its start to its end by itself: on a busy machine the start alone takes many."""
END_SECONDS = 30.0
"""As systemd grants it (TimeoutStopSec)."""
PROMPT_SECONDS = 5.0
PROMPT_TRIES = 3
ASK_SECONDS = 30.0
POLL_SECONDS = 0.02
MARK_SECONDS = 300


def until(condition: Callable[[], object], seconds: float = 40.0, what: str = "the condition") -> float:
    """Wait until a condition holds and return how long that took; AssertionError when it does not in time."""
    started = time.monotonic()
    is_late = False
    while not condition():
        if is_late:
            raise AssertionError(f"{what} did not hold within {seconds} s")
        time.sleep(POLL_SECONDS)
        is_late = time.monotonic() - started > seconds  # looked at once more, should this process have been held up
    return time.monotonic() - started


@cache
def clock_rate(rate: int) -> str:
    """Return a VOLSPIKE_CLOCK_RATE: always the same one, or an hour that begins meanwhile would part two processes."""
    return f"{rate}@{int(time.time()) // 3600 * 3600}"


def clock_from(into_mark_seconds: float) -> str:
    """Return a VOLSPIKE_CLOCK_RATE: time passes as on the wall, and a 5-minute mark lies so many seconds back now.

    At most five minutes lie between this time and the wall's.
    """
    now, rate = time.time(), 1.001
    begin = now // MARK_SECONDS * MARK_SECONDS + into_mark_seconds
    return f"{rate}@{(now * rate - begin) / (rate - 1)!r}"


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

    def freeze(self) -> None:
        """Stop all its threads where they are, until it is thawed."""
        self.send(signal.SIGSTOP)
        until(self._stands_still, what="a process that stands still")

    def _stands_still(self) -> bool:
        states = [
            path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{self.pid}/task").glob("*/stat")
        ]
        return set(states) == {"T"}

    def thaw(self) -> None:
        """Let it go on."""
        self.send(signal.SIGCONT)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and return its exit status."""
        self.send(number)
        return self.process.wait(END_SECONDS)

    def wait(self, seconds: float = WORK_SECONDS) -> int:
        """Return its exit status once it has ended by itself."""
        return self.process.wait(seconds)

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(END_SECONDS)
        self._notifications.close()


def ends_promptly(begin: Callable[[], DaemonProcess], number: int = signal.SIGTERM) -> DaemonProcess:
    """Begin a daemon, tell it to end, and return it once it has: in order, and within five seconds.

    One that is late is begun again, and thrice at most: a machine that is busy holds up one, but not each of them.
    """
    took = []
    for _ in range(PROMPT_TRIES):
        daemon = begin()
        started = time.monotonic()
        assert daemon.end(number) == 0, daemon.log
        took.append(time.monotonic() - started)
        if took[-1] < PROMPT_SECONDS:
            return daemon
    raise AssertionError(f"seconds until it had ended: {took}")


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
        return requests.get(f"http://127.0.0.1:{self.port}{path}", params=parameters, timeout=ASK_SECONDS)

"""The simulated exchange as a real process, for every test and bench that needs a Binance.

with SimulatorProcess() as simulator:
    simulator.fault("silent", scope="current")
    requests.get(f"{simulator.rest_url}/fapi/v1/time")
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import requests

READY_SECONDS = 60.0
END_SECONDS = 30.0
ASK_SECONDS = 30.0
POLL_SECONDS = 0.02


class SimulatorError(Exception):
    """The simulator did not start or refused a request; its own words are in the message."""


class SimulatorProcess:
    """`python -m volspike simulate` on a free port, from `with` to the end of the block."""

    def __init__(self, *flags: str, env: Mapping[str, str] | None = None, port: int = 0) -> None:
        """Prepare to start it with more flags and environment variables than the usual ones."""
        self._flags = flags
        self._env = {**os.environ, **(env or {})}
        self._port = port
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self.port = port

    @property
    def rest_url(self) -> str:
        """Return the value for BINANCE_REST_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """Return the value for BINANCE_WS_URL, without a route."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._running().pid

    @property
    def log(self) -> str:
        """Return what it has written to its standard error."""
        return self._file("log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        """Start it and wait until it listens."""
        self._directory = tempfile.TemporaryDirectory(prefix="volspike-simulator-")
        announce = self._file("announce.json")
        command = [sys.executable, "-m", "volspike", "simulate", "--port", str(self._port)]
        with self._file("log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--announce", str(announce), *self._flags],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not announce.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                words = self.log
                self._end()
                raise SimulatorError(f"the simulator did not start: {words}")
            time.sleep(POLL_SECONDS)
        self.port = int(msgspec.json.decode(announce.read_bytes())["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._end()

    def fault(self, kind: str, *, for_seconds: float | None = None, **parameters: float | str) -> None:
        """Start a fault; raises SimulatorError with the simulator's reason when it does not exist."""
        body: dict[str, object] = {"kind": kind, **parameters}
        if for_seconds is not None:
            body["for_seconds"] = for_seconds
        self._admin("POST", "/sim/faults", body)

    def clear(self, kind: str | None = None) -> None:
        """End one fault, or all."""
        self._admin("DELETE", f"/sim/faults/{kind}" if kind else "/sim/faults")

    def stats(self) -> dict[str, Any]:
        """Return what the simulator has seen: connections, frames, requests, weight."""
        return self._admin("GET", "/sim/stats")

    def telegram(self) -> dict[str, Any]:
        """Return what the bot 1:demo has written into its chats, and how often it was answered what."""
        return self._admin("GET", "/sim/telegram")

    def notices(self, service: str) -> list[str]:
        """Return the texts that have arrived at `discord`, `ntfy` or `desk`."""
        found = self._admin("GET", "/sim/notices")["notices"]
        return [notice["text"] for notice in found if notice["service"] == service]

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP for an exchange that hangs."""
        self._running().send_signal(number)

    def stop(self) -> int:
        """End it as systemd would and return its exit code."""
        self._running().terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended and return its exit code."""
        return self._running().wait(END_SECONDS)

    def _admin(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        answer = self._session.request(method, self.rest_url + path, json=body, timeout=ASK_SECONDS)
        if answer.status_code != requests.codes.ok:
            raise SimulatorError(answer.text.strip())
        return msgspec.json.decode(answer.content, type=dict[str, Any])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise SimulatorError("the simulator has not been started")
        return self._process

    def _file(self, name: str) -> Path:
        if self._directory is None:
            raise SimulatorError("the simulator has not been started")
        return Path(self._directory.name, name)

    def _end(self) -> None:
        self._session.close()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(END_SECONDS)
        if self._directory is not None:
            self._directory.cleanup()

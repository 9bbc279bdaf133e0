"""One daemon as a child process: its output line by line, its notifications, its end."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import IO

from volspike.clients.local.machine import resident_bytes
from volspike.model.health import UnitState
from volspike.model.suite import DaemonInfo, Kind
from volspike.rules import supervision
from volspike.rules.supervision import Life

CHUNK_BYTES = 65_536
_PR_SET_PDEATHSIG = 1


class Child:
    """A daemon's process, or the place of one. All times are real: processes live outside the suite's clock."""

    def __init__(self, info: DaemonInfo, environment: Mapping[str, str]) -> None:
        self.info = info
        self.ready = False
        self.status_text = ""
        self.life = Life()
        self.changed_at = time.time()
        self.overstayed = False
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._exit_status = 0
        self._alive_at = 0.0
        self._kill_at: float | None = None
        self._pending = b""
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        name = f"volspike-{os.getpid()}-{info.name}"
        self.notifications.bind(f"\0{name}")
        self._environment |= {
            "NOTIFY_SOCKET": f"@{name}",
            "WATCHDOG_USEC": str(info.silence_seconds * 1_000_000),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def output(self) -> IO[bytes] | None:
        """Return the pipe with its log; None when it does not run."""
        return self._process.stderr if self._process else None

    @property
    def running(self) -> bool:
        """Tell whether there is a process."""
        return self._process is not None

    def start(self) -> None:
        """Start the process."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self.info.module],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has no threads
        )
        self.life = supervision.started(self.life)
        self.ready = False
        self.overstayed = False
        self._kill_at = None
        self._alive_at = time.monotonic()
        self.changed_at = time.time()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask the process to end; it is killed when it has not within its grace."""
        if self._process is not None:
            self._process.send_signal(number)
            if self._kill_at is None:
                self._kill_at = time.monotonic() + supervision.STOP_GRACE_SECONDS

    def read_lines(self) -> list[str]:
        """Return the complete lines that its log has gained."""
        if self.output is None:
            return []
        chunk = os.read(self.output.fileno(), CHUNK_BYTES)
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines]

    def read_rest(self) -> list[str]:
        """Return all lines that a process which has ended left behind, the unfinished last one too."""
        if self.output is None:
            return []
        rest, self._pending = self._pending + self.output.read(), b""
        return rest.decode("utf-8", "replace").splitlines()

    def take_notification(self) -> bool:
        """Read one notification; tell whether readiness or status changed by it."""
        before = (self.ready, self.status_text)
        for line in self.notifications.recv(4096).decode("utf-8", "replace").splitlines():
            name, _, value = line.partition("=")
            if name == "READY":
                self.ready = True
                self.changed_at = time.time()
            elif name == "STATUS":
                self.status_text = value
        self._alive_at = time.monotonic()
        return before != (self.ready, self.status_text)

    def hangs(self) -> bool:
        """Tell whether it should have fed its watchdog long ago."""
        return self.running and time.monotonic() - self._alive_at > self.info.silence_seconds

    def enforce(self) -> None:
        """Kill what has not ended within its grace; `overstayed` says so until it is started again."""
        late = self._kill_at is not None and time.monotonic() >= self._kill_at
        if self._process is not None and late and not self.has_ended():
            self.overstayed = True
            self._process.kill()

    def has_ended(self) -> bool:
        """Tell whether its process has ended and waits to be reaped."""
        return self._process is not None and self._process.poll() is not None

    def reap(self) -> int | None:
        """Return the exit status of a process that has just ended (negative: the signal), else None."""
        if self._process is None or not self.has_ended():
            return None
        self._exit_status = self._process.returncode
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._process = None
        self.ready = False
        self.changed_at = time.time()
        self.life = supervision.ended(self.life, self._exit_status, time.monotonic())
        return self._exit_status

    def state(self) -> UnitState:
        """Return its state in systemd's words."""
        pid = self._process.pid if self._process else 0
        active, sub = self._activity()
        return UnitState(
            daemon=self.info.name,
            unit=self.info.unit,
            enabled=True,
            active_state=active,
            sub_state=sub,
            result=_result(self._exit_status),
            exit_status=abs(self._exit_status),  # of a signal its number, as systemd has it
            main_pid=pid,
            since=self.changed_at,
            memory_bytes=resident_bytes(pid) if pid else None,
            status_text=self.status_text,
        )

    def _activity(self) -> tuple[str, str]:
        if self.info.kind is Kind.TIMER:
            return "active", "waiting"
        if self._process is not None:
            return ("active", "running") if self.ready else ("activating", "start")
        return ("failed", "failed") if self.life.start_at is None else ("activating", "auto-restart")


def _result(exit_status: int) -> str:
    if exit_status == 0:
        return "success"
    return "exit-code" if exit_status > 0 else "signal"


def die_with_parent() -> None:
    """Ask the kernel to end this child when its supervisor dies, however it dies (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

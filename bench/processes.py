"""Processes as the bench starts, observes and ends them, and the directory in which all of them work."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.promise import BenchError
from volspike.settings import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 - what /run is in production: a directory in memory
READY_SECONDS = 15.0
END_SECONDS = 10.0
CPUCLOCK_SCHED = 2
POLL_SECONDS = 0.002


@contextmanager
def workspace() -> Iterator[Path]:
    """Give a directory, in memory where the machine has one, that is gone afterwards."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="volspike-bench-", dir=place) as name:
        yield Path(name)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Process:
    """A process in the workspace, from `with` to the end of the block; its output goes to files there."""

    def __init__(self, name: str, command: list[str], workspace: Path, env: Mapping[str, str] | None = None) -> None:
        """Prepare to start it with these variables beside PATH and the like, and none of the suite's."""
        ours = {variable.name for variable in VARIABLES} | {"NOTIFY_SOCKET", "WATCHDOG_USEC", "PYTHONPATH"}
        inherited = {key: value for key, value in os.environ.items() if key not in ours}
        self.name = name
        self._command = command
        self._workspace = workspace
        self._env = {**inherited, "PYTHONPATH": str(ROOT), **(env or {})}
        self._output = workspace / f"{name}.out"
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    def __enter__(self) -> Self:
        """Start it."""
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.started_at = time.monotonic()
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._workspace,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.stop()

    @property
    def _errors(self) -> Path:
        return self._workspace / f"{self.name}.err"

    @property
    def pid(self) -> int:
        """Return the process id."""
        if self._process is None:
            raise BenchError(f"{self.name} has not been started")
        return self._process.pid

    @property
    def output(self) -> str:
        """Return what it has printed."""
        return self._output.read_text(encoding="utf-8")

    def stop(self) -> str:
        """End it by SIGTERM, or by SIGKILL if it does not listen; return what it has printed."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return self.output

    def check(self) -> None:
        """Raise BenchError with the last words of a process that has ended."""
        if self._process is not None and self._process.poll() is not None:
            words = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise BenchError(f"{self.name} ended with {self._process.returncode}: {words[-1] if words else 'silent'}")

    def first_line(self) -> str:
        """Return the first line that it prints."""
        deadline = time.monotonic() + READY_SECONDS
        while "\n" not in self.output:
            self.check()
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} printed nothing within {READY_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)
        return self.output.partition("\n")[0]

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads, past ones too, to the nanosecond (clock_getcpuclockid(3))."""
        self.check()
        return time.clock_gettime((~self.pid << 3) | CPUCLOCK_SCHED)

    def waited_seconds(self) -> float:
        """Return how long its present threads were ready to run and had no CPU: what others on the machine cost it."""
        self.check()
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[1]) for thread in threads) / 1e9

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Return its resident memory, or its peak (`VmHWM`), in MB of 2^20 bytes."""
        self.check()
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
        raise BenchError(f"{self.name} has no {field}")


class Daemon(Process):
    """A daemon of the suite, started by the command that its unit has, and heard over a notification socket."""

    def __init__(self, name: str, workspace: Path, env: Mapping[str, str] | None = None) -> None:
        """Prepare to start it with its files in the workspace."""
        self._address = str(workspace / f"{name}.notify")
        self._ready = threading.Event()
        self.ready_at = 0.0
        command = Path(sys.executable).with_name("volspike")
        start = [str(command)] if command.exists() else [sys.executable, "-m", "volspike"]
        places = {
            "VOLSPIKE_RUNTIME_DIR": str(workspace),
            "VOLSPIKE_STATE_DIR": str(workspace / "state"),
            "NOTIFY_SOCKET": self._address,
            "WATCHDOG_USEC": "30000000",
        }
        super().__init__(name, [*start, "run", name], workspace, {**places, **(env or {})})

    def __enter__(self) -> Self:
        """Start it and wait until it is ready."""
        with suppress(FileNotFoundError):
            Path(self._address).unlink()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._address)
        threading.Thread(target=self._listen, daemon=True).start()
        super().__enter__()
        try:
            self._await_ready()
        except BaseException:  # an interrupted bench leaves nothing behind
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        super().__exit__(kind, error, trace)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    @property
    def seconds_to_ready(self) -> float:
        """Return how long the start took, from before the fork to READY=1."""
        return self.ready_at - self.started_at

    def _await_ready(self) -> None:
        deadline = self.started_at + READY_SECONDS
        while not self._ready.wait(0.1):
            self.check()
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} was not ready within {READY_SECONDS:.0f} s")

    def _listen(self) -> None:
        with suppress(OSError):
            while message := self._socket.recv(4096):
                if not self._ready.is_set() and b"READY=1" in message.split(b"\n"):
                    self.ready_at = time.monotonic()
                    self._ready.set()


def python(*arguments: str) -> list[str]:
    """Return the command that runs Python with these arguments."""
    return [sys.executable, *arguments]


def load_average() -> float:
    """Return how many processes wanted a CPU over the last minute."""
    return os.getloadavg()[0]


def interrupt_on_sigterm() -> None:
    """Let SIGTERM end the bench as Ctrl-C does, so that every process and directory is cleaned up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)

"""The simulated exchange of `volspike up --simulate`, as a process that never outlives its parent."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from volspike.supervisor.child import die_with_parent

START_SECONDS = 15.0
POLL_SECONDS = 0.02


class ExchangeError(Exception):
    """The simulator did not start; unless it has said why itself, the message does. `code` is its exit status."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class SimulatedExchange:
    """`volspike simulate` on a port, from `with` to the end of the block."""

    def __init__(self, port: int, faults: Sequence[str], environment: Mapping[str, str]) -> None:
        self._flags = [f"--port={port}", *(f"--fault={fault}" for fault in faults)]
        self._environment = {**environment, "LOG_LEVEL": "WARNING"}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it listens. Raises ExchangeError."""
        scratch = Path(tempfile.mkdtemp(prefix="volspike-"))
        announced = scratch / "simulator.json"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "volspike", "simulate", f"--announce={announced}", *self._flags],
            env=self._environment,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has no threads
        )
        listening = False
        try:
            self._await(self._process, announced)
            listening = True
        finally:
            if not listening:
                self._end()
            announced.unlink(missing_ok=True)
            scratch.rmdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._end()

    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self._process is not None and self._process.poll() is None

    @staticmethod
    def _await(process: subprocess.Popen[bytes], announced: Path) -> None:
        end = time.monotonic() + START_SECONDS
        while not announced.exists():
            if process.poll() is not None:
                raise ExchangeError("", process.returncode)  # it has said why
            if time.monotonic() > end:
                raise ExchangeError(f"the simulator did not start within {START_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def _end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

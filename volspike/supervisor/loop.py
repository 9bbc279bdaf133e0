"""The loop that keeps the children alive: output, notifications, ends, wishes and the timer's jobs."""

import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from volspike.clients.supervision import foreground
from volspike.model.documents import VERSION
from volspike.model.health import UnitState
from volspike.model.suite import BACKEND, DaemonInfo, Kind
from volspike.model.supervision import Supervision
from volspike.rules import supervision
from volspike.runtime.clock import Clock
from volspike.settings import PUBLIC_NAMES
from volspike.state import documents
from volspike.state.keeper import Keeper
from volspike.supervisor.child import Child
from volspike.supervisor.timer import Timer

STEP_SECONDS = 0.5
BACKEND_SECONDS = 5.0
"""So long the others wait for the embedded backend to listen, so that they do not begin with a complaint."""

Say = Callable[[str, str], None]
"""Tells people a line of a daemon: its name, and the text."""


GoesOn = Callable[[], bool]
"""Tells whether there is still a reason to run: the simulated exchange may have ended."""
OnChange = Callable[[list[UnitState]], None]
"""Is told the state of every daemon when the readiness or the status of one has changed."""
OnLook = Callable[[], None]
"""Is called at least once a second, whatever happens."""


class ForegroundSuite:
    """The daemons as children of this process."""

    def __init__(
        self,
        daemons: Sequence[DaemonInfo],
        runtime_dir: Path,
        environment: Mapping[str, str],
        clock: Clock,
        *,
        simulated: bool,
        say: Say,
        on_change: OnChange,
        on_look: OnLook = lambda: None,
        goes_on: GoesOn = lambda: True,
    ) -> None:
        self._runtime_dir = runtime_dir
        self._shared = {name: value for name, value in environment.items() if name in PUBLIC_NAMES}
        self._simulated = simulated
        self._say = say
        self._on_change = on_change
        self._on_look = on_look
        self._goes_on = goes_on
        self._stopping = False
        child_environment = {**os.environ, **environment}
        quiet = {**child_environment, "LOG_LEVEL": "WARNING"}  # what comes each minute speaks only when it must
        self.children = [Child(info, quiet if info.kind is Kind.TIMER else child_environment) for info in daemons]
        self._timers = {info.name: Timer(info, clock) for info in daemons if info.kind is Kind.TIMER}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._others_at = time.monotonic() + BACKEND_SECONDS
        self._file = Keeper(runtime_dir / documents.SUPERVISION, time.monotonic)

    def run(self) -> None:
        """Keep everything alive until SIGINT, SIGTERM or SIGHUP (the terminal was closed), then end it in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        for child in self.children:
            self._selector.register(child.notifications, selectors.EVENT_READ, child)
        while not self._stopping and self._goes_on():
            self._start_due()
            self._take_events(STEP_SECONDS)
            self._look_after()
            self._on_look()
        self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        with suppress(BlockingIOError):
            os.write(self._wake_write, b"\0")

    def _start_due(self) -> None:
        for child in self.children:
            if not child.running and self._is_due(child):
                self._start(child)
            if child.info.name == BACKEND and not child.ready and time.monotonic() < self._others_at:
                break
        self._save()

    def _is_due(self, child: Child) -> bool:
        timer = self._timers.get(child.info.name)
        return timer.fires() if timer is not None else supervision.is_due(child.life, time.monotonic())

    def _start(self, child: Child) -> None:
        child.start()
        if child.output is not None:
            self._selector.register(child.output, selectors.EVENT_READ, child)

    def _take_events(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            child: Child | None = key.data
            if child is None:
                continue
            if key.fileobj is child.notifications:
                if child.take_notification():
                    self._save()
                    self._on_change([other.state() for other in self.children])
            else:
                self._relay(child)

    def _relay(self, child: Child) -> None:
        for line in child.read_lines():
            self._say(child.info.name, line)

    def _look_after(self) -> None:
        for unit in foreground.take_wishes(self._runtime_dir):
            self._grant(unit)
        for child in self.children:
            if child.hangs() and not self._stopping:
                self._tell(child, "gives no sign of life and is killed")
                child.stop(signal.SIGKILL)
            child.enforce()
            self._reap(child)

    def _grant(self, unit: str) -> None:
        for child in self.children:
            if child.info.unit == unit:
                self._tell(child, "restarting on request")
                child.stop()
                child.life = supervision.Life()

    def _reap(self, child: Child) -> None:
        output = child.output
        if output is not None and child.has_ended():
            self._selector.unregister(output)
            for line in child.read_rest():
                self._say(child.info.name, line)
        status = child.reap()
        if status is None or self._stopping:
            return
        timer = self._timers.get(child.info.name)
        if timer is not None:
            if status:
                timer.note_failure()
            return
        self._tell(child, f"{_how(child, status)}; {supervision.outlook(child.life, status)}")
        self._save()

    def _tell(self, child: Child, text: str) -> None:
        """Say something of a daemon in the form of its own log's lines."""
        self._say(child.info.name, f"{datetime.now(UTC):%H:%M:%S} warning {text}")

    def _end(self) -> None:
        for child in self.children:
            child.stop()
        while any(child.running for child in self.children):
            self._take_events(0.1)
            for child in self.children:
                child.enforce()
                self._reap(child)
        with suppress(OSError):
            (self._runtime_dir / documents.SUPERVISION).unlink()

    def _save(self) -> None:
        units = [child.state() for child in self.children]
        content = Supervision(VERSION, os.getpid(), self._simulated, self._shared, units)
        self._file.touch()
        self._file.save(lambda: documents.encode(content), urgent=True)


def _how(child: Child, status: int) -> str:
    """Say how a process has ended."""
    if child.overstayed:
        return f"did not stop within {supervision.STOP_GRACE_SECONDS:.0f} s: killed"
    return f"ended with exit status {status}" if status >= 0 else f"was killed by signal {-status}"

"""The life of a daemon: signals, readiness, progress, pauses, and a clean end.

A signal handler may do very little: `threading.Event.set()` in one can deadlock against `wait()` in the main
thread. So SIGTERM and SIGINT set a plain flag, run the stop hooks, and write a byte into a pipe on which every
pause selects.
"""

import logging
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from volspike.model.documents import VERSION, Heartbeat
from volspike.rules import pacing
from volspike.runtime.clock import Clock
from volspike.runtime.metrics import Metrics
from volspike.runtime.notify import Notifier
from volspike.state import documents
from volspike.state.keeper import Keeper

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
METRICS_SECONDS = 10.0
WAIT_STEP_SECONDS = 1.0
"""No wait is longer than this without a sign of life."""


class Daemon:
    """One running daemon; use it as a context manager around its whole work."""

    def __init__(self, name: str, clock: Clock, runtime_dir: Path) -> None:
        self.name = name
        self.clock = clock
        self.metrics = Metrics(name)
        self.stopping = False
        self.signalled = False
        """Whether it stops because of a signal, rather than by itself."""
        self._notifier = Notifier()
        self._stop_hooks: list[Callable[[], None]] = []
        self._started_at = clock.now()
        self._status = "starting"
        self._heartbeat_file = Keeper(documents.heartbeat_path(runtime_dir, name), clock.monotonic)
        self._metrics_file = Keeper(documents.metrics_path(runtime_dir, name), clock.monotonic)
        self._heartbeat_at = self._metrics_at = float("-inf")

    def __enter__(self) -> Self:
        """Take the signals over and make the directories. Raises OSError when they cannot be written."""
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for directory in (self._heartbeat_file.path.parent, self._metrics_file.path.parent):
            directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._former = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        self.metrics.gauge("start_time_seconds", "When the daemon started.").set(self._started_at)
        log.info("starting", extra={"pid": os.getpid()})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back, say goodbye, and leave the metrics as they are at the end.

        Whoever ends because a signal asks for it promises no further sign of life; a job that has ended by itself, and
        a daemon that has failed, are still held to what they have promised.
        """
        self._notifier.stopping()
        if self.signalled and error is None:
            self.metrics.forget("heartbeat_due_timestamp_seconds")
        self.save_metrics()
        for number, handler in self._former.items():
            signal.signal(number, handler)
        os.close(self._wake_read)
        os.close(self._wake_write)
        if error is None:
            log.info("stopped")

    def on_stop(self, hook: Callable[[], None]) -> None:
        """Run `hook` inside the signal handler: it may set flags and abort sockets, and must take no lock."""
        self._stop_hooks.append(hook)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.signalled = True
        self.stop()

    def stop(self) -> None:
        """Stop as for a signal; safe in a signal handler and in any thread."""
        self.stopping = True
        for hook in self._stop_hooks:
            hook()
        with suppress(BlockingIOError):
            os.write(self._wake_write, b"\0")

    def ready(self, status: str) -> None:
        """Say that settings are valid, sockets bound and the first attempt begun."""
        self._status = status
        log.info("ready: %s", status)
        self._notifier.ready(status)
        self._beat(WAIT_STEP_SECONDS)

    def progress(self, status: str | Callable[[], str], *, next_due_seconds: float = HEARTBEAT_SECONDS) -> None:
        """Record work done: feed the watchdog, and from time to time heartbeat and metrics.

        `next_due_seconds` is how soon the daemon promises its next sign of life.
        """
        self._notifier.alive()
        now = self.clock.monotonic()
        if now - self._heartbeat_at >= HEARTBEAT_SECONDS:
            self._status = status if isinstance(status, str) else status()
            self._notifier.status(self._status)
            self._beat(next_due_seconds)
        if now - self._metrics_at >= METRICS_SECONDS:
            self.save_metrics()

    def announce(self, status: str, *, next_due_seconds: float = HEARTBEAT_SECONDS) -> None:
        """Change the status at once, because something happened that people want to know.

        `next_due_seconds` is how soon the daemon promises its next sign of life.
        """
        self._status = status
        self._notifier.status(status)
        self._beat(next_due_seconds)

    def pause(self, seconds: float, *, alive: bool = True) -> None:
        """Rest for so many seconds or until a signal comes, whichever is first.

        A planned rest is a sign of life; with `alive` false it is not, and the watchdog waits for work.
        """
        end = self.clock.monotonic() + seconds
        while not self.stopping and (left := end - self.clock.monotonic()) > 0:
            if alive:
                self._notifier.alive()
            step = self.clock.real_seconds(min(left, WAIT_STEP_SECONDS))
            select.select([self._wake_read], [], [], step)

    def ticks(self, every_seconds: float) -> Iterator[datetime]:
        """Yield at once, then at each multiple of `every_seconds` of the wall clock, until a signal comes."""
        previous: float | None = None
        at = self.clock.now()
        while not self.stopping:
            yield datetime.fromtimestamp(at, UTC)
            now = self.clock.now()
            tick = pacing.next_tick(previous, every_seconds, now)
            if tick.missed:
                log.warning("fell behind its schedule", extra={"missed": tick.missed, "every_seconds": every_seconds})
            previous = tick.due
            self.pause(tick.due - now)
            at = self._arrive(tick.due)

    def _arrive(self, due: float) -> float:
        """Return the time, which is not before `due`: a mark must not be worked on as if it were the one before it."""
        if not pacing.is_early(due, self.clock.now()):
            return self.clock.now()
        self.pause(due - self.clock.now())
        return max(due, self.clock.now())

    def save_metrics(self) -> None:
        """Write the metrics file."""
        self._metrics_at = self.clock.monotonic()
        self._metrics_file.touch()
        self._metrics_file.save(lambda: self.metrics.text().encode(), urgent=True)

    def _beat(self, next_due_seconds: float) -> None:
        self._heartbeat_at = self.clock.monotonic()
        at, due_seconds = self.clock.now(), HEARTBEAT_SECONDS + next_due_seconds
        beat = Heartbeat(
            VERSION,
            self.name,
            os.getpid(),
            self._started_at,
            at,
            self._status,
            next_due=at + due_seconds,
            next_due_monotonic=self._heartbeat_at + due_seconds,
        )
        self.metrics.gauge("heartbeat_timestamp_seconds", "When the daemon last did something.").set(at)
        due = self.metrics.gauge("heartbeat_due_timestamp_seconds", "Until when it has promised its next sign of life.")
        due.set(beat.next_due)
        self._heartbeat_file.touch()
        self._heartbeat_file.save(lambda: documents.encode(beat), urgent=True)

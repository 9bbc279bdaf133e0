"""A state file's owner: paces its writes, and keeps going when the disk does not."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from msgspec import MsgspecError

from volspike.rules import pacing
from volspike.state import documents, file
from volspike.state.documents import Document
from volspike.state.file import Content

log = logging.getLogger(__name__)

T = TypeVar("T")


def recall(path: Path, kind: type[Document], now: float) -> Document | None:
    """Return what this owner wrote when it last ran, or None; what cannot be read is moved aside.

    Also removes the temporary files that a killed process has left behind. Only the file's owner may call this.
    """
    return recall_with(path, lambda path: documents.decode(path.read_bytes(), kind), now)


def recall_with(path: Path, read: Callable[[Path], T], now: float) -> T | None:
    """Recall a file in a format of its own; `read` raises OSError, MsgspecError or ValueError for a broken one."""
    file.sweep_scratch(path)
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except (OSError, MsgspecError, ValueError) as error:
        problem = str(error)
    try:
        aside = str(file.set_aside(path, now))
    except OSError as error:
        aside = f"nowhere ({error.strerror})"
    log.warning("state file of the last run is broken", extra={"problem": problem, "moved_to": aside})
    return None


class Keeper:
    """Writes one file as often as its content changes, but at most ten times a second.

    A failing disk costs nothing but the file: the content stays with the caller, the failure is reported once, and
    so is the recovery. `failing_since` is the monotonic time of the first failure in a row, or None. What is
    `durable` survives a power cut. Changes that follow each other within `gather_seconds` are written together.
    """

    def __init__(
        self, path: Path, monotonic: Callable[[], float], *, durable: bool = False, gather_seconds: float = 0.0
    ) -> None:
        self.path = path
        self._durable = durable
        self._gather_seconds = gather_seconds
        self.failing_since: float | None = None
        self._monotonic = monotonic
        self._writes: tuple[float, ...] = ()
        self._due = False
        self._changed_first = self._changed_last = 0.0

    def touch(self) -> None:
        """Say that the content has changed and should reach the file."""
        self._changed_last = self._monotonic()
        if not self._due:
            self._due = True
            self._changed_first = self._changed_last

    def delay(self) -> float | None:
        """Return the seconds until the changed content may be written; None when nothing waits."""
        return self._delay(self._monotonic()) if self._due else None

    def _delay(self, now: float) -> float:
        gathers = pacing.gather_delay(self._changed_first, self._changed_last, self._gather_seconds, now)
        return max(gathers, pacing.write_delay(self._writes, now))

    def save(self, content: Callable[[], Content], *, urgent: bool = False) -> bool:
        """Write the content now if it has changed and the pace allows it; tell whether it was written."""
        now = self._monotonic()
        if not self._due or (not urgent and self._delay(now) > 0):
            return False
        self._writes = pacing.note_write(self._writes, now)
        try:
            file.write(self.path, content(), durable=self._durable)
        except OSError as error:
            self._failed(error, now)
            return False
        self._due = False
        self._written(now)
        return True

    def _failed(self, error: OSError, now: float) -> None:
        if self.failing_since is None:
            self.failing_since = now
            log.error(
                "cannot write state file; data stays in memory and writing goes on being tried",
                extra={"path": str(self.path), "problem": error.strerror},
            )

    def _written(self, now: float) -> None:
        if self.failing_since is not None:
            log.info(
                "state file is written again",
                extra={"path": str(self.path), "after_seconds": round(now - self.failing_since, 1)},
            )
            self.failing_since = None

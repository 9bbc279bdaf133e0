"""Files written whole or not at all, and read only when they have changed.

A reader sees the old content or the new one, never a mixture: the content goes into a temporary file of the same
directory, which is then renamed over the old one (rename(2) is atomic). One writer per file.
"""

import fcntl
import logging
import os
import select
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from msgspec import MsgspecError

log = logging.getLogger(__name__)

T = TypeVar("T")
Content = bytes | Iterable[bytes]
HOLD_ATTEMPTS = 5
HOLD_PAUSE_SECONDS = 0.02


def write(path: Path, content: Content, *, durable: bool = False, mode: int = 0o640) -> None:
    """Replace the file's content, given whole or, when it is large, in pieces.

    `durable` also survives a power cut (file and directory are synced); files in the memory-backed runtime
    directory need none of it. Raises OSError when the disk is full or not writable; the old content then stays.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            os.fchmod(descriptor, mode)
            _write_all(descriptor, content)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        scratch.replace(path)
    except OSError:
        with suppress(OSError):
            scratch.unlink()
        raise
    if durable:
        sync_directory(path.parent)


def _write_all(descriptor: int, content: Content) -> None:
    for piece in (content,) if isinstance(content, bytes) else content:
        remaining = memoryview(piece)
        while remaining:
            remaining = remaining[os.write(descriptor, remaining) :]


def sync_directory(directory: Path) -> None:
    """Bring what was renamed in a directory to the disk. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep_scratch(path: Path) -> None:
    """Remove the temporary files that a killed writer of `path` has left behind; only its owner may call this."""
    for scratch in path.parent.glob(f".{path.name}.*.tmp"):
        with suppress(OSError):
            scratch.unlink()


def set_aside(path: Path, now: float) -> Path:
    """Move a file that cannot be read out of the way, as `<name>.corrupt-<epoch>`; only its owner may call this."""
    aside = path.with_name(f"{path.name}.corrupt-{int(now)}")
    path.replace(aside)
    return aside


class Reader(Generic[T]):
    """A state file as its readers see it: the last good content, decoded again only when the file has changed.

    `problem` names what is wrong with the file now, or is None; a change of it is logged once.
    """

    def __init__(self, path: Path, decode: Callable[[bytes], T]) -> None:
        self.path = path
        self.problem: str | None = None
        self.version = 0
        """Grows by one whenever new content was decoded."""
        self._decode = decode
        self._content: T | None = None
        self._signature: tuple[int, int, int] | None = None

    def read(self) -> T | None:
        """Return the newest good content; None as long as there was none yet."""
        try:
            status = os.stat(self.path)  # noqa: PTH116 - a Path costs twice as much, and this runs for each request
        except FileNotFoundError:
            return self._content
        except OSError as error:
            self._signature = None  # to be read again, and so a problem no more, though it may come back as it was
            self._report(f"{self.path} cannot be read: {error.strerror}")
            return self._content
        signature = (status.st_ino, status.st_mtime_ns, status.st_size)
        if signature != self._signature:
            self._reload(signature)
        return self._content

    def _reload(self, signature: tuple[int, int, int]) -> None:
        try:
            self._content = self._decode(self.path.read_bytes())
        except OSError as error:
            self._report(f"{self.path} cannot be read: {error.strerror}")
            return
        except (MsgspecError, ValueError) as error:
            self._signature = signature
            self._report(f"{self.path} is not what it should be ({error}); keeping the last good copy")
            return
        self._signature = signature
        self.version += 1
        self._report(None)

    def _report(self, problem: str | None) -> None:
        if problem == self.problem:
            return
        self.problem = problem
        if problem is None:
            log.info("state file is readable again", extra={"path": str(self.path)})
        else:
            log.error("state file unreadable", extra={"problem": problem})


def hold(path: Path) -> int | None:
    """Take the lock of this name for as long as the process lives; None when another process holds it.

    The kernel lets go of it when the process ends, however it ends. Raises OSError when the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    for _ in range(HOLD_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            select.select([], [], [], HOLD_PAUSE_SECONDS)  # :func:`is_held` of another process holds it for an instant
        else:
            return descriptor
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Tell whether some process holds the lock of this name."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

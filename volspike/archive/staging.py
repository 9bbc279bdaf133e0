"""A copy of the state directory that fits together, taken while its writers go on.

The order matters. An alert daemon puts an alert into the outbox before it remembers it, and the courier settles a
delivery after the backend has taken it. So the memories are copied first, then the outbox, then the backend's file:
what a copy remembers is in the copy of the outbox, and what that calls delivered is in the backend's. Whatever is newer
further on is recognised by its key. JSON files are replaced whole by their writers, SQLite copies itself.
"""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from volspike.archive.errors import BackupError
from volspike.model.backup import Part
from volspike.state import documents

SQLITE = b"SQLite format 3\0"
LAST = (documents.OUTBOX, documents.BACKEND)
"""The databases of alerts, in the order in which they are copied, after everything else."""
LEFT_OUT = (
    documents.EMERGENCY_STOP,
    documents.RESTORE_UNPACKING,
    documents.RESTORE_DECIDED,
    documents.RESTORE_CLEARED,
)
"""An emergency stop, or a restore that is under way, is this machine's present, not its memory."""
PLAIN_NAME = re.compile(r"\.?[A-Za-z0-9_][\w.-]*", re.ASCII)
"""What a file of the suite is called: nothing that could lead out of a directory."""
LEFT_OUT_SUFFIXES = (".lock", ".tmp", "-wal", "-shm", "-journal")
CORRUPT = ".corrupt-"
CHUNK_BYTES = 1 << 20
BUSY_SECONDS = 30.0

Progress = Callable[[str], None]
"""Is told the name of each file when its turn comes."""


def is_kept(name: str) -> bool:
    """Tell whether a backup may have a file of this name: no lock, no leftover, nothing moved aside."""
    left_out = name in LEFT_OUT or name.endswith(LEFT_OUT_SUFFIXES) or CORRUPT in name
    return PLAIN_NAME.fullmatch(name) is not None and not left_out


def kept(state_dir: Path) -> list[Path]:
    """Return the files that belong to a backup, in the order in which they are copied."""
    found = (path for path in state_dir.iterdir() if is_kept(path.name))
    return sorted((path for path in found if path.is_file() and not path.is_symlink()), key=_turn)


def _turn(path: Path) -> tuple[int, str]:
    return (LAST.index(path.name) + 1 if path.name in LAST else 0, path.name)


def size_bytes(state_dir: Path) -> int:
    """Return how much a copy of what belongs to a backup takes, about: it is being written meanwhile."""
    total = 0
    for path in kept(state_dir):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def stage(state_dir: Path, staged: Path, progress: Progress) -> list[Part]:
    """Copy what belongs to a backup into an empty directory. Raises BackupError, or OSError when the disk is full."""
    return [part for path in kept(state_dir) if (part := _copied(path, staged / path.name, progress)) is not None]


def _copied(source: Path, copy: Path, progress: Progress) -> Part | None:
    """Copy one file; None where it has gone meanwhile."""
    progress(source.name)
    try:
        mode = source.stat().st_mode & 0o777
        if is_database(source):
            copy_database(source, copy)
        else:
            shutil.copyfile(source, copy)
    except FileNotFoundError:
        return None
    return part_of(copy, mode)


def is_database(path: Path) -> bool:
    """Tell whether a file is one of SQLite's."""
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def copy_database(source: Path, copy: Path) -> None:
    """Copy a database as of one instant, keeping nobody from writing. Raises BackupError when the copy is not sound."""
    try:
        with closing(_opened(source, "mode=ro")) as origin, closing(sqlite3.connect(copy)) as target:
            origin.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
        check_database(copy)
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied into {copy.parent}: {error}") from None


def check_database(path: Path) -> None:
    """Read a whole database that nobody writes. Raises BackupError where that does not make sense."""
    try:
        with closing(_opened(path, "mode=ro&immutable=1")) as database:
            (answer,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        raise BackupError(f"{path.name} is damaged: {answer}")


def _opened(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS)


def part_of(path: Path, mode: int) -> Part:
    """Return what a manifest says of this file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.name, path.stat().st_size, digest, mode)

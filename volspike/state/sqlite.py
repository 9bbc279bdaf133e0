"""Files of SQLite as the suite keeps them: what belongs to one, which errors tell of damage, and where it then goes.

A file that is removed or replaced while it is open goes on being read and written, unseen by everybody else. So who
keeps one open compares, before and after a transaction, the identity of what it has opened with that of what is there.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

SIDE_FILES = ("-wal", "-shm")
_PRIMARY_CODE = 0xFF
"""The rest of an error code says which kind of it (https://www.sqlite.org/rescode.html)."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
GHOST = "the database was removed or replaced while it was open; what is there now is used, or a new one begun"
"""What is told of it, once by each who had it open."""

Inode = tuple[int, int] | None


class Identity(NamedTuple):
    """Which files are at a path: the database itself, and what belongs to it."""

    file: Inode
    sides: tuple[Inode, ...]


def identity(path: Path) -> Identity:
    """Return which files are there now."""
    return Identity(inode(path), tuple(inode(f"{path}{suffix}") for suffix in SIDE_FILES))


def inode(path: Path | str) -> Inode:
    """Return which file has this name; None where there is none, or it cannot be told."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path costs twice as much, and this runs for each transaction
    except OSError:
        return None
    return status.st_dev, status.st_ino


def code(error: sqlite3.DatabaseError) -> int:
    """Return what an error is about; 0 where SQLite does not say."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell whether the file is no sound database any more."""
    return code(error) in _DAMAGED


def set_aside(path: Path, now: float) -> Path:
    """Move a file away, as `<name>.corrupt-<epoch>`, with what belongs to it; return where it went. Raises OSError.

    The file goes first: nobody makes a new one before the rest is out of the way too.
    """
    aside = path.with_name(f"{path.name}.corrupt-{int(now)}")
    for suffix in ("", *SIDE_FILES):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    return aside

"""Files of SQLite as the suite keeps them: what belongs to one, which errors tell of damage, and where it then goes."""

import sqlite3
from contextlib import suppress
from pathlib import Path

SIDE_FILES = ("-wal", "-shm")
_PRIMARY_CODE = 0xFF
"""The rest of an error code says which kind of it (https://www.sqlite.org/rescode.html)."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


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

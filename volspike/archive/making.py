"""Making a backup: staged, packed, read back, and only then under its name; a killed one leaves the old ones alone."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from volspike.archive import packing, room, staging
from volspike.archive.errors import BackupError
from volspike.archive.staging import Progress
from volspike.model.backup import VERSION, Manifest
from volspike.rules import rotation
from volspike.state import documents, file

SETTINGS = "volspike.env"
"""The env file's name in a backup. It holds secrets, as does the session of Telegram: a backup is its owner's alone."""
LOCK = ".backup.lock"
"""Held in the state directory that is read or taken back, and where a backup is being made."""
UNFINISHED = ".unfinished-"
_NAME = re.compile(r"volspike-(\d{4}-\d\d-\d\dT\d{6})Z\.tar\.gz", re.ASCII)
_STAMP = "%Y-%m-%dT%H%M%S"


class Backup(NamedTuple):
    """A backup on the disk."""

    path: Path
    made_at: float
    size_bytes: int


def name_of(made_at: float) -> str:
    """Return the name of a backup that was made then, epoch seconds."""
    return f"volspike-{datetime.fromtimestamp(made_at, UTC):{_STAMP}}Z.tar.gz"


def listing(directory: Path) -> list[Backup]:
    """Return the backups in a directory, the newest first; none where there is no such directory.

    A file whose name has no instant in it, or an impossible one, is none of ours.
    """
    found = []
    for path in directory.glob("volspike-*.tar.gz"):
        if (named := _NAME.fullmatch(path.name)) is not None:
            with suppress(ValueError, FileNotFoundError):  # no such day, or removed at this moment
                made_at = datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC).timestamp()
                found.append(Backup(path, made_at, path.stat().st_size))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def newest(directory: Path, now: float) -> Backup | None:
    """Return the newest backup in a directory; one that a wrong clock has dated into the future does not count."""
    return next((backup for backup in listing(directory) if backup.made_at <= now), None)


def make(
    state_dir: Path, directory: Path, env_file: Path | None, release: str, now: float, *, progress: Progress
) -> Backup:
    """Make a backup of the state directory, and of the env file where there is one; return it once it is verified.

    Raises BackupError, or OSError when the disk is full or the directory cannot be written; nothing new is there then.
    """
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    if directory.samefile(state_dir):
        raise BackupError(f"{directory} is what is backed up: choose another directory")
    with alone(state_dir), alone(directory), _workshop(directory) as workshop:
        if documents.is_half_restored(state_dir):
            raise BackupError("a restore was interrupted, what is there does not fit: volspike restore --finish")
        room.require(directory, 2 * staging.size_bytes(state_dir))  # the copies, and what they are packed into
        staged, packed = workshop / "staged", workshop / "packed"
        staged.mkdir()
        parts = staging.stage(state_dir, staged, progress)
        if env_file is not None and env_file.is_file():
            shutil.copyfile(env_file, staged / SETTINGS)
            parts.append(staging.part_of(staged / SETTINGS, packing.PRIVATE))
        packing.pack(packed, Manifest(VERSION, now, release, parts), staged)
        with packed.open("rb") as content:
            packing.read(content, None, lambda _: None)
        path = directory / name_of(now)
        packed.replace(path)
        file.sync_directory(directory)
        return Backup(path, now, path.stat().st_size)


def rotate(directory: Path, days: int, now: float) -> list[Path]:
    """Remove the backups that are too old; return them."""
    backups = {backup.made_at: backup.path for backup in listing(directory)}
    gone = [backups[at] for at in rotation.outdated(backups, days, now)]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Keep other backups and restores out of a directory. Raises BackupError where there is one, and OSError."""
    lock = file.hold(directory / LOCK)
    if lock is None:
        raise BackupError(f"another backup or a restore is under way in {directory}: wait for it")
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _workshop(directory: Path) -> Iterator[Path]:
    """Make a place on the same disk, gone when done; what a killed backup has left there goes too."""
    for leftover in directory.glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=directory) as workshop:
        yield Path(workshop)

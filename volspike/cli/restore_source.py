"""Where `volspike restore` takes a backup from: a file, the newest one, or a pipe."""

import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from volspike.archive import making
from volspike.archive.errors import problem_of
from volspike.cli import suite
from volspike.settings import Settings
from volspike.state import documents

PIPE = "-"
LATEST = "latest"


def opened_as_root(archive: str) -> IO[bytes] | None:
    """Return a backup that is given by its file, open, while the command is still root, who may read it anywhere."""
    return None if archive in ("", PIPE, LATEST) else opened(Path(archive))


def opened(path: Path) -> IO[bytes]:
    """Return this file, open; end the command where it cannot be read."""
    try:
        return path.open("rb")
    except OSError as error:
        suite.fail(f"{path} cannot be read ({error.strerror}); volspike backup --list shows the backups")


def latest(settings: Settings) -> IO[bytes]:
    """Return the newest backup, open; end the command where there is none."""
    directory = documents.backups_directory(settings.state_dir)
    newest = making.newest(directory, settings.clock.now())
    if newest is not None:
        return opened(newest.path)
    if making.listing(directory):
        return suite.fail(f"the backups in {directory} are dated into the future: see to the clock, or name a file")
    return suite.fail(f"there are no backups in {directory}; make one with volspike backup, or name a file")


def name_of(archive: str, content: IO[bytes]) -> str:
    """Return what an open backup is called: `latest` is a file, what comes through a pipe has no name."""
    return "the backup" if archive == PIPE else str(content.name)


def kept(archive: str, settings: Settings) -> IO[bytes]:
    """Return a backup, open for another process to read before it stops anything; end the command where there is none.

    What comes through a pipe is kept without a name on the disk of the state directory, so nothing of it stays.
    """
    if archive != PIPE:
        return latest(settings) if archive == LATEST else opened(Path(archive))
    try:
        with ExitStack() as to_close:
            content = to_close.enter_context(tempfile.TemporaryFile(dir=settings.state_dir))
            shutil.copyfileobj(sys.stdin.buffer, content)
            content.flush()
            to_close.pop_all()
    except OSError as error:
        suite.fail(f"nothing was stopped or restored: {problem_of(error, settings.state_dir)}")
    return content

"""What there is to restore, and a disk that has no room for it."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unit.cli.conftest import Command


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """Let this process and its children write no larger file, as on a disk that is full."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def changed_since_its_backup(volspike: Command) -> Path:
    """Return a state directory of which a backup was made, and which has changed since."""
    directory = volspike.place / "state"
    directory.mkdir(exist_ok=True)
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(directory)
    (directory / "memory.json").write_text("then")
    volspike("backup")
    (directory / "memory.json").write_text("now")
    return directory

"""`volspike backup`: the state directory as one verified file, while everything runs."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from volspike import __version__
from volspike import settings as settings_module
from volspike.archive import making
from volspike.archive.errors import BackupError, problem_of
from volspike.cli import signals, suite
from volspike.cli.listing import Column, Listing
from volspike.cli.tables import BYTES_PER_MEGABYTE, duration
from volspike.readers.env_file import env_file_of
from volspike.settings import Settings
from volspike.state import documents


@signals.end_in_order()
def backup(
    to: Annotated[Path | None, typer.Option(help="Into this directory, which is there, and remove nothing.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the backups that there are, and make none.")] = False,
) -> None:
    """Back up memories, outbox, the embedded backend's database and the env file, while everything runs.

    The file is compressed, verified, and readable for its owner alone: it holds the secrets of the env file. It lies
    beside the state directory (/var/lib/volspike-backups); of earlier ones one a day remains, for BACKUP_KEEP_DAYS
    days. volspike-backup.timer does this each night; keep a copy on another machine. Exit code 1 when none was made.
    """
    suite.become_service_user()
    settings = suite.load_settings()
    directory = to or documents.backups_directory(settings.state_dir)
    if listed:
        _show(directory, settings.clock.now())
        return
    if not settings.state_dir.is_dir():
        suite.fail(f"there is no state directory at {settings.state_dir}: nothing has run here yet")
    if to is not None and not to.is_dir():  # a missing mount would be a backup on the disk that it is to outlive
        suite.fail(f"no backup was made: there is no directory {to}: mount what belongs there, or mkdir {to}")
    try:
        _make(settings, directory, rotates=to is None)
    except BackupError as error:
        suite.fail(f"no backup was made: {error}")
    except OSError as error:
        is_suite_s = to is None or not Path(error.filename or to).is_relative_to(to)
        refused_to = suite.refused_to(error, is_suite_s=is_suite_s)
        suite.fail(f"no backup was made: {problem_of(error, directory)}{refused_to}")


def _make(settings: Settings, directory: Path, *, rotates: bool) -> None:
    env_file, now = env_file_of(settings.runtime_dir), settings.clock.now()
    made = making.make(settings.state_dir, directory, env_file, __version__, now, progress=say_name)
    sys.stdout.write(f"{made.path} made and verified, {_size(made)}\n")
    for path in making.rotate(directory, settings.backup_keep_days, now) if rotates else ():
        sys.stdout.write(f"removed {path.name}\n")


def _show(directory: Path, now: float) -> None:
    backups = making.listing(directory)
    if not backups:
        sys.stdout.write(f"There are no backups in {directory}.\n{_of_demo(directory)}")
        return
    table = Listing(Column("BACKUP"), Column("MADE (UTC)"), Column("AGE", "right"), Column("SIZE", "right"))
    for one in backups:
        made_at = f"{datetime.fromtimestamp(one.made_at, UTC):%Y-%m-%d %H:%M:%S}"
        table.add(str(one.path), made_at, duration(now - one.made_at), _size(one))
    table.show(Console(highlight=False))


def _of_demo(looked_at: Path) -> str:
    """Return the line that leads to the backups of a demo that has ended, if there are any; one that runs is looked at.

    Where it is not said, nobody finds what `volspike backup` has made while the demo ran.
    """
    state_dir = suite.demo_directory(settings_module.default_state_dir(settings_module.environment()))
    directory = documents.backups_directory(state_dir)
    if suite.is_production() or directory == looked_at or not making.listing(directory):
        return ""
    return f"Those of the demo are there until the next one starts: volspike backup --list --to {directory}\n"


def _size(made: making.Backup) -> str:
    return f"{made.size_bytes / BYTES_PER_MEGABYTE:.1f} MB"


def say_name(name: str) -> None:
    """Say which file's turn it is: a large one takes its time."""
    sys.stdout.write(f"  {name}\n")
    sys.stdout.flush()

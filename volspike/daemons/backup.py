"""Backup: once a day, the state directory as one verified file, and the oldest ones removed."""

import logging
import sys

from volspike import __version__
from volspike.archive import making
from volspike.archive.errors import BackupError, problem_of
from volspike.daemons.launch import launch
from volspike.readers.env_file import env_file_of
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0
MEGABYTE = 1_000_000


def run(daemon: Daemon, settings: Settings, _once: bool) -> int:
    """Make one; return 1 when that was not possible, for systemd to try again."""
    directory = documents.backups_directory(settings.state_dir)
    env_file = env_file_of(settings.runtime_dir)
    now, began = settings.clock.now(), settings.clock.monotonic()
    try:
        backup = making.make(settings.state_dir, directory, env_file, __version__, now, progress=daemon.progress)
        removed = making.rotate(directory, settings.backup_keep_days, now)
    except (BackupError, OSError) as error:
        problem = problem_of(error, directory) if isinstance(error, OSError) else str(error)
        log.error("no backup could be made: %s", problem)
        daemon.announce(f"no backup could be made: {problem}", next_due_seconds=DAY_SECONDS)
        return 1
    for path in removed:
        log.info("removed an old backup", extra={"path": str(path)})
    said = f"{backup.path.name} made and verified, {backup.size_bytes / MEGABYTE:.1f} MB"
    log.info("%s", said, extra={"path": str(backup.path)})
    daemon.metrics.gauge("backup_timestamp_seconds", "When the latest backup was made.").set(backup.made_at)
    daemon.metrics.gauge("backup_size_bytes", "How large it is.").set(backup.size_bytes)
    daemon.metrics.gauge("backup_duration_seconds", "How long it took.").set(settings.clock.monotonic() - began)
    daemon.announce(said, next_due_seconds=DAY_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(launch("backup", run))

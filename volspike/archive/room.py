"""Room on a disk: what would fill it is refused before a byte of it is there, for others write there too."""

import shutil
from pathlib import Path

from volspike.archive.errors import BackupError

SPARED_BYTES = 64_000_000
"""What is left free of a disk: a suite that has no room to write does not run."""


def require(directory: Path, needed_bytes: int) -> None:
    """Raise BackupError where so much does not fit on the disk of a directory."""
    free = shutil.disk_usage(directory).free
    if needed_bytes + SPARED_BYTES > free:
        wanted = f"it needs {needed_bytes / 1e6:.1f} MB, and {SPARED_BYTES / 1e6:.0f} MB are to stay free"
        raise BackupError(f"{wanted}; {free / 1e6:.1f} MB are free for {directory}: free some first")

"""What may be wrong with a backup, and with the disk that it is on."""

from pathlib import Path


class BackupError(Exception):
    """A backup that cannot be made, is damaged, or does not fit; the message is for the operator."""


def problem_of(error: OSError, place: Path) -> str:
    """Return what was refused, and where: an error of a copy names where it went, one of a write nothing."""
    return f"{error.filename2 or error.filename or place}: {error.strerror}"

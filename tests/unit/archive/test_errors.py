"""What may be wrong with a backup is one kind of error."""

import errno
from pathlib import Path

import pytest

from volspike.archive.errors import BackupError, problem_of


def test_it_says_what_is_wrong() -> None:
    assert str(BackupError("it is cut off")) == "it is cut off"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "/backups: No space left on device"),
        (OSError(errno.EACCES, "Permission denied", "/backups/.lock"), "/backups/.lock: Permission denied"),
        (OSError(errno.ENOSPC, "No space left on device", "/from", None, "/to"), "/to: No space left on device"),
    ],
)
def test_what_the_disk_has_refused_is_told_with_the_place_it_was_refused_at(error: OSError, told: str) -> None:
    assert problem_of(error, Path("/backups")) == told

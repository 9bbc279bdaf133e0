"""What may be wrong with a backup is one kind of error."""

from volspike.archive.errors import BackupError


def test_it_says_what_is_wrong() -> None:
    assert str(BackupError("it is cut off")) == "it is cut off"

"""Whose files and directories are, and who may do what with them."""

import grp
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from volspike.model.diagnosis import Place

OF_THE_FILE_SYSTEM = "lost+found"
"""What ext4 has at the root of a disk, for root to find there what a repair could not place (mklost+found(8))."""


def look(place: Place) -> Place | None:
    """Return a place as it is, with what is directly in it that belongs to others; None for what one may not see."""
    path = Path(place.path)
    try:
        seen = path.stat()
        strangers = tuple(_strangers(path, seen.st_uid)) if place.owner and stat.S_ISDIR(seen.st_mode) else ()
    except FileNotFoundError:
        return replace(place, exists=False)
    except PermissionError:
        return None
    return replace(
        place,
        actual_owner=_user(seen.st_uid),
        actual_group=_group(seen.st_gid),
        actual_mode=stat.S_IMODE(seen.st_mode),
        strangers=strangers,
    )


def _strangers(directory: Path, owner: int) -> Iterator[str]:
    for path in sorted(directory.iterdir()):
        try:
            if path.lstat().st_uid != owner and path.name != OF_THE_FILE_SYSTEM:
                yield path.name
        except FileNotFoundError:  # replaced meanwhile: the suite is alive
            continue


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)

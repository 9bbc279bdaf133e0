"""Taking a backup back: all of it or nothing, and what was there before is kept aside.

The parts are unpacked and verified beside what is there. One rename then decides; from there on a restore only goes
forward, and one that was killed is finished by the next, while no daemon starts on half a state.
"""

import shutil
from pathlib import Path
from typing import IO

from volspike.archive import packing, staging
from volspike.archive.making import SETTINGS
from volspike.archive.staging import Progress
from volspike.model.backup import Manifest
from volspike.state import documents, file

ASIDE = "before-restore-"
STAYS_SUFFIX = ".lock"


def unpack(archive: IO[bytes], state_dir: Path, progress: Progress) -> Manifest:
    """Put a backup's parts beside what is there, ready to be taken; nothing has changed yet.

    Raises BackupError when anything in it is not as it was written or there is no room for it, and OSError when the
    disk is full nevertheless.
    """
    state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    place = state_dir / documents.RESTORE_UNPACKING
    discard(state_dir)
    place.mkdir(mode=0o700)
    manifest = packing.read(archive, place, progress)
    for part in manifest.parts:
        if staging.is_database(place / part.name):
            staging.check_database(place / part.name)
    (place / SETTINGS).unlink(missing_ok=True)
    file.sync_directory(place)
    return manifest


def discard(state_dir: Path) -> None:
    """Forget what was unpacked and not taken."""
    shutil.rmtree(state_dir / documents.RESTORE_UNPACKING, ignore_errors=True)


def take(state_dir: Path) -> Path:
    """Put what was unpacked in the place of what is there; return where that is now. Raises OSError."""
    (state_dir / documents.RESTORE_UNPACKING).rename(state_dir / documents.RESTORE_DECIDED)
    file.sync_directory(state_dir)
    return finish(state_dir)


def finish(state_dir: Path) -> Path:
    """Go on with a restore that was decided, from wherever it was interrupted; return where the former files are."""
    decided, cleared = state_dir / documents.RESTORE_DECIDED, state_dir / documents.RESTORE_CLEARED
    if decided.exists():
        aside = state_dir / f"{ASIDE}{int(decided.stat().st_mtime)}"  # the same one, however often this begins
        aside.mkdir(mode=0o700, exist_ok=True)
        for path in _present(state_dir):
            path.rename(aside / path.name)
        decided.rename(cleared)
    for path in sorted(cleared.iterdir()):
        path.rename(state_dir / path.name)
    file.sync_directory(state_dir)
    cleared.rmdir()
    return max(state_dir.glob(f"{ASIDE}*"))


def _present(state_dir: Path) -> list[Path]:
    """Return the files that give way: all but locks, which are somebody's, and an emergency stop, which goes on."""
    return [
        path
        for path in state_dir.iterdir()
        if path.is_file() and path.suffix != STAYS_SUFFIX and path.name != documents.EMERGENCY_STOP
    ]

"""The flag of an emergency stop, in the state directory: as long as the file is there, nobody is asked or told.

That the file is there is what counts, whatever is in it: a stop must not be undone by a full disk or a slip of the pen.
"""

import os
from pathlib import Path

from msgspec import MsgspecError

from volspike.model.documents import VERSION, EmergencyStop
from volspike.state import documents, file


def is_on(state_dir: Path) -> bool:
    """Tell whether there is an emergency stop; every daemon asks twice a second, so it must cost next to nothing."""
    return os.access(f"{state_dir}/{documents.EMERGENCY_STOP}", os.F_OK)


def read(state_dir: Path) -> EmergencyStop | None:
    """Return the emergency stop that holds, or None; one that cannot be read holds since the file was written."""
    path = state_dir / documents.EMERGENCY_STOP
    try:
        written_at = path.stat().st_mtime
    except OSError:
        return None
    try:
        return documents.decode(path.read_bytes(), EmergencyStop)
    except (OSError, MsgspecError, ValueError):
        return EmergencyStop(VERSION, written_at)


def begin(state_dir: Path, stop: EmergencyStop) -> None:
    """Let it hold from now on, also after a reboot. Raises OSError when not even an empty file can be made."""
    state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = state_dir / documents.EMERGENCY_STOP
    try:
        file.write(path, documents.encode(stop), durable=True)
    except OSError:  # a full disk has room for an empty file, more often than not, and that holds too
        path.touch()


def end(state_dir: Path) -> bool:
    """Let it hold no longer; return whether there was one. Raises OSError when the flag cannot be removed."""
    try:
        (state_dir / documents.EMERGENCY_STOP).unlink()
    except FileNotFoundError:
        return False
    return True

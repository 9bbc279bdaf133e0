"""Whose settings a suite has: the server's, those of the folder that its user is in, or none."""

from pathlib import Path

from volspike.clients.errors import Transient
from volspike.clients.supervision import foreground
from volspike.settings import PRODUCTION_ENV_FILE

LOCAL_ENV_FILE = Path(".env")


def env_file_of(runtime_dir: Path) -> Path | None:
    """Return where the suite of this runtime directory has its settings, whether or not there is such a file.

    A `volspike up` has those of its folder, also on a server; a simulated one has nobody's, so None.
    """
    try:
        running = foreground.read(runtime_dir)
    except Transient:
        return PRODUCTION_ENV_FILE if _is_installed() else LOCAL_ENV_FILE
    return None if running.simulated else LOCAL_ENV_FILE


def _is_installed() -> bool:
    try:
        return PRODUCTION_ENV_FILE.exists()
    except PermissionError:  # there is something; a backup that may not read it has to say so
        return True

"""The view of a suite that `volspike up` keeps alive: its state file, and its folder of wishes."""

from pathlib import Path

from msgspec import MsgspecError

from volspike.clients.errors import Transient
from volspike.model.health import UnitState
from volspike.model.supervision import Supervision
from volspike.state import documents, file

WISHES = ".restart"


class Foreground:
    """The daemons of the `volspike up` that runs in this runtime directory."""

    def __init__(self, runtime_dir: Path) -> None:
        self._runtime_dir = runtime_dir

    def states(self) -> list[UnitState]:
        """Return the state of every daemon. Raises Transient when no suite runs here."""
        return read(self._runtime_dir).units

    def restart(self, unit: str, *, reset_failed: bool) -> None:  # noqa: ARG002 - a wish starts what was given up too
        """Wish for a restart; the supervisor grants it within a second. Raises Transient when it cannot be told."""
        wishes = self._runtime_dir / WISHES
        try:
            wishes.mkdir(exist_ok=True)
            file.write(wishes / unit, b"")
        except OSError as error:
            raise Transient(f"{wishes} cannot be written: {error.strerror}") from None


def read(runtime_dir: Path) -> Supervision:
    """Return what the supervisor of this runtime directory says. Raises Transient when there is none alive."""
    path = runtime_dir / documents.SUPERVISION
    try:
        supervision = documents.decode(path.read_bytes(), Supervision)
    except FileNotFoundError:
        raise Transient(f"no suite runs in {runtime_dir}") from None
    except (OSError, MsgspecError, ValueError) as error:
        raise Transient(f"{path} cannot be read: {error}") from None
    if not file.is_held(runtime_dir / documents.SUPERVISION_LOCK):
        raise Transient(f"the suite that ran in {runtime_dir} has ended")
    return supervision


def is_running(runtime_dir: Path) -> bool:
    """Tell whether a `volspike up` lives in this runtime directory."""
    try:
        read(runtime_dir)
    except Transient:
        return False
    return True


def take_wishes(runtime_dir: Path) -> list[str]:
    """Return the units whose restart was wished for, each once; only the supervisor calls this."""
    wishes = sorted((runtime_dir / WISHES).glob("*.service"))
    for wish in wishes:
        wish.unlink(missing_ok=True)
    return [wish.name for wish in wishes]

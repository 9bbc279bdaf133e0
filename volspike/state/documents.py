"""The state files: where each lives, and its content to and from bytes.

What the next second replaces lives in the runtime directory (memory), what must survive in the state directory.
"""

from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from volspike.model.documents import VERSION
from volspike.model.suite import HEALTH_MONITOR
from volspike.state.file import Reader


class Versioned(Protocol):
    """What every document has."""

    @property
    def version(self) -> int:
        """Return the version of its format."""


Document = TypeVar("Document", bound=Versioned)

FUNDING = ".funding_state.json"
TICKERS = ".ticker_state.json"
OPEN_INTEREST = ".open_interest.json"
HOURLY_VOLUME = ".hourly_volume.json"
FUNDING_INTERVALS = ".funding_intervals.json"
FUNDING_HISTORY = ".funding_history"
OUTBOX_STATE = ".outbox_state.json"
WEIGHT = ".binance_weight"
MAINTENANCE = ".maintenance.json"
SUPERVISION = ".supervision.json"
SUPERVISION_LOCK = ".supervision.lock"
HEALTH_REPORT = "health.json"
RESTART_BUDGET = "restarts.json"
LISTING = "listing.json"
BAN = "ban.json"
LIMITS = "limits.json"
EMERGENCY_STOP = ".emergency_stop.json"
RESTORE_UNPACKING = ".restore-unpacking"
RESTORE_DECIDED = ".restore-decided"
RESTORE_CLEARED = ".restore-cleared"
OUTBOX = "outbox.db"
OUTBOX_LOCK = ".outbox.lock"
MUTES = ".mutes.json"
MUTES_LOCK = ".mutes.lock"
BACKEND = "backend.db"
BACKEND_KEY = ".backend_key"
VOLUME_ALERTS = ".volume_alerts_state.json"
USER_ALERTS = ".user_alerts_state.json"
OI_COOLDOWNS = ".oi_alert_cooldowns.json"
OI_STATES = ".oi_alert_states.json"
OI_HISTORY = ".oi_history"
LIQUID_UNIVERSE = ".liquid_universe.json"
TELEGRAM_POLLER = ".telegram_poller_state.json"
TELEGRAM_SESSION = "volspike_telegram.session"
TELEGRAM_CHANNELS = ".telegram_channels.json"

_encoder = msgspec.json.Encoder()
encode = _encoder.encode


class UnknownVersionError(ValueError):
    """A file of another release; the message names the version found and the one understood."""


def decode(content: bytes, kind: type[Document]) -> Document:
    """Return the document in these bytes. Raises MsgspecError, or ValueError such as UnknownVersionError."""
    try:
        document = msgspec.json.decode(content, type=kind)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if document.version != VERSION:
        raise UnknownVersionError(f"version {document.version} found, {VERSION} understood")
    return document


def reader(path: Path, kind: type[Document]) -> Reader[Document]:
    """Return a reader of the document at `path`."""
    return Reader(path, lambda content: decode(content, kind))


def home(directory: Path, daemon: str) -> Path:
    """Return where a daemon may write: the suite's directory, or the monitor's own beside it.

    The monitor runs as root. systemd hands a directory to the user of each unit that names it, so a root unit must
    never share one with its charges.
    """
    return health_directory(directory) if daemon == HEALTH_MONITOR else directory


def heartbeat_path(runtime_dir: Path, daemon: str) -> Path:
    """Return where a daemon keeps its heartbeat."""
    return home(runtime_dir, daemon) / ".heartbeat" / f"{daemon}.json"


def metrics_path(runtime_dir: Path, daemon: str) -> Path:
    """Return where a daemon keeps its metrics, in the Prometheus text format."""
    return home(runtime_dir, daemon) / "metrics" / f"{daemon}.prom"


def health_directory(directory: Path) -> Path:
    """Return the monitor's own directory beside one of the suite's."""
    return directory.with_name(f"{directory.name}-health")


def backups_directory(state_dir: Path) -> Path:
    """Return where backups are kept: beside the state directory, so that what destroys that may spare them."""
    return state_dir.with_name(f"{state_dir.name}-backups")


def is_half_restored(state_dir: Path) -> bool:
    """Tell whether a restore was interrupted, so that what is there does not fit together."""
    return any((state_dir / name).exists() for name in (RESTORE_DECIDED, RESTORE_CLEARED))

"""What the state files hold. Every one carries a version; a reader refuses a version it does not know."""

from enum import StrEnum

from msgspec import Struct

from volspike.model.alerts import AlertMemory, Direction, VolumeMemory
from volspike.model.market import ConnectionStatus, FundingRow, OpenInterestRow, TickerRow, VolumeRow
from volspike.model.universe import Member

VERSION = 1


class FundingDocument(Struct, frozen=True):
    """`.funding_state.json`: mark prices and funding by symbol, and the state of the stream."""

    version: int
    funding_state: dict[str, FundingRow]
    connection_status: ConnectionStatus
    updated_at: float
    daemon_pid: int


class TickerDocument(Struct, frozen=True):
    """`.ticker_state.json`: 24-hour statistics by symbol."""

    version: int
    tickers: dict[str, TickerRow]
    updated_at: float


class OpenInterestDocument(Struct, frozen=True):
    """`.open_interest.json`: open interest by symbol, in contracts, as of each symbol's latest answer."""

    version: int
    open_interest: dict[str, OpenInterestRow]
    updated_at: float


class HourlyVolumeDocument(Struct, frozen=True):
    """`.hourly_volume.json`: the volume of each symbol's last hours, as the latest scan has seen it."""

    version: int
    hourly_volume: dict[str, VolumeRow]
    updated_at: float


class FundingIntervalsDocument(Struct, frozen=True):
    """`.funding_intervals.json`: how many hours lie between two fundings of a symbol; absent is unknown."""

    version: int
    hours: dict[str, int]
    updated_at: float


class OpenInterestStatesDocument(Struct, frozen=True):
    """`.oi_alert_states.json`: on which side of a threshold open interest stands, by `SYMBOL|timeframe`.

    What is within its threshold is left out.
    """

    version: int
    states: dict[str, Direction]
    updated_at: float


class LiquidUniverseDocument(Struct, frozen=True):
    """`.liquid_universe.json`: the symbols whose open interest is polled, as last worked out."""

    version: int
    symbols: dict[str, Member]
    updated_at: float


class VolumeAlertsDocument(Struct, frozen=True):
    """`.volume_alerts_state.json`: what is remembered of each symbol's volume."""

    version: int
    symbols: dict[str, VolumeMemory]
    updated_at: float


class UserAlertsDocument(Struct, frozen=True):
    """`.user_alerts_state.json`: what is remembered of each active user alert, by its id."""

    version: int
    alerts: dict[str, AlertMemory]
    updated_at: float


class Heartbeat(Struct, frozen=True):
    """`.heartbeat/<daemon>.json`: when a daemon last did something, what, and when it promises the next sign.

    `next_due_monotonic` is the same instant by a clock of the machine that no step can move.
    """

    version: int
    daemon: str
    pid: int
    started_at: float
    at: float
    status: str
    next_due: float
    next_due_monotonic: float | None = None


class Maintenance(Struct, frozen=True):
    """`.maintenance.json`: until when the operator wants no repairs."""

    version: int
    until: float


class EmergencyStop(Struct, frozen=True):
    """`.emergency_stop.json`: since when, and why, an operator wants nobody asked and nothing sent."""

    version: int
    since: float
    reason: str = ""


class Ban(Struct, frozen=True):
    """`ban.json`: until when Binance has told the monitor to keep away."""

    version: int
    until: float


class Mute(Struct, frozen=True):
    """From when to when (epoch seconds) people are not told of a symbol."""

    since: float
    until: float


class MutesDocument(Struct, frozen=True):
    """`.mutes.json`: the muted symbols; what has ended stays until the next change."""

    version: int
    mutes: dict[str, Mute]
    updated_at: float


class DestinationState(Struct, frozen=True):
    """How deliveries to one destination stand; what was settled is counted over the last 24 hours.

    `resent` counts what went out a second time because nobody knows whether the first was taken, since the courier
    started. While `paused_since` is set nothing is sent, for `reason`. Until `quiet_until`, if set, it is left alone,
    and `oldest_waiting_at` counts as if quiet hours took no time.
    """

    waiting: int = 0
    oldest_waiting_at: float | None = None
    delivered: int = 0
    refused: int = 0
    expired: int = 0
    dropped: int = 0
    resent: int = 0
    paused_since: float | None = None
    reason: str = ""
    quiet_until: float | None = None


class OutboxDocument(Struct, frozen=True):
    """`.outbox_state.json`: how deliveries stand, by destination."""

    version: int
    destinations: dict[str, DestinationState]
    updated_at: float


class ChannelTrouble(StrEnum):
    """Why a Telegram channel cannot be read: it is not there, its page has another shape, or nobody answers."""

    GONE = "gone"
    SHAPE = "shape"
    AWAY = "away"


class ChannelState(Struct, frozen=True):
    """How one channel is read; while something is wrong, `trouble` is its kind, since when, and why."""

    read_at: float | None = None
    trouble: ChannelTrouble | None = None
    since: float | None = None
    problem: str = ""


class ChannelsDocument(Struct, frozen=True):
    """`.telegram_channels.json`: how each Telegram channel is read, and since when the backend takes no posts."""

    version: int
    channels: dict[str, ChannelState]
    updated_at: float
    backend_since: float | None = None
    backend_problem: str = ""

"""Alerts as the suite speaks of them, and as the backend takes them.

A VolumeAlert, an OpenInterestAlert, a Trigger and a Report encode to the JSON that the backend accepts (a trigger and
a report lack only its key): camelCase, times as ISO with `Z`, and an optional value that is unknown is left out, for
the backend refuses null. Changes are fractions (0.05 is 5 %), volumes are USDT, open interest is in contracts.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class AlertType(StrEnum):
    """Which word on an hour a volume alert is: the first, or one that follows it up with current numbers."""

    SPIKE = "SPIKE"
    HALF_UPDATE = "HALF_UPDATE"
    FULL_UPDATE = "FULL_UPDATE"


class CandleDirection(StrEnum):
    """Whether an hour closed above its open; one that closed where it opened is bearish."""

    BULLISH = "bullish"
    BEARISH = "bearish"


class VolumeAlert(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An hour whose quote volume is a multiple of the hour before.

    `hour_timestamp` is the start of that hour. `detection_time` is the start of the scan floored to five minutes: by
    it the backend decides when which tier hears of it, an unaligned one delays users. `timestamp` is the present.
    """

    symbol: str
    asset: str
    message: str
    alert_type: AlertType
    is_update: bool
    current_volume: float
    previous_volume: float
    volume_ratio: float
    price: float
    candle_direction: CandleDirection
    hour_timestamp: datetime
    detection_time: datetime
    timestamp: datetime
    price_change: float | None = None
    funding_rate: float | None = None
    oi_change: float | None = None

    @property
    def key(self) -> str:
        """Return the name of the episode, the same however often this alert is sent."""
        return f"volume:{self.symbol}:{self.hour_timestamp:%Y-%m-%dT%H}:{self.alert_type}"


class VolumeEpisode(Struct, frozen=True):
    """An hour that has been alerted while it was open; `initial_minute` is the minute of that scan's mark."""

    hour: int
    initial_minute: int
    half_sent: bool = False


class VolumeMemory(Struct, frozen=True):
    """What is remembered of one symbol's volume. Hours are the epoch seconds of their start."""

    judged_hour: int = 0
    """The latest hour that has been judged after its end: the last word on it and on all before it."""
    episode: VolumeEpisode | None = None


class Direction(StrEnum):
    """Which way a value went."""

    UP = "UP"
    DOWN = "DOWN"


class OpenInterestAlert(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Open interest that moved by at least the threshold of a timeframe; `timestamp` is that of the sample."""

    symbol: str
    direction: Direction
    timeframe: str
    timestamp: datetime
    baseline: float
    current: float
    pct_change: float
    abs_change: float
    source: str
    price_change: float | None = None
    funding_rate: float | None = None

    @property
    def key(self) -> str:
        """Return the name of the episode, the same however often this alert is sent."""
        return f"oi:{self.symbol}:{self.timeframe}:{self.direction}:{int(self.timestamp.timestamp())}"


class UserAlertType(StrEnum):
    """What a user's alert watches: the last price in USDT, the funding rate as a fraction, open interest in USD."""

    PRICE_CROSS = "PRICE_CROSS"
    FUNDING_CROSS = "FUNDING_CROSS"
    OI_CROSS = "OI_CROSS"


class UserAlert(Struct, frozen=True, gc=False, rename="camel"):
    """A threshold that a user has set, as the backend lists it; the unit is that of the type.

    `symbol` may be a legacy one without its quote (BTC). The tier is an open set.
    """

    id: str
    symbol: str
    alert_type: UserAlertType
    threshold: float
    last_checked_value: float | None = None
    last_checked_at: datetime | None = None
    user_tier: str = "free"


class Checked(Struct, frozen=True, gc=False):
    """The value that an alert watches, and when (epoch seconds) it was looked at."""

    value: float
    at: float


class AlertMemory(Struct, frozen=True, gc=False, omit_defaults=True):
    """What is remembered of one user's alert: its latest value, and the latest that the backend was told."""

    latest: Checked | None = None
    reported: Checked | None = None
    triggered: bool = False
    """Whether `latest` is the value that fired it."""


class Trigger(Struct, frozen=True, rename="camel"):
    """What the backend is told when a user's threshold was crossed; it fires the alert once."""

    alert_id: str
    symbol: str
    current_value: float
    previous_value: float
    crossed_up: bool


class Cross(Struct, frozen=True):
    """A threshold that was crossed, and when (epoch seconds) the value was still on the other side of it.

    The threshold is in the unit of the alert's type, as the values of the trigger are.
    """

    trigger: Trigger
    previous_at: float
    alert_type: UserAlertType
    threshold: float

    @property
    def key(self) -> str:
        """Return the name of the episode, the same however often this trigger is sent."""
        return f"user:{self.trigger.alert_id}:{int(self.previous_at)}"


class Report(Struct, frozen=True, rename="camel"):
    """What the backend is told, now and then, of an alert that was checked and not crossed."""

    alert_id: str
    last_checked_value: float

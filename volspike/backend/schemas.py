"""What the routes take and answer, as the OpenAPI page shows it; types are strict, unknown keys are ignored."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from volspike.model.alerts import AlertType, CandleDirection, Direction, UserAlertType
from volspike.model.delivery import Kind

MAX_SAMPLES = 100
MAX_POSTS = 50
MAX_UNIVERSE = 5_000

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Utc = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$",
        description="ISO date-time ending in Z",
        examples=["2026-01-02T14:05:00Z"],
    ),
]
Fraction = Annotated[float, Meta(gt=-10_000, lt=10_000, description="0.05 is 5 %")]
Usdt = Annotated[float, Meta(description="in USDT")]
Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Key = Annotated[str, Meta(description="the backend's key")]


def _check(*texts: str) -> None:
    """Raise ValueError for a time that has the form of one and is none, such as the 30th of February."""
    for text in texts:
        datetime.fromisoformat(text)


class VolumeAlert(Struct, kw_only=True, frozen=True, rename="camel"):
    """An hour whose quote volume is a multiple of the hour before. What is unknown is left out, null is refused."""

    symbol: str
    asset: str
    message: str
    current_volume: Usdt
    previous_volume: Usdt
    volume_ratio: Annotated[float, Meta(description="current over previous")]
    timestamp: Utc
    hour_timestamp: Annotated[Utc, Meta(description="the beginning of the hour; ISO ending in Z")]
    detection_time: Annotated[Utc, Meta(description="start of the scan floored to 5 minutes")] | UnsetType = UNSET
    price: Usdt | UnsetType = UNSET
    funding_rate: float | UnsetType = UNSET
    price_change: float | UnsetType = UNSET
    oi_change: float | UnsetType = UNSET
    candle_direction: CandleDirection | UnsetType = UNSET
    alert_type: AlertType = AlertType.SPIKE
    is_update: bool = False

    def __post_init__(self) -> None:
        _check(self.timestamp, self.hour_timestamp)
        if self.detection_time is not UNSET:
            _check(self.detection_time)


class Timeframe(StrEnum):
    """Within which time open interest has moved."""

    MINUTES_5 = "5 min"
    MINUTES_15 = "15 min"
    HOUR = "1 hour"


class OpenInterestAlert(Struct, kw_only=True, frozen=True, rename="camel"):
    """Open interest that has moved by at least the threshold of a timeframe; baseline and current in contracts."""

    symbol: str
    direction: Direction
    baseline: float
    current: float
    pct_change: Fraction
    abs_change: Annotated[float, Meta(description="in contracts")]
    timestamp: Annotated[str, Meta(description="ISO date-time of the sample")]
    source: str
    timeframe: Timeframe
    price_change: Fraction | None = None
    funding_rate: Fraction | None = None

    def __post_init__(self) -> None:
        _check(self.timestamp)


class Sample(Struct, frozen=True, rename="camel"):
    """The open interest of one symbol; without a mark price the last two are left out."""

    symbol: Name
    open_interest: Annotated[float, Meta(description="in contracts")]
    open_interest_usd: float | None = None
    mark_price: float | None = None


class Samples(Struct, frozen=True, rename="camel"):
    """A part of a sweep. An item that is no `Sample` is dropped, a time that is none answers `success: false`."""

    data: Annotated[list[Raw], Meta(min_length=1, max_length=MAX_SAMPLES, description="items of the form of Sample")]
    timestamp: Annotated[Any, Meta(description="ISO date-time; a number is epoch milliseconds")] = None
    total_symbols: int = 0
    source: str = ""


class Taken(Struct, frozen=True):
    """What became of samples."""

    success: bool
    inserted: int
    cached: int
    errors: list[str] | UnsetType = UNSET


class Snapshot(Struct, frozen=True, rename="camel"):
    """The newest sample at or before an instant, of any age: look at `ts`."""

    found: bool
    symbol: str
    open_interest: float | UnsetType = UNSET
    open_interest_usd: float | UnsetType | None = UNSET
    mark_price: float | UnsetType | None = UNSET
    ts: str | UnsetType = UNSET
    source: str | UnsetType = UNSET


class Point(Struct, frozen=True, rename="camel"):
    """The last sample of five minutes."""

    ts: str
    open_interest: float
    open_interest_usd: float | None
    mark_price: float | None


class History(Struct, frozen=True):
    """Open interest of one symbol over time, oldest first."""

    symbol: str
    points: list[Point]


class UniverseMember(Struct, frozen=True, rename="camel"):
    """A symbol of the liquid universe; `enteredAt` is null for one that is in it already."""

    symbol: Name
    quote_volume_24h: Usdt = field(name="quoteVolume24h")
    entered_at: Utc | None
    last_seen_at: Utc

    def __post_init__(self) -> None:
        _check(self.last_seen_at, self.entered_at or self.last_seen_at)


class UniverseUpdate(Struct, frozen=True, rename="camel"):
    """The whole new universe; an empty one is refused."""

    symbols: Annotated[list[UniverseMember], Meta(max_length=MAX_UNIVERSE)]
    updated_at: Utc

    def __post_init__(self) -> None:
        _check(self.updated_at)


class UniverseUpdated(Struct, frozen=True, rename="camel"):
    """What became of the universe."""

    success: bool
    upserted: int
    removed: int
    total_symbols: int


class UniverseRow(Struct, frozen=True, rename="camel"):
    """A symbol of the liquid universe, and how often its open interest is polled."""

    symbol: str
    quote_volume_24h: float = field(name="quoteVolume24h")
    entered_at: str | None
    last_seen_at: str | None
    estimated_poll_interval_sec: int


class Universe(Struct, frozen=True, rename="camel"):
    """The liquid universe; thresholds in USDT a day."""

    updated_at: str | None
    enter_threshold: float
    exit_threshold: float
    symbols: list[UniverseRow]
    total_symbols: int


class DeliveryMethod(StrEnum):
    """How a user is told; the embedded backend keeps it and tells through its lists alone."""

    DASHBOARD = "DASHBOARD"
    EMAIL = "EMAIL"
    BOTH = "BOTH"


class NewUserAlert(Struct, frozen=True, rename="camel"):
    """A threshold to watch: the last price in USDT, the funding rate as a fraction, or open interest in USD."""

    symbol: Name
    alert_type: UserAlertType
    threshold: float
    delivery_method: DeliveryMethod = DeliveryMethod.DASHBOARD


class ActiveAlert(Struct, frozen=True, gc=False, rename="camel"):
    """A user alert that may fire."""

    id: str
    user_id: str
    symbol: str
    alert_type: str
    threshold: float
    last_checked_value: float | None
    last_checked_at: str | None
    delivery_method: str
    user_tier: str


class UserAlert(ActiveAlert, frozen=True, gc=False, rename="camel"):
    """A user alert; one that has fired is not active until it is armed again."""

    active: bool
    created_at: str
    fired_at: str | None


class ActiveAlerts(Struct, frozen=True):
    """The user alerts that may fire."""

    alerts: list[ActiveAlert]


class UserAlerts(Struct, frozen=True):
    """All user alerts."""

    alerts: list[UserAlert]


class Trigger(Struct, frozen=True, rename="camel"):
    """A threshold that was crossed; the alert fires once."""

    alert_id: str
    symbol: str
    current_value: float
    previous_value: float
    crossed_up: bool
    api_key: Key


class Checked(Struct, frozen=True, rename="camel"):
    """A value that was looked at and had not crossed."""

    alert_id: str
    last_checked_value: float
    api_key: Key


class Channel(Struct, frozen=True):
    """A Telegram channel."""

    id: Integer
    username: str
    title: str
    category: str = "general"


class Post(Struct, frozen=True):
    """A post of a channel; every key must be there, null where nothing is known."""

    id: Integer
    text: str | None
    date: Annotated[str, Meta(description="ISO date-time")]
    sender_name: str | None
    views: Integer | None
    forwards: Integer | None
    has_media: bool
    media_type: str | None
    links: list[str]


class Posts(Struct, frozen=True):
    """Posts of one channel; those that are known already are brought up to date."""

    channel: Channel
    messages: Annotated[list[Post], Meta(max_length=MAX_POSTS)]


class PostsTaken(Struct, frozen=True):
    """What became of posts; one whose date is none is only counted as an error."""

    success: bool
    inserted: int
    duplicates: int
    errors: int


class ListedKind(StrEnum):
    """The kinds of alerts in the list."""

    VOLUME = Kind.VOLUME.value
    OPEN_INTEREST = Kind.OPEN_INTEREST.value
    TRIGGER = Kind.TRIGGER.value


class ListedAlert(Struct, frozen=True):
    """An alert as it was taken; ids grow with time."""

    id: int
    kind: str
    symbol: str
    at: str
    alert: Raw


class ListedAlerts(Struct, frozen=True):
    """The latest alerts, newest first; `next` is the `before` of the page that follows, null on the last one."""

    alerts: list[ListedAlert]
    next: int | None


class ListedPost(Struct, frozen=True):
    """A post as it was taken, and its channel."""

    channel: Channel
    post: Raw


class ListedPosts(Struct, frozen=True):
    """The latest posts, newest first; `next` is the `before` of the page that follows, null on the last one."""

    messages: list[ListedPost]
    next: str | None


Limit = Annotated[int, Meta(ge=1, le=500)]


class AlertQuery(Struct, frozen=True):
    """Which alerts are listed."""

    kind: ListedKind | None = None
    symbol: str | None = None
    limit: Limit = 100
    before: Integer | None = None
    after: Integer | None = None


class PostQuery(Struct, frozen=True):
    """Which posts are listed: of one channel by its username, or of all; `before` is the `next` of another page."""

    channel: str | None = None
    limit: Limit = 100
    before: Annotated[str, Meta(pattern=r"^-?\d{1,18}:-?\d{1,18}:-?\d{1,18}$")] | None = None


class SnapshotQuery(Struct, frozen=True):
    """Which sample is asked for."""

    symbol: str
    ts: str


class HistoryQuery(Struct, frozen=True):
    """Which symbol, and how many hours back."""

    symbol: str
    hours: Annotated[int, Meta(ge=1, le=720)] = 24


class Success(Struct, frozen=True):
    """Done."""

    success: bool = True


class AlertTaken(Struct, frozen=True, rename="camel"):
    """The alert is kept."""

    alert_id: str
    success: bool = True


class OpenInterestAlertTaken(Struct, frozen=True):
    """The alert is kept."""

    id: str
    success: bool = True


class Failure(Struct, frozen=True):
    """Why a request was not done."""

    error: str
    details: list[str] | UnsetType = UNSET


class Health(Struct, frozen=True, rename="camel"):
    """The backend is there."""

    status: str
    version: str

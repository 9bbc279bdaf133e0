"""The suite's nouns to the backend's JSON and back; pure.

The backend refuses null for an optional number and a time that does not end in `Z`, and JSON has no infinity. So what
is unknown is left out, times are in UTC, and a payload that would be refused cannot be built: ValueError, a bug of
whoever made the alert.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from msgspec import Meta, MsgspecError, Raw, Struct, field
from msgspec.structs import replace

from volspike.model.alerts import OpenInterestAlert, Report, Trigger, UserAlert, UserAlertType, VolumeAlert
from volspike.model.market import OpenInterestSample
from volspike.model.news import Channel, Post
from volspike.model.universe import Member, UniverseRow

MAX_ITEMS = 100
"""No post of samples may hold more."""
MAX_POSTS = 50
"""No post to the backend may hold more of a channel's."""
MAX_FRACTION = 9_999.0
"""Fractions of 10,000 and more overflow the columns that the hosted backend keeps them in."""
MAX_SNAPSHOT_AGE_SECONDS = 600.0
MAX_REASON = 500
OPTIONAL = frozenset({"price_change", "funding_rate", "oi_change"})

Record = TypeVar("Record", bound=Struct)
Row = TypeVar("Row")
encode = msgspec.json.Encoder().encode

_UNDECODABLE = (MsgspecError, ValueError, RecursionError)
"""What decoding a stranger's bytes raises: ValueError for broken UTF-8, RecursionError for endless nesting."""


class Malformed(ValueError):  # noqa: N818 - says it all
    """An answer that is none of the backend's; the message quotes its beginning."""


def volume_alert(alert: VolumeAlert) -> bytes:
    """Return the payload of a volume alert."""
    return encode(_sound(alert))


def open_interest_alert(alert: OpenInterestAlert) -> bytes:
    """Return the payload of an open-interest alert, its fractions held within what the backend's columns take."""
    sound = _sound(alert)
    return encode(
        replace(
            sound,
            pct_change=_clamped(sound.pct_change),
            price_change=_clamped(sound.price_change),
            funding_rate=_clamped(sound.funding_rate),
        )
    )


def trigger(crossed: Trigger) -> bytes:
    """Return the payload of a trigger, without the backend's key."""
    return encode(_sound(crossed))


def with_key(payload: bytes, api_key: str) -> bytes:
    """Return a payload with the key in it, where the routes of user alerts look for it."""
    return encode({**msgspec.json.decode(payload, type=dict[str, Raw]), "apiKey": api_key})


def checked(report: Report, api_key: str) -> bytes:
    """Return the payload of a value that was looked at."""
    return with_key(encode(_sound(report)), api_key)


def new_alert(symbol: str, alert_type: UserAlertType, threshold: float) -> bytes:
    """Return the payload of a user alert that shall be made, which only the embedded backend takes."""
    if not math.isfinite(threshold):
        raise ValueError(f"threshold is {threshold}")
    return encode({"symbol": symbol, "alertType": alert_type, "threshold": threshold})


class _Sample(Struct, rename="camel", omit_defaults=True):
    symbol: str
    open_interest: float
    open_interest_usd: float | None = None
    mark_price: float | None = None


def open_interest_samples(samples: Sequence[OpenInterestSample], at: float) -> list[bytes]:
    """Return the payloads of a sweep that began at `at`, epoch seconds, in chunks as large as the backend takes.

    Without a mark price the notional is unknown too: both are left out, for a 0 would be shown as $0.
    """
    rows = [_sample(sample) for sample in samples if math.isfinite(sample.open_interest)]
    common = {"timestamp": instant(at), "totalSymbols": len(rows), "source": "realtime"}
    return [encode({"data": rows[start : start + MAX_ITEMS], **common}) for start in range(0, len(rows), MAX_ITEMS)]


def _sample(sample: OpenInterestSample) -> _Sample:
    mark = sample.mark_price
    notional = sample.open_interest * mark if mark else math.nan
    if not math.isfinite(notional):
        return _Sample(sample.symbol, sample.open_interest)
    return _Sample(sample.symbol, sample.open_interest, notional, mark)


def universe(rows: Sequence[UniverseRow], at: float) -> bytes:
    """Return the payload of a whole new universe. Raises ValueError for an empty one, which would wipe the old."""
    if not rows:
        raise ValueError("an empty universe would wipe the one that the backend has")
    return encode({"symbols": [_sound(row) for row in rows], "updatedAt": instant(at)})


def posts(channel: Channel, category: str, found: Sequence[Post]) -> bytes:
    """Return the payload of at most MAX_POSTS posts of a channel; what is unknown is null here, never left out."""
    rows = [{**msgspec.to_builtins(post), "date": instant(post.date)} for post in found]
    return encode({"channel": {**msgspec.to_builtins(channel), "category": category}, "messages": rows})


def instant(at: float) -> str:
    """Return an instant (epoch seconds) as the backend takes it."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def _sound(record: Record) -> Record:
    """Return a record that encodes to what the backend takes. Raises ValueError when there is none."""
    changes: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{name} has no time zone")
            changes[name] = value.astimezone(UTC)
        elif isinstance(value, float) and not math.isfinite(value):
            if name not in OPTIONAL:
                raise ValueError(f"{name} is {value}")
            changes[name] = None
    return replace(record, **changes)


def _clamped(fraction: float | None) -> float | None:
    return None if fraction is None else max(-MAX_FRACTION, min(fraction, MAX_FRACTION))


Instant = Annotated[datetime, Meta(tz=True)]


class _Success(Struct):
    success: bool = True


class _Snapshot(Struct, rename="camel"):
    found: bool
    open_interest: float | None = None
    ts: Instant | None = None


class _Ingested(Struct):
    success: bool
    inserted: int = 0
    errors: list[Any] = []


class _PostsTaken(Struct):
    success: bool
    errors: int = 0


class _Failure(Struct):
    error: str
    details: Raw = Raw()


class OwnAlert(UserAlert, frozen=True, gc=False, kw_only=True, rename="camel"):
    """A user alert as its owner sees it at the embedded backend; one that has fired is not active until armed again."""

    active: bool
    fired_at: Instant | None = None


class _OwnAlerts(Struct):
    alerts: list[OwnAlert]


class _Alerts(Struct):
    alerts: list[UserAlert]


class _RawAlerts(Struct):
    alerts: list[Raw]


class _Universe(Struct):
    symbols: list[Raw]


class _UniverseRow(Struct, rename="camel"):
    symbol: str
    quote_volume_24h: float = field(name="quoteVolume24h")
    entered_at: Instant
    last_seen_at: Instant


class Ingested(NamedTuple):
    """How many samples the backend has taken, and what it says is wrong, if anything."""

    inserted: int
    problem: str = ""


class Listed(NamedTuple):
    """The user alerts, how many more do not decode, and what is wrong with the first of those."""

    alerts: list[UserAlert]
    lost: int = 0
    problem: str = ""


def parse_success(content: bytes) -> bool:
    """Tell whether an answer of 200 means it. Raises Malformed when it is not the backend's at all."""
    return _decoded(content, _Success).success


def parse_snapshot(content: bytes, at: float) -> float | None:
    """Return the open interest (contracts) at `at`; None when unknown or ten minutes off. Raises Malformed.

    The backend answers with the newest sample before the instant, be it a year old.
    """
    found = _decoded(content, _Snapshot)
    if not found.found or found.ts is None or abs(at - found.ts.timestamp()) > MAX_SNAPSHOT_AGE_SECONDS:
        return None
    return found.open_interest


def parse_ingested(content: bytes) -> Ingested:
    """Return what became of samples: a refusal comes with status 200 and stands in the body. Raises Malformed."""
    told = _decoded(content, _Ingested)
    problem = "" if told.success else f"not taken: {told.errors}"
    return Ingested(told.inserted, problem)


def parse_lost_posts(content: bytes) -> int:
    """Return how many of the posts sent the backend could not keep, which it only counts. Raises Malformed."""
    told = _decoded(content, _PostsTaken)
    if not told.success:
        raise Malformed(f"posts were not taken: {content[:60]!r}")
    return told.errors


def parse_alerts(content: bytes) -> Listed:
    """Return the active user alerts; a row that does not decode costs only itself. Raises Malformed."""
    try:
        return Listed(_decoded(content, _Alerts).alerts)
    except Malformed:
        return Listed(*_rows(_decoded(content, _RawAlerts).alerts, UserAlert))


def parse_own_alert(content: bytes) -> OwnAlert:
    """Return a user alert of the embedded backend. Raises Malformed."""
    return _decoded(content, OwnAlert)


def parse_own_alerts(content: bytes) -> list[OwnAlert]:
    """Return all user alerts of the embedded backend. Raises Malformed."""
    return _decoded(content, _OwnAlerts).alerts


def parse_universe(content: bytes) -> dict[str, Member]:
    """Return the liquid universe by symbol; a row that does not decode is left out. Raises Malformed."""
    rows, _, _ = _rows(_decoded(content, _Universe).symbols, _UniverseRow)
    return {
        row.symbol: Member(row.quote_volume_24h, row.entered_at.timestamp(), row.last_seen_at.timestamp())
        for row in rows
    }


def parse_failure(content: bytes) -> str:
    """Return the reason in a refusal, or the beginning of whatever was said instead."""
    try:
        failure = msgspec.json.decode(content, type=_Failure)
    except _UNDECODABLE:
        return content[:MAX_REASON].decode("utf-8", "replace").strip() or "no reason given"
    details = bytes(failure.details).decode("utf-8", "replace")
    return f"{failure.error} {details}".strip()[:MAX_REASON]


def _decoded(content: bytes, kind: type[Row]) -> Row:
    try:
        return msgspec.json.decode(content, type=kind)
    except _UNDECODABLE as error:
        raise Malformed(f"not an answer of the backend ({error}): {content[:60]!r}") from None


def _rows(parts: list[Raw], kind: type[Row]) -> tuple[list[Row], int, str]:
    rows: list[Row] = []
    problem = ""
    for part in parts:
        try:
            rows.append(msgspec.json.decode(part, type=kind))
        except _UNDECODABLE as error:
            problem = problem or str(error)
    return rows, len(parts) - len(rows), problem

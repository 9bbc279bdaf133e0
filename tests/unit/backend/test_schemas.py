"""What is accepted and what is refused, to the letter of the contract."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import ValidationError

from volspike.backend import schemas

VOLUME = {
    "symbol": "BTCUSDT",
    "asset": "BTC",
    "message": "BTC hourly volume",
    "currentVolume": 150e6,
    "previousVolume": 45e6,
    "volumeRatio": 3.33,
    "timestamp": "2026-01-02T14:10:02Z",
    "hourTimestamp": "2026-01-02T14:00:00Z",
}
OPEN_INTEREST = {
    "symbol": "BTCUSDT",
    "direction": "UP",
    "baseline": 100_000,
    "current": 105_020,
    "pctChange": 0.0502,
    "absChange": 5020,
    "timestamp": "2026-01-02T14:00:00Z",
    "source": "oi_realtime_poller",
    "timeframe": "5 min",
}
POST: dict[str, Any] = {
    "id": 1,
    "text": None,
    "date": "2026-01-02T14:00:00Z",
    "sender_name": None,
    "views": None,
    "forwards": None,
    "has_media": False,
    "media_type": None,
    "links": [],
}
MEMBER = {
    "symbol": "BTCUSDT",
    "quoteVolume24h": 5e9,
    "enteredAt": None,
    "lastSeenAt": "2026-01-02T14:00:00Z",
}


def changed(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the content with other values; `...` for a value leaves its key out."""
    return {key: value for key, value in {**content, **changes}.items() if value is not ...}


def is_taken(kind: type[Any], content: dict[str, Any]) -> bool:
    try:
        msgspec.json.decode(json.dumps(content), type=kind)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        ({"fundingRate": 0.0001, "price": 1, "priceChange": -0.5, "oiChange": 0, "candleDirection": "bullish"}, True),
        ({"fundingRate": None}, False),
        ({"fundingRate": "0.0001"}, False),
        ({"price": None}, False),
        ({"oiChange": None}, False),
        ({"candleDirection": "sideways"}, False),
        ({"candleDirection": None}, False),
        ({"alertType": "HALF_UPDATE", "isUpdate": True}, True),
        ({"alertType": "UPDATE"}, False),
        ({"isUpdate": 1}, False),
        ({"symbol": ...}, False),
        ({"message": None}, False),
        ({"currentVolume": "1"}, False),
        ({"timestamp": ...}, False),
        ({"timestamp": "2026-01-02T14:05:00.123456Z"}, True),
        ({"timestamp": "2026-01-02T14:05:00+00:00"}, False),
        ({"timestamp": "2026-01-02T14:05:00"}, False),
        ({"timestamp": "2026-01-02"}, False),
        ({"timestamp": "2026-02-30T14:05:00Z"}, False),
        ({"timestamp": "2026-02-20T14:05:00Z\n"}, False),
        ({"hourTimestamp": 1_767_362_700_000}, False),
        ({"detectionTime": "2026-01-02T14:10:00Z"}, True),
        ({"detectionTime": "2026-13-02T14:10:00Z"}, False),
        ({"detectionTime": None}, False),
    ],
)
def test_volume_alerts(changes: dict[str, Any], taken: bool) -> None:
    assert is_taken(schemas.VolumeAlert, changed(VOLUME, changes)) is taken


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        ({"priceChange": None, "fundingRate": None}, True),
        ({"direction": "up"}, False),
        ({"timeframe": "5min"}, False),
        ({"timeframe": "1 hour"}, True),
        ({"pctChange": ...}, False),
        ({"absChange": ...}, False),
        ({"source": ...}, False),
        ({"timestamp": ...}, False),
        ({"timestamp": "soon"}, False),
        ({"pctChange": 10_000}, False),
        ({"priceChange": -10_000}, False),
        ({"absChange": 1e12}, True),
    ],
)
def test_open_interest_alerts(changes: dict[str, Any], taken: bool) -> None:
    assert is_taken(schemas.OpenInterestAlert, changed(OPEN_INTEREST, changes)) is taken


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        *[({name: ...}, False) for name in POST],
        ({"links": None}, False),
        ({"links": [None]}, False),
        ({"id": "1"}, False),
        ({"id": 2**63}, False),
        ({"date": 1_767_362_700}, False),
        ({"views": 12, "links": ["https://example.org"]}, True),
    ],
)
def test_posts(changes: dict[str, Any], taken: bool) -> None:
    channel = {"id": -1_000_000_000_001, "username": "marketfeed", "title": "Market"}

    assert is_taken(schemas.Posts, {"channel": channel, "messages": [changed(POST, changes)]}) is taken


@pytest.mark.parametrize(("posts", "taken"), [(0, True), (50, True), (51, False)])
def test_a_batch_of_posts_has_its_limit(posts: int, taken: bool) -> None:
    channel = {"id": 1, "username": "marketfeed", "title": "Market", "category": "macro"}

    assert is_taken(schemas.Posts, {"channel": channel, "messages": [POST] * posts}) is taken


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        ({"enteredAt": "2026-01-02T14:00:00Z"}, True),
        ({"enteredAt": ...}, False),
        ({"enteredAt": "2026-01-32T14:00:00Z"}, False),
        ({"quoteVolume24h": "5"}, False),
        ({"lastSeenAt": None}, False),
    ],
)
def test_members_of_the_universe(changes: dict[str, Any], taken: bool) -> None:
    update = {"symbols": [changed(MEMBER, changes)], "updatedAt": "2026-01-02T14:00:00Z"}

    assert is_taken(schemas.UniverseUpdate, update) is taken


def test_the_universe_says_when() -> None:
    assert not is_taken(schemas.UniverseUpdate, {"symbols": [MEMBER], "updatedAt": "now"})
    assert is_taken(schemas.UniverseUpdate, {"symbols": [], "updatedAt": "2026-01-02T14:00:00Z"})

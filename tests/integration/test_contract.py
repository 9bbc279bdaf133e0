"""The contract with the backend, to the letter: what it accepts and refuses, and what our own client can send at all.

The vectors are run over HTTP against the embedded backend as a real process. What our payload builders make is
accepted by it; what it refuses they cannot make.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import requests
from msgspec.structs import replace

from tests.processes import Suite
from volspike.clients.backend import wire
from volspike.clients.backend.client import Backend
from volspike.clients.errors import Faulted, Misdirected, Permanent
from volspike.model.alerts import (
    AlertType,
    CandleDirection,
    Direction,
    OpenInterestAlert,
    Report,
    Trigger,
    UserAlertType,
    VolumeAlert,
)
from volspike.model.delivery import Kind
from volspike.model.market import OpenInterestSample
from volspike.model.news import Channel, Post
from volspike.model.universe import UniverseRow

KEY = "a-key-of-the-test"
HOUR = datetime(2026, 1, 2, 14, tzinfo=UTC)
AT = HOUR.timestamp()
VOLUME_ALERT = VolumeAlert(
    symbol="币安人生USDT",
    asset="币安人生",
    message="币安人生 hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!",
    alert_type=AlertType.SPIKE,
    is_update=False,
    current_volume=150e6,
    previous_volume=45e6,
    volume_ratio=150 / 45,
    price=0.25,
    candle_direction=CandleDirection.BEARISH,
    hour_timestamp=HOUR,
    detection_time=HOUR.replace(minute=10),
    timestamp=HOUR.replace(minute=10, second=2, microsecond=123456),
)
INTEREST_ALERT = OpenInterestAlert(
    symbol="BTCUSDT",
    direction=Direction.DOWN,
    timeframe="1 hour",
    timestamp=HOUR,
    baseline=100_000.0,
    current=80_000.0,
    pct_change=-0.2,
    abs_change=-20_000.0,
    source="oi_realtime_poller",
)
VOLUME: dict[str, Any] = json.loads(wire.volume_alert(VOLUME_ALERT))
INTEREST: dict[str, Any] = json.loads(wire.open_interest_alert(INTEREST_ALERT))
SAMPLE = {"symbol": "BTCUSDT", "openInterest": 5.0, "openInterestUsd": 10.0, "markPrice": 2.0}
SAMPLES: dict[str, Any] = {"data": [SAMPLE], "timestamp": "2026-01-02T14:00:00Z", "totalSymbols": 1, "source": "x"}
POST: dict[str, Any] = {
    "id": 1, "text": None, "date": "2026-01-02T14:00:00Z", "sender_name": None, "views": None, "forwards": None,
    "has_media": False, "media_type": None, "links": [],
}  # fmt: skip
POSTS: dict[str, Any] = {"channel": {"id": -1_000_000_000_001, "username": "a", "title": "A"}, "messages": [POST]}
TRIGGER = {"alertId": "x", "symbol": "BTC", "currentValue": 2.0, "previousValue": 1.0, "crossedUp": True}

VOLUME_PATH = "/api/volume-alerts/ingest"
INTEREST_PATH = "/api/open-interest-alerts/ingest"
SAMPLES_PATH = "/api/market/open-interest/ingest"
POSTS_PATH = "/api/telegram/ingest"
ACTIVE_PATH = "/api/user-alerts-trigger/active"
TRIGGER_PATH = "/api/user-alerts-trigger/trigger"
UPDATE_PATH = "/api/user-alerts-trigger/update-checked"


def without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != name}


class Vector(NamedTuple):
    """A request and the answer to it: status, and what of the body matters."""

    name: str
    path: str
    body: object
    status: int
    told: Mapping[str, Any] = MappingProxyType({})


VECTORS = (
    Vector("a volume alert with null", VOLUME_PATH, {**VOLUME, "fundingRate": None}, 400),
    Vector("the same with the key left out", VOLUME_PATH, VOLUME, 200, {"success": True}),
    Vector("a number as a string", VOLUME_PATH, {**VOLUME, "fundingRate": "0.0001"}, 400),
    Vector("a time with +00:00", VOLUME_PATH, {**VOLUME, "timestamp": "2026-01-02T14:05:00+00:00"}, 400),
    Vector("a time without a zone", VOLUME_PATH, {**VOLUME, "timestamp": "2026-01-02T14:05:00"}, 400),
    Vector("microseconds", VOLUME_PATH, {**VOLUME, "timestamp": "2026-01-02T14:05:00.123456Z"}, 200),
    Vector("an unknown type", VOLUME_PATH, {**VOLUME, "alertType": "UPDATE"}, 400, {"error": "Invalid alert data"}),
    Vector("unknown keys", VOLUME_PATH, {**VOLUME, "exchange": None}, 200),
    Vector("NaN", VOLUME_PATH, json.dumps({**VOLUME, "price": math.nan}).encode(), 500),
    Vector("an infinity", INTEREST_PATH, json.dumps({**INTEREST, "pctChange": math.inf}).encode(), 500),
    Vector("an empty body", VOLUME_PATH, b"", 500),
    Vector("samples of nothing", SAMPLES_PATH, {**SAMPLES, "data": []}, 400),
    Vector(
        "one good sample and one that is a string",
        SAMPLES_PATH,
        {**SAMPLES, "data": [SAMPLE, {**SAMPLE, "symbol": "ETHUSDT", "openInterest": "5"}]},
        200,
        {"success": True, "inserted": 1},
    ),
    Vector("samples of no time", SAMPLES_PATH, {**SAMPLES, "timestamp": "soon"}, 200, {"success": False}),
    Vector("an OI alert without pctChange", INTEREST_PATH, without(INTEREST, "pctChange"), 500),
    Vector("an OI alert without absChange", INTEREST_PATH, without(INTEREST, "absChange"), 500),
    Vector("an OI alert without source", INTEREST_PATH, without(INTEREST, "source"), 500),
    Vector("an OI alert without timestamp", INTEREST_PATH, without(INTEREST, "timestamp"), 500),
    Vector("an OI alert up", INTEREST_PATH, {**INTEREST, "direction": "up"}, 500),
    Vector("an OI alert with null", INTEREST_PATH, {**INTEREST, "priceChange": None}, 200, {"success": True}),
    Vector("an OI alert beyond the column", INTEREST_PATH, {**INTEREST, "pctChange": 10_000}, 500),
    Vector("a trigger, key only in the header", TRIGGER_PATH, TRIGGER, 400),
    Vector("a trigger with the wrong key", TRIGGER_PATH, {**TRIGGER, "apiKey": "no"}, 401),
    Vector("a trigger of no alert", TRIGGER_PATH, {**TRIGGER, "apiKey": KEY}, 404, {"error": "Alert not found"}),
    Vector("a trigger without a past", TRIGGER_PATH, {**TRIGGER, "previousValue": None, "apiKey": KEY}, 400),
    Vector("a value of no alert", UPDATE_PATH, {"alertId": "x", "lastCheckedValue": 1.0, "apiKey": KEY}, 500),
    Vector("a post without views", POSTS_PATH, {**POSTS, "messages": [without(POST, "views")]}, 400),
    Vector("a post with links null", POSTS_PATH, {**POSTS, "messages": [{**POST, "links": None}]}, 400),
    Vector("a null among links", POSTS_PATH, {**POSTS, "messages": [{**POST, "links": [None]}]}, 400),
    Vector("a post whose id is a string", POSTS_PATH, {**POSTS, "messages": [{**POST, "id": "1"}]}, 400),
    Vector("a post whose date is a number", POSTS_PATH, {**POSTS, "messages": [{**POST, "date": 1767362400}]}, 400),
    Vector("more posts than fifty", POSTS_PATH, {**POSTS, "messages": [POST] * 51}, 400),
    Vector("posts", POSTS_PATH, POSTS, 200, {"inserted": 1, "duplicates": 0}),
    Vector("the same posts again", POSTS_PATH, POSTS, 200, {"inserted": 0, "duplicates": 1}),
    Vector(
        "an empty universe",
        "/api/market/open-interest/liquid-universe/update",
        {"symbols": [], "updatedAt": "2026-01-02T14:00:00Z"},
        409,
    ),
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded backend."""
    with Suite(tmp_path_factory.mktemp("backend"), VOLSPIKE_API_KEY=KEY) as suite:
        suite.ready("backend")
        yield f"http://127.0.0.1:{suite.backend_port}"


@pytest.fixture
def backend(url: str) -> Iterator[Backend]:
    with Backend(url, KEY) as client:
        yield client


def post(url: str, path: str, body: object, **headers: str) -> requests.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"X-API-Key": KEY, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return requests.post(url + path, content, headers=sent, timeout=30)


def alerts(url: str, **query: str) -> list[Any]:
    """Return what the backend lists."""
    answer = requests.get(f"{url}/api/alerts", query, headers={"X-API-Key": KEY}, timeout=30)
    listed: list[Any] = answer.json()["alerts"]
    return listed


def test_the_embedded_backend_accepts_and_refuses_to_the_letter(url: str) -> None:
    for vector in VECTORS:
        answer = post(url, vector.path, vector.body)

        assert answer.status_code == vector.status, f"{vector.name}: {answer.text}"
        assert vector.told.items() <= answer.json().items(), f"{vector.name}: {answer.text}"


@pytest.mark.parametrize("path", [VOLUME_PATH, INTEREST_PATH, SAMPLES_PATH, POSTS_PATH])
def test_a_wrong_key_or_a_bearer_is_refused_everywhere(url: str, path: str) -> None:
    for headers in ({"X-API-Key": "no"}, {"X-API-Key": "", "Authorization": f"Bearer {KEY}"}):
        assert requests.post(url + path, b"{}", headers=headers, timeout=30).status_code == 401


def test_active_alerts_want_the_key_in_the_address(url: str) -> None:
    header = {"X-API-Key": KEY}

    assert requests.get(url + ACTIVE_PATH, headers=header, timeout=30).status_code == 401
    assert requests.get(url + ACTIVE_PATH, {"apiKey": KEY}, timeout=30).json()["alerts"] == []


def test_the_universe_and_the_health_of_posts_are_public(url: str) -> None:
    for path in ("/api/market/open-interest/liquid-universe", "/api/telegram/health", "/health", "/docs"):
        assert requests.get(url + path, timeout=30).status_code == 200


def test_what_our_client_sends_is_accepted_whatever_is_unknown(backend: Backend, url: str) -> None:
    everything = replace(VOLUME_ALERT, price_change=0.05, funding_rate=-0.0001, oi_change=12.5)
    nothing = replace(VOLUME_ALERT, price_change=math.nan, funding_rate=None, oi_change=math.inf)
    update = replace(VOLUME_ALERT, alert_type=AlertType.FULL_UPDATE, is_update=True)
    extreme = replace(INTEREST_ALERT, pct_change=1e9, price_change=-1e9, funding_rate=math.nan)

    for alert in (everything, nothing, update):
        backend.deliver(Kind.VOLUME, wire.volume_alert(alert), f"client:{hash(alert)}")
    for interest in (INTEREST_ALERT, extreme):
        backend.deliver(Kind.OPEN_INTEREST, wire.open_interest_alert(interest), f"client:{hash(interest)}")

    newest = [listed["alert"] for listed in alerts(url, limit="5")]
    assert newest[0]["pctChange"] == 9_999.0
    assert (newest[4]["oiChange"], newest[4]["symbol"]) == (12.5, "币安人生USDT")
    assert not {"fundingRate", "oiChange", "priceChange"} & newest[3].keys()


@pytest.mark.parametrize(
    "build",
    [
        lambda: wire.volume_alert(replace(VOLUME_ALERT, current_volume=math.nan)),
        lambda: wire.volume_alert(replace(VOLUME_ALERT, price=math.inf)),
        lambda: wire.volume_alert(replace(VOLUME_ALERT, timestamp=HOUR.replace(tzinfo=None))),
        lambda: wire.open_interest_alert(replace(INTEREST_ALERT, pct_change=math.nan)),
        lambda: wire.trigger(Trigger("x", "BTC", 1.0, math.nan, crossed_up=True)),
        lambda: wire.checked(Report("x", math.nan), KEY),
        lambda: wire.universe([], AT),
    ],
)
def test_what_the_backend_refuses_our_client_cannot_make(build: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match=r"is (nan|inf)|no time zone|wipe"):
        build()


def test_samples_go_in_chunks_and_come_back_only_as_what_they_were_then(backend: Backend) -> None:
    samples = [OpenInterestSample(f"S{number}USDT", AT, 100.0 + number, None) for number in range(250)]

    assert backend.send_open_interest([*samples, OpenInterestSample("NANUSDT", AT, math.nan)], AT) == 250
    assert backend.open_interest_at("S249USDT", AT + 599) == 349.0
    assert backend.open_interest_at("S249USDT", AT + 601) is None
    assert backend.open_interest_at("NANUSDT", AT) is None


def test_the_universe_makes_the_round_trip(backend: Backend) -> None:
    rows = [UniverseRow("BTCUSDT", 5e9, HOUR, HOUR), UniverseRow("ETHUSDT", 4e9, None, HOUR)]

    backend.send_liquid_universe(rows, AT)

    members = backend.liquid_universe()
    assert {symbol: member.entered_at for symbol, member in members.items()} == {"BTCUSDT": AT, "ETHUSDT": AT}


def test_posts_are_taken_once_and_brought_up_to_date(backend: Backend, url: str) -> None:
    channel = Channel(-1_001_000_000_002, "watcherguru", "Watcher Guru")
    post = Post(7, "CPI", AT, None, None, None, has_media=True, media_type="photo", links=("https://bls.gov",))

    for views in (None, 1200):
        assert backend.send_posts(channel, "crypto", [replace(post, views=views)]) == 0

    answer = requests.get(
        f"{url}/api/telegram/messages", {"channel": "watcherguru"}, headers={"X-API-Key": KEY}, timeout=10
    )
    (row,) = answer.json()["messages"]
    assert (row["channel"]["category"], row["post"]["views"], row["post"]["date"]) == (
        "crypto",
        1200,
        "2026-01-02T14:00:00Z",
    )


def make_alert(url: str, symbol: str = "BTC") -> str:
    made = post(url, "/api/user-alerts", {"symbol": symbol, "alertType": "PRICE_CROSS", "threshold": 65000})
    return str(made.json()["id"])


def test_a_user_alert_lives_from_the_list_to_its_trigger_and_back(backend: Backend, url: str) -> None:
    alert_id = make_alert(url)
    backend.report_checked(Report(alert_id, 64000.5))
    (alert,) = [listed for listed in backend.active_alerts() if listed.id == alert_id]
    assert (alert.symbol, alert.alert_type, alert.user_tier) == ("BTC", UserAlertType.PRICE_CROSS, "elite")
    assert alert.last_checked_value == 64000.5
    payload = wire.trigger(Trigger(alert_id, "BTC", 65001.0, 64000.5, crossed_up=True))

    backend.deliver(Kind.TRIGGER, payload, "user:1")
    backend.deliver(Kind.TRIGGER, payload, "user:1")
    backend.deliver(Kind.TRIGGER, payload, "user:another")

    assert alert_id not in {listed.id for listed in backend.active_alerts()}
    assert len([listed for listed in alerts(url, kind="trigger") if listed["alert"]["alertId"] == alert_id]) == 1
    post(url, f"/api/user-alerts/{alert_id}/rearm", b"").raise_for_status()
    (armed,) = [listed for listed in backend.active_alerts() if listed.id == alert_id]
    assert (armed.last_checked_value, armed.last_checked_at) == (None, None)


def test_each_refusal_is_an_error_of_its_kind(backend: Backend, url: str) -> None:
    with pytest.raises(Permanent, match="Alert not found"):
        backend.deliver(Kind.TRIGGER, wire.trigger(Trigger("gone", "BTC", 2.0, 1.0, crossed_up=True)), "k1")
    with pytest.raises(Permanent, match="Invalid alert data"):
        backend.deliver(Kind.VOLUME, json.dumps({**VOLUME, "price": None}).encode(), "k2")
    with pytest.raises(Faulted):
        backend.report_checked(Report("gone", 1.0))
    with Backend(url, "wrong") as stranger:
        for ask in (
            stranger.active_alerts,
            lambda: stranger.deliver(Kind.VOLUME, wire.volume_alert(VOLUME_ALERT), "k"),
        ):
            with pytest.raises(Misdirected, match="Invalid API key") as refused:
                ask()
            assert "wrong" not in str(refused.value)

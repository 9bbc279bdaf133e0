"""What the backend is sent and answers: nothing that it refuses can be built, nothing it says breaks a daemon."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.model.test_alerts import HOUR, open_interest_alert, volume_alert
from volspike.clients.backend import wire
from volspike.clients.backend.wire import Malformed
from volspike.model.alerts import Report, Trigger, UserAlert, UserAlertType
from volspike.model.market import OpenInterestSample
from volspike.model.news import Channel, Post
from volspike.model.universe import Member, UniverseRow

AT = HOUR.timestamp()
TRIGGER = Trigger("a1", "BTCUSDT", 65001.0, 64999.0, crossed_up=True)


def test_what_is_unknown_of_a_volume_alert_is_left_out_and_what_is_zero_is_not() -> None:
    payload = json.loads(wire.volume_alert(replace(volume_alert(), funding_rate=0.0)))

    assert payload["fundingRate"] == 0.0
    assert not {"priceChange", "oiChange"} & payload.keys()
    assert payload["timestamp"] == "2026-01-02T14:10:02.123456Z"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_optional_number_that_is_none_is_unknown(value: float) -> None:
    payload = json.loads(wire.volume_alert(replace(volume_alert(), funding_rate=value, oi_change=0.5)))

    assert "fundingRate" not in payload
    assert payload["oiChange"] == 0.5


@pytest.mark.parametrize(
    "build",
    [
        lambda: wire.volume_alert(replace(volume_alert(), volume_ratio=math.inf)),
        lambda: wire.open_interest_alert(replace(open_interest_alert(), pct_change=math.nan)),
        lambda: wire.trigger(replace(TRIGGER, previous_value=math.nan)),
        lambda: wire.checked(Report("a1", math.inf), "key"),
        lambda: wire.universe([UniverseRow("BTCUSDT", math.nan, None, HOUR)], AT),
        lambda: wire.volume_alert(replace(volume_alert(), timestamp=datetime(2026, 1, 2))),  # noqa: DTZ001
        lambda: wire.universe([], AT),
        lambda: wire.new_alert("BTCUSDT", UserAlertType.PRICE_CROSS, math.nan),
    ],
)
def test_a_payload_that_would_be_refused_or_do_harm_cannot_be_built(build: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match=r"is (nan|inf)|no time zone|wipe"):
        build()


def test_every_time_is_told_in_utc() -> None:
    elsewhere = HOUR.astimezone(timezone(timedelta(hours=5, minutes=30)))

    payload = json.loads(wire.open_interest_alert(replace(open_interest_alert(), timestamp=elsewhere)))

    assert payload["timestamp"] == "2026-01-02T14:00:00Z"


@pytest.mark.parametrize(("fraction", "told"), [(0.05, 0.05), (12_345.6, 9_999.0), (-1e12, -9_999.0)])
def test_fractions_stay_within_the_columns_of_the_hosted_backend(fraction: float, told: float) -> None:
    alert = replace(open_interest_alert(), pct_change=fraction, price_change=fraction, abs_change=1e9)

    payload = json.loads(wire.open_interest_alert(alert))

    assert (payload["pctChange"], payload["priceChange"], payload["absChange"]) == (told, told, 1e9)
    assert "fundingRate" not in payload


def test_the_key_goes_into_the_body_and_nothing_else_changes() -> None:
    payload = wire.trigger(TRIGGER)

    assert json.loads(wire.with_key(payload, 'k"1')) == {**json.loads(payload), "apiKey": 'k"1'}
    assert json.loads(wire.checked(Report("a1", 2.5), "k")) == {"alertId": "a1", "lastCheckedValue": 2.5, "apiKey": "k"}


def sample(number: int, mark: float | None = 2.0, contracts: float = 10.0) -> OpenInterestSample:
    return OpenInterestSample(f"S{number}USDT", AT, contracts, mark)


@pytest.mark.parametrize(("count", "chunks"), [(0, []), (1, [1]), (100, [100]), (250, [100, 100, 50])])
def test_a_sweep_is_sent_in_chunks_of_a_hundred(count: int, chunks: list[int]) -> None:
    payloads = [json.loads(payload) for payload in wire.open_interest_samples(list(map(sample, range(count))), AT)]

    assert [len(payload["data"]) for payload in payloads] == chunks
    assert {payload["timestamp"] for payload in payloads} <= {"2026-01-02T14:00:00Z"}
    assert {payload["totalSymbols"] for payload in payloads} <= {count}
    assert {payload["source"] for payload in payloads} <= {"realtime"}


@pytest.mark.parametrize("mark", [None, 0.0, math.nan, math.inf])
def test_without_a_mark_price_the_notional_is_left_out_too(mark: float | None) -> None:
    (payload,) = wire.open_interest_samples([sample(1, mark), sample(2)], AT)

    assert json.loads(payload)["data"] == [
        {"symbol": "S1USDT", "openInterest": 10.0},
        {"symbol": "S2USDT", "openInterest": 10.0, "openInterestUsd": 20.0, "markPrice": 2.0},
    ]


def test_a_sample_that_is_no_number_is_not_sent() -> None:
    assert wire.open_interest_samples([sample(1, contracts=math.nan)], AT) == []


def test_a_universe_is_sent_whole() -> None:
    rows = [UniverseRow("BTCUSDT", 5e9, HOUR, HOUR), UniverseRow("ETHUSDT", 4e9, None, HOUR)]

    assert json.loads(wire.universe(rows, AT + 0.5)) == {
        "symbols": [
            {
                "symbol": "BTCUSDT",
                "quoteVolume24h": 5e9,
                "enteredAt": "2026-01-02T14:00:00Z",
                "lastSeenAt": "2026-01-02T14:00:00Z",
            },
            {"symbol": "ETHUSDT", "quoteVolume24h": 4e9, "enteredAt": None, "lastSeenAt": "2026-01-02T14:00:00Z"},
        ],
        "updatedAt": "2026-01-02T14:00:00.500000Z",
    }


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (body(success=True, alertId="x"), True),
        (body(), True),
        (body(success=False), False),
    ],
)
def test_success_stands_in_the_body(content: bytes, told: bool) -> None:
    assert wire.parse_success(content) is told


@pytest.mark.parametrize(
    ("content", "contracts"),
    [
        (body(found=True, openInterest=5.5, ts="2026-01-02T13:50:00.000Z", source="realtime", markPrice=None), 5.5),
        (body(found=True, openInterest=5.5, ts="2026-01-02T14:10:00Z"), 5.5),
        (body(found=True, openInterest=5.5, ts="2026-01-02T13:49:59Z"), None),
        (body(found=True, openInterest=5.5, ts="2025-01-02T14:00:00Z"), None),
        (body(found=True, openInterest=5.5), None),
        (body(found=True, ts="2026-01-02T14:00:00Z"), None),
        (body(found=False), None),
    ],
)
def test_a_snapshot_counts_only_when_it_is_of_that_time(content: bytes, contracts: float | None) -> None:
    assert wire.parse_snapshot(content, AT) == contracts


def test_samples_that_are_not_taken_come_with_a_reason() -> None:
    assert wire.parse_ingested(body(success=True, inserted=100, cached=100)) == (100, "")
    refused = wire.parse_ingested(body(success=False, inserted=0, cached=0, errors=["Invalid timestamp"]))
    assert refused == (0, "not taken: ['Invalid timestamp']")


LISTED = {
    "id": "a1",
    "userId": "u1",
    "symbol": "BTC",
    "alertType": "PRICE_CROSS",
    "threshold": 65000,
    "lastCheckedValue": None,
    "lastCheckedAt": None,
    "deliveryMethod": "BOTH",
    "userTier": "platinum",
}


def test_a_user_alert_keeps_its_legacy_symbol_and_its_unknown_tier() -> None:
    assert wire.parse_alerts(body(alerts=[LISTED])) == (
        [UserAlert("a1", "BTC", UserAlertType.PRICE_CROSS, 65000.0, None, None, "platinum")],
        0,
        "",
    )


@pytest.mark.parametrize(
    "broken",
    [{**LISTED, "alertType": "VOLUME_CROSS"}, {**LISTED, "threshold": "65000"}, {**LISTED, "id": None}, {}, None, 5],
)
def test_a_user_alert_that_does_not_decode_costs_only_itself(broken: object) -> None:
    listed = wire.parse_alerts(body(alerts=[LISTED, broken, {**LISTED, "id": "a2"}]))

    assert [alert.id for alert in listed.alerts] == ["a1", "a2"]
    assert listed.lost == 1
    assert listed.problem


def test_an_alert_is_made_and_read_as_its_owner_sees_it() -> None:
    made = json.loads(wire.new_alert("BTCUSDT", UserAlertType.OI_CROSS, 5e9))
    assert made == {"symbol": "BTCUSDT", "alertType": "OI_CROSS", "threshold": 5e9}

    kept = {**LISTED, "active": False, "createdAt": "2026-01-02T13:00:00.000Z", "firedAt": "2026-01-02T14:00:00.000Z"}
    alert = wire.parse_own_alert(body(**kept))

    assert (alert.id, alert.active, alert.fired_at) == ("a1", False, HOUR)
    assert wire.parse_own_alerts(body(alerts=[kept])) == [alert]


def test_the_liquid_universe_is_read_by_symbol_and_a_broken_row_is_left_out() -> None:
    row = {
        "symbol": "BTCUSDT",
        "quoteVolume24h": 5e9,
        "enteredAt": "2026-01-02T14:00:00.000Z",
        "lastSeenAt": "2026-01-02T14:00:01.000Z",
        "estimatedPollIntervalSec": 5,
    }

    members = wire.parse_universe(body(updatedAt=None, symbols=[row, {**row, "symbol": None}], totalSymbols=2))

    assert members == {"BTCUSDT": Member(5e9, AT, AT + 1)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (body(error="Invalid alert data", details=[{"path": ["price"]}]), 'Invalid alert data [{"path": ["price"]}]'),
        (body(error="Alert not found"), "Alert not found"),
        (b"<html>Bad Gateway</html>\n", "<html>Bad Gateway</html>"),
        (b"\xff", "�"),
        (b"", "no reason given"),
        (b'{"error":' + b"[" * 100_000, '{"error":' + "[" * 491),
    ],
)
def test_a_refusal_says_why_in_short(content: bytes, said: str) -> None:
    assert wire.parse_failure(content) == said


PARSERS: list[Callable[[bytes], object]] = [
    wire.parse_success,
    lambda content: wire.parse_snapshot(content, AT),
    wire.parse_ingested,
    wire.parse_alerts,
    wire.parse_universe,
    wire.parse_own_alert,
    wire.parse_own_alerts,
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"success":', b'{"success":5,"found":5,"inserted":[]}', b"[" * 100_000]
)
def test_what_is_no_answer_of_the_backend_is_malformed(parse: Callable[[bytes], object], content: bytes) -> None:
    with pytest.raises(Malformed, match="not an answer of the backend"):
        parse(content)


@given(st.binary() | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(lambda value: body(alerts=value)))
def test_nothing_that_is_said_breaks_a_parser(content: bytes) -> None:
    wire.parse_failure(content)
    for parse in PARSERS:
        try:
            parse(content)
        except Malformed:
            continue


@given(
    st.builds(
        replace,
        st.just(volume_alert()),
        price_change=st.none() | st.floats(),
        oi_change=st.none() | st.floats(),
        price=st.floats(allow_nan=False, allow_infinity=False),
        timestamp=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    )
)
def test_every_volume_alert_has_only_what_the_backend_takes(alert: Any) -> None:
    payload = json.loads(wire.volume_alert(alert))

    assert None not in payload.values()
    assert all(payload[name].endswith("Z") for name in ("timestamp", "hourTimestamp", "detectionTime"))


CHANNEL = Channel(-1_001_000_000_001, "marketfeed", "Market News Feed")
POST = Post(7, None, HOUR.timestamp() + 0.5, None, None, None, has_media=False, media_type=None, links=())


def test_of_a_post_every_key_is_told_with_null_for_what_is_unknown() -> None:
    told = json.loads(wire.posts(CHANNEL, "macro", [POST]))

    assert told["channel"] == {
        "id": -1_001_000_000_001, "username": "marketfeed", "title": "Market News Feed", "category": "macro",
    }  # fmt: skip
    assert told["messages"] == [
        {
            "id": 7,
            "text": None,
            "date": "2026-01-02T14:00:00.500000Z",
            "sender_name": None,
            "views": None,
            "forwards": None,
            "has_media": False,
            "media_type": None,
            "links": [],
        }
    ]


def test_posts_that_the_backend_could_not_keep_are_only_counted_by_it() -> None:
    assert wire.parse_lost_posts(b'{"success":true,"inserted":1,"duplicates":2,"errors":3}') == 3
    assert wire.parse_lost_posts(b'{"success":true}') == 0
    with pytest.raises(Malformed):
        wire.parse_lost_posts(b'{"success":false,"errors":0}')

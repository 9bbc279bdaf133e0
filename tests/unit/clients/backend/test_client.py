"""The backend's client against a server that answers in all of a backend's ways."""

import json
from collections.abc import Iterator

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.model.test_alerts import HOUR, open_interest_alert, volume_alert
from volspike.clients.backend import client, wire
from volspike.clients.backend.client import Backend
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.model.alerts import Report, Trigger
from volspike.model.delivery import Kind
from volspike.model.market import OpenInterestSample
from volspike.model.news import Channel, Post
from volspike.model.universe import Member, UniverseRow

KEY = "secret"
AT = HOUR.timestamp()
VOLUME = "/api/volume-alerts/ingest"
TRIGGER = wire.trigger(Trigger("a1", "BTC", 65001.0, 64999.0, crossed_up=True))
ALERT = {"id": "a1", "symbol": "BTC", "alertType": "PRICE_CROSS", "threshold": 65000, "userTier": "pro"}


@pytest.fixture
def backend(server: AnsweringServer) -> Iterator[Backend]:
    with Backend(server.url, KEY, timeout=(10.0, 20.0)) as made:
        yield made


def answers(status: int, **body: object) -> Answer:
    return Answer(status, json.dumps(body).encode())


def test_the_key_is_not_told_with_what_is_wrong_with_samples(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.SAMPLES] = answers(200, success=False, inserted=0, errors=[f"{'x' * 484}{KEY}"])

    with pytest.raises(Transient) as refused:
        backend.send_open_interest([OpenInterestSample("BTCUSDT", 1.0, 2.0)], AT)

    assert KEY[:3] not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "payload", "path"),
    [
        (Kind.VOLUME, wire.volume_alert(volume_alert()), VOLUME),
        (Kind.OPEN_INTEREST, wire.open_interest_alert(open_interest_alert()), "/api/open-interest-alerts/ingest"),
    ],
)
def test_an_alert_is_delivered_as_it_is_with_its_episode(
    server: AnsweringServer, backend: Backend, kind: Kind, payload: bytes, path: str
) -> None:
    server.answers[path] = answers(200, success=True, alertId="x")

    backend.deliver(kind, payload, "the episode")

    (asked,) = server.requests
    assert (asked.path, asked.body) == (path, payload)
    assert (asked.headers["idempotency-key"], asked.headers["x-api-key"]) == ("the episode", KEY)


def test_a_trigger_carries_the_key_in_its_body_too(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.TRIGGER] = answers(200, success=True)

    backend.deliver(Kind.TRIGGER, TRIGGER, "user:a1:1")

    (asked,) = server.requests
    assert json.loads(asked.body) == {**json.loads(TRIGGER), "apiKey": KEY}
    assert asked.headers["x-api-key"] == KEY


def test_a_trigger_that_has_fired_already_is_delivered(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.TRIGGER] = answers(400, error="Alert is not active")

    backend.deliver(Kind.TRIGGER, TRIGGER, "user:a1:1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers(404, error="Alert not found"), Permanent),
        (Answer(404, b"Cannot POST /api/user-alerts-trigger/trigger"), Misdirected),
        (answers(400, error="Invalid request"), Permanent),
        (answers(401, error="Invalid API key"), Misdirected),
    ],
)
def test_an_alert_that_was_deleted_is_not_a_wrong_address(
    server: AnsweringServer, backend: Backend, answer: Answer, kind: type[Exception]
) -> None:
    server.answers[client.TRIGGER] = answer

    with pytest.raises(kind) as refused:
        backend.deliver(Kind.TRIGGER, TRIGGER, "user:a1:1")

    assert type(refused.value) is kind


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (answers(400, error="Invalid alert data", details=["price"]), Permanent, 'Invalid alert data ["price"]'),
        (answers(500, error="Failed to process alert"), Faulted, "Failed to process alert"),
        (answers(200, success=False), Faulted, "success: false"),
        (Answer(503, b"", {"Retry-After": "3"}), Transient, "no reason given"),
        (Answer(200, b""), Unanswered, "not the backend's"),
        (Answer(200, b"<html>"), Transient, "not the backend's"),
    ],
)
def test_what_is_not_taken_says_why(
    server: AnsweringServer, backend: Backend, answer: Answer, kind: type[Exception], said: str
) -> None:
    server.answers[VOLUME] = answer

    with pytest.raises(kind, match=r"/ingest|the backend") as refused:
        backend.deliver(Kind.VOLUME, wire.volume_alert(volume_alert()), "key")

    assert type(refused.value) is kind
    assert said in str(refused.value)


def test_an_answer_that_does_not_come_may_mean_that_it_has_arrived(server: AnsweringServer) -> None:
    server.answers[VOLUME] = Answer(after=30)

    with (
        Backend(server.url, KEY, timeout=(10.0, 0.2)) as backend,
        pytest.raises(Unanswered, match=r"the backend cannot be reached at .*: no answer in time"),
    ):
        backend.deliver(Kind.VOLUME, wire.volume_alert(volume_alert()), "key")


def test_the_open_interest_of_an_instant(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.SNAPSHOT] = answers(200, found=True, openInterest=5.5, ts="2026-01-02T13:59:50.000Z")

    assert backend.open_interest_at("币安人生USDT", AT) == 5.5
    assert backend.open_interest_at("BTCUSDT", AT + 3600) is None
    assert server.asked[0] == f"{client.SNAPSHOT}?symbol=币安人生USDT&ts=2026-01-02T14:00:00Z"


def samples(count: int) -> list[OpenInterestSample]:
    return [OpenInterestSample(f"S{number}USDT", AT, 10.0) for number in range(count)]


def test_every_chunk_is_sent_and_what_was_taken_is_counted(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.SAMPLES] = answers(200, success=True, inserted=50, cached=50)

    assert backend.send_open_interest(samples(101), AT) == 100
    assert [len(json.loads(asked.body)["data"]) for asked in server.requests] == [100, 1]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (answers(200, success=False, inserted=0, errors=["Invalid timestamp"]), Transient, "Invalid timestamp"),
        (answers(502), Transient, "HTTP 502"),
        (answers(401, error="Invalid API key"), Misdirected, "Invalid API key"),
    ],
)
def test_samples_of_which_none_is_taken_say_why_after_every_chunk_was_tried(
    server: AnsweringServer, backend: Backend, answer: Answer, kind: type[Exception], said: str
) -> None:
    server.answers[client.SAMPLES] = answer

    with pytest.raises(kind, match=said):
        backend.send_open_interest(samples(201), AT)

    assert len(server.requests) == 3


def test_some_samples_taken_are_no_failure(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.SAMPLES] = answers(200, success=False, inserted=99, errors=["one row"])

    assert backend.send_open_interest(samples(100), AT) == 99
    assert backend.send_open_interest([], AT) == 0


def test_posts_are_sent_with_their_channel_and_those_lost_are_told(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.POSTS] = answers(200, success=True, inserted=0, duplicates=0, errors=1)
    channel = Channel(-1_001_000_000_001, "marketfeed", "Market News Feed")
    post = Post(7, "CPI", AT, None, 1200, None, has_media=False, media_type=None, links=("https://bls.gov",))

    assert backend.send_posts(channel, "macro", [post]) == 1

    body = json.loads(server.requests[-1].body)
    assert (body["channel"]["category"], [row["links"] for row in body["messages"]]) == ("macro", [["https://bls.gov"]])


def test_the_liquid_universe_comes_and_goes(server: AnsweringServer, backend: Backend) -> None:
    row = {"symbol": "BTCUSDT", "quoteVolume24h": 5e9, "enteredAt": "2026-01-02T14:00:00Z"}
    row["lastSeenAt"] = row["enteredAt"]
    server.answers[client.UNIVERSE] = answers(200, symbols=[row])
    server.answers[client.UNIVERSE_UPDATE] = answers(200, success=True, upserted=1, removed=0, totalSymbols=1)

    backend.send_liquid_universe([UniverseRow("BTCUSDT", 5e9, None, HOUR)], AT)

    assert backend.liquid_universe() == {"BTCUSDT": Member(5e9, AT, AT)}


def test_an_empty_universe_is_never_sent(server: AnsweringServer, backend: Backend) -> None:
    with pytest.raises(ValueError, match="wipe"):
        backend.send_liquid_universe([], AT)

    assert not server.requests


def test_the_user_alerts_are_asked_for_with_the_key_in_the_address(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.ACTIVE] = answers(200, alerts=[ALERT])

    assert [alert.symbol for alert in backend.active_alerts()] == ["BTC"]
    assert server.asked == [f"{client.ACTIVE}?apiKey={KEY}"]
    assert server.requests[0].headers["x-api-key"] == KEY


def test_user_alerts_that_do_not_decode_are_counted_and_told_of_once(
    server: AnsweringServer, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers[client.ACTIVE] = answers(200, alerts=[ALERT, {"id": "a2"}, None])

    for _ in range(3):
        assert len(backend.active_alerts()) == 1

    assert backend.lost_alerts == 2
    assert caplog.messages == ["user alerts that do not decode"]


def test_a_value_that_was_looked_at_is_reported(server: AnsweringServer, backend: Backend) -> None:
    server.answers[client.UPDATE_CHECKED] = answers(200, success=True)

    backend.report_checked(Report("a1", 64999.5))

    assert json.loads(server.requests[0].body) == {"alertId": "a1", "lastCheckedValue": 64999.5, "apiKey": KEY}

"""User alerts: made, listed, fired once, armed again, removed."""

import secrets
from typing import Any

import pytest

from tests.unit.asgi import ask
from tests.unit.backend import conftest
from tests.unit.backend.conftest import KEY, Client
from volspike.backend import user_alerts

OWN = "/api/user-alerts"
ACTIVE = "/api/user-alerts-trigger/active"
TRIGGER = "/api/user-alerts-trigger/trigger"
CHECKED = "/api/user-alerts-trigger/update-checked"
WANTED = {"symbol": "BTCUSDT", "alertType": "PRICE_CROSS", "threshold": 65000}


@pytest.fixture
def alert_id(client: Client) -> str:
    return str(client.post(OWN, WANTED).json["id"])


def active(client: Client) -> list[Any]:
    alerts: list[Any] = ask(client.app, ACTIVE, f"apiKey={KEY}").json["alerts"]
    return alerts


def trigger(alert_id: str, **changes: object) -> dict[str, object]:
    body = {
        "alertId": alert_id,
        "symbol": "BTCUSDT",
        "currentValue": 65001.0,
        "previousValue": 64999.0,
        "crossedUp": True,
        "apiKey": KEY,
    }
    return {key: value for key, value in {**body, **changes}.items() if value is not ...}


def test_an_alert_is_made_and_active(client: Client) -> None:
    reply = client.post(OWN, {**WANTED, "symbol": "btcusdt"})

    made = reply.json
    assert (reply.status, made["symbol"], made["active"], made["firedAt"]) == (200, "BTCUSDT", True, None)
    assert active(client) == [
        {
            "id": made["id"],
            "userId": "local",
            "symbol": "BTCUSDT",
            "alertType": "PRICE_CROSS",
            "threshold": 65000.0,
            "lastCheckedValue": None,
            "lastCheckedAt": None,
            "deliveryMethod": "DASHBOARD",
            "userTier": "elite",
        }
    ]
    assert client.get(OWN).json["alerts"] == [made]


@pytest.mark.parametrize(
    "changes", [{"alertType": "VOLUME_CROSS"}, {"threshold": "65000"}, {"symbol": ""}, {"deliveryMethod": "SMS"}]
)
def test_what_is_no_alert_is_not_made(client: Client, changes: dict[str, object]) -> None:
    reply = client.post(OWN, {**WANTED, **changes})

    assert (reply.status, reply.json["error"]) == (400, "Invalid user alert")
    assert active(client) == []


def test_an_alert_that_is_made_again_under_its_key_is_one(client: Client) -> None:
    assert client.post(OWN, WANTED, episode="one").json == client.post(OWN, WANTED, episode="one").json
    assert len(active(client)) == 1


def test_ids_are_never_given_twice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["a", "a", "b"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(ids))

    assert [client.post(OWN, WANTED).json["id"] for _ in range(2)] == ["a", "b"]


def test_a_trigger_fires_once_and_is_listed_without_the_key(client: Client, alert_id: str) -> None:
    first = client.post(TRIGGER, trigger(alert_id))
    second = client.post(TRIGGER, trigger(alert_id))

    assert (first.status, first.json) == (200, {"success": True})
    assert (second.status, second.json) == (400, {"error": "Alert is not active"})
    assert active(client) == []
    (listed,) = client.listed("kind=trigger")
    assert listed["alert"] == {
        "alertId": alert_id,
        "symbol": "BTCUSDT",
        "alertType": "PRICE_CROSS",
        "threshold": 65000.0,
        "currentValue": 65001.0,
        "previousValue": 64999.0,
        "crossedUp": True,
    }
    (kept,) = client.get(OWN).json["alerts"]
    assert (kept["active"], kept["firedAt"], kept["lastCheckedValue"]) == (False, "2026-10-01T12:02:03.000Z", 65001.0)


def test_a_trigger_repeated_under_its_key_answers_like_the_first(client: Client, alert_id: str) -> None:
    assert client.post(TRIGGER, trigger(alert_id), episode="user:1:1").status == 200
    assert client.post(TRIGGER, trigger(alert_id), episode="user:1:1").status == 200
    assert client.post(TRIGGER, trigger(alert_id), episode="user:1:2").status == 400
    assert len(client.listed("kind=trigger")) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"alertId": "none"}, 404),
        ({"apiKey": ...}, 400),
        ({"apiKey": "wrong"}, 401),
        ({"previousValue": None}, 400),
        ({"previousValue": ...}, 400),
        ({"currentValue": "65001"}, 400),
        ({"crossedUp": ...}, 400),
        ({"symbol": ...}, 400),
    ],
)
def test_a_trigger_is_taken_only_whole_and_with_the_key_in_it(
    client: Client, alert_id: str, changes: dict[str, object], status: int
) -> None:
    assert client.post(TRIGGER, trigger(alert_id, **changes)).status == status
    assert len(active(client)) == 1


def test_the_header_is_ignored_where_the_key_goes_elsewhere(client: Client, alert_id: str) -> None:
    assert client.get(ACTIVE).status == 401
    assert client.post(TRIGGER, trigger(alert_id), key="wrong").status == 200


def test_a_value_that_was_looked_at_is_kept_with_its_time(client: Client, alert_id: str) -> None:
    reply = client.post(CHECKED, {"alertId": alert_id, "lastCheckedValue": 64000.5, "apiKey": KEY})

    assert (reply.status, reply.json) == (200, {"success": True})
    (alert,) = active(client)
    assert (alert["lastCheckedValue"], alert["lastCheckedAt"]) == (64000.5, "2026-10-01T12:02:03.000Z")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"alertId": "none", "lastCheckedValue": 1.0, "apiKey": KEY}, 500),
        ({"alertId": "none", "lastCheckedValue": None, "apiKey": KEY}, 400),
        ({"alertId": "none", "lastCheckedValue": 1.0}, 400),
        ({"alertId": "none", "lastCheckedValue": 1.0, "apiKey": "wrong"}, 401),
    ],
)
def test_a_value_of_no_alert_is_refused(client: Client, body: object, status: int) -> None:
    assert client.post(CHECKED, body).status == status


def test_an_alert_that_is_armed_again_has_no_past(client: Client, alert_id: str) -> None:
    client.post(TRIGGER, trigger(alert_id))

    reply = client.post(f"{OWN}/{alert_id}/rearm", b"")

    assert (reply.status, reply.json["active"], reply.json["firedAt"]) == (200, True, None)
    (alert,) = active(client)
    assert (alert["lastCheckedValue"], alert["lastCheckedAt"]) == (None, None)
    assert client.post(TRIGGER, trigger(alert_id)).status == 200


def test_an_alert_is_removed(client: Client, alert_id: str) -> None:
    assert client.post(f"{OWN}/{alert_id}", b"", method="DELETE").status == 200

    assert client.get(OWN).json == {"alerts": []}
    assert client.post(TRIGGER, trigger(alert_id)).json == {"error": "Alert not found"}


@pytest.mark.parametrize(("path", "method"), [("/none", "DELETE"), ("/none/rearm", "POST")])
def test_an_alert_that_is_not_there_is_not_found(client: Client, path: str, method: str) -> None:
    reply = client.post(OWN + path, b"", method=method)

    assert (reply.status, reply.json) == (404, {"error": "Alert not found"})


@pytest.mark.parametrize(("path", "method"), [("", "GET"), ("", "POST"), ("/a/rearm", "POST"), ("/a", "DELETE")])
def test_the_owner_needs_the_key(client: Client, path: str, method: str) -> None:
    assert client.post(OWN + path, WANTED, key="wrong", method=method).status == 401


@pytest.mark.parametrize("alerts", [0, 1, 3, 4, 7])
def test_a_long_list_comes_whole_page_by_page(client: Client, monkeypatch: pytest.MonkeyPatch, alerts: int) -> None:
    monkeypatch.setattr(user_alerts, "PAGE", 3)
    made = {client.post(OWN, {**WANTED, "threshold": number}).json["id"] for number in range(alerts)}

    assert {alert["id"] for alert in active(client)} == made
    assert len(client.get(OWN).json["alerts"]) == alerts


def test_a_symbol_of_old_without_its_quote_is_kept_as_it_is(client: Client) -> None:
    client.post(OWN, {**WANTED, "symbol": "BTC"})

    assert active(client)[0]["symbol"] == "BTC"
    assert conftest.KEY not in str(client.get(OWN).body)

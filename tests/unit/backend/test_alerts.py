"""Volume and open-interest alerts are taken once each and listed newest first."""

from typing import Any

import pytest

from tests.unit.asgi import ask
from tests.unit.backend.conftest import Client
from tests.unit.backend.test_schemas import OPEN_INTEREST, VOLUME
from tests.unit.clocks import MovedClock

INGEST = "/api/volume-alerts/ingest"
OI_INGEST = "/api/open-interest-alerts/ingest"


def test_alerts_are_taken_and_listed_as_they_came(client: Client) -> None:
    volume = client.post(INGEST, {**VOLUME, "unknown": "key"})
    interest = client.post(OI_INGEST, {**OPEN_INTEREST, "priceChange": None})

    assert (volume.status, volume.json) == (200, {"alertId": "1", "success": True})
    assert (interest.status, interest.json) == (200, {"id": "2", "success": True})
    newest, oldest = client.listed()
    assert (newest["kind"], newest["symbol"], newest["alert"]["timeframe"]) == ("open-interest", "BTCUSDT", "5 min")
    assert oldest == {
        "id": 1,
        "kind": "volume",
        "symbol": "BTCUSDT",
        "at": "2026-10-01T12:02:03.000Z",
        "alert": {**VOLUME, "alertType": "SPIKE", "isUpdate": False},
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        (INGEST, {**VOLUME, "fundingRate": None}, 400, "Invalid alert data"),
        (INGEST, b"", 500, "Internal server error"),
        (OI_INGEST, {**OPEN_INTEREST, "direction": "up"}, 500, "Failed to process alert"),
        (OI_INGEST, b"", 500, "Internal server error"),
    ],
)
def test_what_is_no_alert_is_refused_and_not_kept(
    client: Client, path: str, body: object, status: int, error: str
) -> None:
    reply = client.post(path, body)

    assert (reply.status, reply.json["error"]) == (status, error)
    assert client.listed() == []


@pytest.mark.parametrize("path", [INGEST, OI_INGEST])
def test_without_the_key_nothing_is_even_read(client: Client, path: str) -> None:
    assert client.post(path, b"{", key="wrong").status == 401
    assert client.get("/api/alerts", key="wrong").status == 401


@pytest.mark.parametrize(("path", "body"), [(INGEST, VOLUME), (OI_INGEST, OPEN_INTEREST)])
def test_a_repeat_answers_like_the_first_and_inserts_nothing(client: Client, path: str, body: dict[str, Any]) -> None:
    first = client.post(path, body, episode="volume:%E5%B8%81:1")
    again = client.post(path, {**body, "symbol": "ETHUSDT"}, episode="volume:%E5%B8%81:1")
    other = client.post(path, body, episode="another")

    assert again == first
    assert other.json != first.json
    assert len(client.listed()) == 2


def test_a_refused_request_may_be_tried_again_under_its_key(client: Client) -> None:
    assert client.post(INGEST, {**VOLUME, "price": None}, episode="one").status == 400

    assert client.post(INGEST, VOLUME, episode="one").status == 200


def test_the_same_key_is_another_episode_on_another_route(client: Client) -> None:
    assert client.post(INGEST, VOLUME, episode="one").json != client.post(OI_INGEST, OPEN_INTEREST, episode="one").json


def test_a_key_of_any_length_is_not_kept(client: Client) -> None:
    assert client.post(INGEST, VOLUME, episode="x" * 501).status == 400


def test_the_list_is_of_a_kind_or_a_symbol_and_comes_in_pages(client: Client, clock: MovedClock) -> None:
    for number in range(5):
        client.post(INGEST, {**VOLUME, "symbol": f"S{number}USDT"})
        clock.move(1)
    client.post(OI_INGEST, OPEN_INTEREST)

    assert [alert["id"] for alert in client.listed("kind=open-interest")] == [6]
    assert [alert["id"] for alert in client.listed("symbol=s3usdt")] == [4]
    assert client.listed("kind=open-interest&symbol=S3USDT") == []
    assert [alert["id"] for alert in client.listed("after=4")] == [6, 5]
    page = client.get("/api/alerts", "kind=volume&limit=2").json
    assert ([alert["id"] for alert in page["alerts"]], page["next"]) == ([5, 4], 4)
    last = client.get("/api/alerts", "kind=volume&limit=3&before=4").json
    assert ([alert["id"] for alert in last["alerts"]], last["next"]) == ([3, 2, 1], None)


@pytest.mark.parametrize("asked", ["kind=health", "limit=0", "limit=501", "before=x", f"after={2**63}"])
def test_a_strange_query_is_refused(client: Client, asked: str) -> None:
    reply = client.get("/api/alerts", asked)

    assert (reply.status, reply.json["error"]) == (400, "Invalid query")


def test_an_address_with_a_key_in_it_is_no_header(client: Client) -> None:
    assert ask(client.app, "/api/alerts", "apiKey=secret").status == 401

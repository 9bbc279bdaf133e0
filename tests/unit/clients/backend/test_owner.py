"""The owner of the alerts against a server in the place of the embedded backend."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clients.backend.test_wire import LISTED
from volspike.clients.backend.owner import Owner
from volspike.clients.errors import Misdirected, Permanent
from volspike.model.alerts import UserAlertType

PATH = "/api/user-alerts"
KEPT = {**LISTED, "active": True, "createdAt": "2026-01-02T13:00:00.000Z", "firedAt": None}


@pytest.fixture
def owner(server: AnsweringServer) -> Iterator[Owner]:
    with Owner(server.url, "secret") as made:
        yield made


def body(content: object) -> bytes:
    return json.dumps(content).encode()


def test_an_alert_is_added_armed_again_listed_and_removed(server: AnsweringServer, owner: Owner) -> None:
    server.answers[PATH] = server.answers[f"{PATH}/a1/rearm"] = Answer(200, body(KEPT))
    assert owner.add("BTCUSDT", UserAlertType.PRICE_CROSS, 65000.0).id == "a1"
    assert owner.rearm("a1").active
    server.answers[PATH] = Answer(200, body({"alerts": [KEPT]}))
    assert [alert.symbol for alert in owner.alerts()] == ["BTC"]
    server.answers[f"{PATH}/a1"] = Answer(200, body({"success": True}))
    owner.remove("a1")

    added, rearmed, listed, removed = server.requests
    assert json.loads(added.body) == {"symbol": "BTCUSDT", "alertType": "PRICE_CROSS", "threshold": 65000.0}
    assert [request.method for request in (rearmed, listed, removed)] == ["POST", "GET", "DELETE"]
    assert {request.headers["x-api-key"] for request in server.requests} == {"secret"}


@pytest.mark.parametrize("ask", [lambda owner: owner.rearm("a/../b"), lambda owner: owner.remove("a/../b")])
def test_an_alert_that_is_not_there_is_named(
    server: AnsweringServer, owner: Owner, ask: Callable[[Owner], object]
) -> None:
    with pytest.raises(Permanent, match=r"there is no alert a/\.\./b"):
        ask(owner)

    assert server.requests[0].path.startswith(f"{PATH}/a/../b")


def test_a_wrong_key_is_one(server: AnsweringServer, owner: Owner) -> None:
    server.answers[PATH] = Answer(401, b'{"error":"Invalid API key"}')

    with pytest.raises(Misdirected, match="Invalid API key"):
        owner.alerts()

"""The alerts that people have set, against a server in the place of the embedded backend."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.examples import NOW, funding_document, funding_row
from volspike.clients.backend.wire import OwnAlert
from volspike.model.alerts import UserAlertType
from volspike.model.documents import VERSION, TickerDocument
from volspike.model.market import TickerRow
from volspike.readers.user_alerts import BadThreshold, NotListed, Unavailable, UserAlerts, are_kept_here
from volspike.rules.thresholds import Watched
from volspike.settings import Settings
from volspike.state import documents, file

Made = Callable[..., Settings]
PATH = "/api/user-alerts"


def kept(name: str = "a1", symbol: str = "BTCUSDT", threshold: float = 65000.0) -> dict[str, object]:
    """Return an alert as the backend lists it."""
    return {
        "id": name, "symbol": symbol, "alertType": "PRICE_CROSS", "threshold": threshold, "lastCheckedValue": None,
        "lastCheckedAt": None, "userTier": "elite", "active": True, "firedAt": None,
    }  # fmt: skip


@pytest.fixture
def user_alerts(settings: Made, server: AnsweringServer) -> UserAlerts:
    """The alerts at that server, whose list holds two in no order."""
    server.answers[PATH] = Answer(body=json.dumps({"alerts": [kept("b", "ETHUSDT"), kept("a")]}).encode())
    server.answers[f"{PATH}/a/rearm"] = Answer(body=json.dumps(kept("a")).encode())
    server.answers[f"{PATH}/a"] = Answer(body=b'{"success":true}')
    return UserAlerts(settings(backend_url=server.url), "secret")


def test_they_are_listed_by_symbol_armed_again_and_removed(user_alerts: UserAlerts, server: AnsweringServer) -> None:
    assert [alert.symbol for alert in user_alerts.all()] == ["BTCUSDT", "ETHUSDT"]
    assert user_alerts.rearm("a").active
    user_alerts.remove("a")

    assert [(request.method, request.path) for request in server.requests] == [
        ("GET", PATH),
        ("POST", f"{PATH}/a/rearm"),
        ("DELETE", f"{PATH}/a"),
    ]


def test_one_is_set_with_symbol_and_threshold_as_people_write_them(
    user_alerts: UserAlerts, server: AnsweringServer
) -> None:
    server.answers[PATH] = Answer(body=json.dumps(kept()).encode())

    assert user_alerts.add("btc", Watched.FUNDING, "0.01%").id == "a1"

    assert json.loads(server.requests[0].body) == {
        "symbol": "BTCUSDT",
        "alertType": "FUNDING_CROSS",
        "threshold": 0.0001,
    }


def test_what_cannot_be_watched_is_named_with_what_is_allowed_and_the_backend_is_not_asked(
    user_alerts: UserAlerts, server: AnsweringServer, runtime_dir: Path
) -> None:
    file.write(runtime_dir / documents.FUNDING, documents.encode(funding_document({"BTCUSDT": funding_row()})))

    with pytest.raises(BadThreshold, match=r"^threshold 'cheap': must be a number above 0, in USDT$"):
        user_alerts.add("BTC", Watched.PRICE, "cheap")
    with pytest.raises(NotListed, match=r"^BTCCUSDT is not listed: the funding feed knows 1 symbols, not this one$"):
        user_alerts.add("BTCC", Watched.PRICE, "1")
    with pytest.raises(NotListed, match=r"^symbol '': must be one such as BTCUSDT"):
        user_alerts.add(" ", Watched.PRICE, "1")

    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, b'{"error":"Invalid API key"}'), "Invalid API key; is VOLSPIKE_API_KEY the key of the backend"),
        (Answer(503, b"{}"), "is the suite running"),
        (Answer(400, b'{"error":"Invalid user alert"}'), "Invalid user alert"),
    ],
)
def test_a_backend_that_refuses_is_told_with_what_helps_and_without_the_key(
    user_alerts: UserAlerts, server: AnsweringServer, answer: Answer, said: str
) -> None:
    server.answers[PATH] = answer

    with pytest.raises(Unavailable, match=said) as caught:
        user_alerts.all()

    assert "secret" not in str(caught.value)


def test_the_present_value_is_that_of_the_files_while_they_are_fresh(
    user_alerts: UserAlerts, runtime_dir: Path
) -> None:
    alert = OwnAlert("a", "BTC", UserAlertType.PRICE_CROSS, 65000.0, active=True)
    assert user_alerts.present(alert) is None
    tickers = TickerDocument(VERSION, {"BTCUSDT": TickerRow(64_900.0, 0.0, 1e9, NOW)}, NOW)
    file.write(runtime_dir / documents.TICKERS, documents.encode(tickers))
    file.write(runtime_dir / documents.FUNDING, documents.encode(funding_document()))

    assert user_alerts.present(alert) == 64_900.0
    assert user_alerts.market().funding_rates == {"BTCUSDT": 0.0001}


def test_a_look_keeps_what_was_known_while_the_backend_does_not_answer(
    user_alerts: UserAlerts, server: AnsweringServer
) -> None:
    assert [alert.id for alert in user_alerts.look().alerts] == ["a", "b"]
    server.answers[PATH] = Answer(503, b"{}")

    look = user_alerts.look()

    assert [alert.id for alert in look.alerts] == ["a", "b"]
    assert "is the suite running" in look.problem
    assert look.at == NOW


def test_alerts_of_a_hosted_backend_are_not_kept_here(settings: Made, server: AnsweringServer) -> None:
    assert are_kept_here(settings(backend_url=server.url, backend_port=urlsplit(server.url).port))
    assert not are_kept_here(settings(backend_url="https://api.example.org"))

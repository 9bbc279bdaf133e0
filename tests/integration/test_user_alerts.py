"""User alerts as real processes: backend, courier and checker around the simulated exchange, in fast time."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.processes import DaemonProcess, Suite, ends_promptly, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer

RATE = {"VOLSPIKE_CLOCK_RATE": f"30@{int(time.time())}"}
"""A pass is made each second. Without an instant the next midnight would part two processes."""
KEY = "integration-key"
ACTIVE, TRIGGER = "/api/user-alerts-trigger/active", "/api/user-alerts-trigger/trigger"
PREMIUM_INDEX, PRICES = "/fapi/v1/premiumIndex", "/fapi/v2/ticker/price"


class Place(Suite):
    """A suite with the embedded backend, and the owner of its user alerts."""

    def owner(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Ask the backend as the owner of the alerts does, or as whoever checks them."""
        url = f"http://127.0.0.1:{self.backend_port}/api{path}"
        json_body = {**body, "apiKey": KEY} if body else None
        answer = requests.request(method, url, json=json_body, headers={"X-API-Key": KEY}, timeout=30)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def add(self, symbol: str, kind: str, threshold: float) -> str:
        """Make an alert and return its id."""
        made = self.owner("POST", "/user-alerts", symbol=symbol, alertType=kind, threshold=threshold)
        return str(made["id"])

    def alert(self, alert_id: str) -> dict[str, Any]:
        """Return an alert as its owner sees it."""
        return next(row for row in self.owner("GET", "/user-alerts")["alerts"] if row["id"] == alert_id)

    def checked(self, alert_id: str) -> bool:
        """Tell whether the backend has heard of a value of this alert."""
        return self.alert(alert_id)["lastCheckedValue"] is not None

    def last_seen(self, alert_id: str, value: float) -> None:
        """Let the backend know this as the latest value."""
        self.owner("POST", "/user-alerts-trigger/update-checked", alertId=alert_id, lastCheckedValue=value)

    def fired(self) -> list[dict[str, Any]]:
        """Return what has fired, newest first."""
        return [row["alert"] for row in self.owner("GET", "/alerts?kind=trigger")["alerts"]]

    def status(self) -> str:
        """Return what the checker says of itself."""
        beat = self.runtime_dir / ".heartbeat" / "user-alerts.json"
        return str(json.loads(beat.read_bytes())["status"]) if beat.exists() else ""

    def passes(self, outcome: str = "done") -> float:
        """Return how many passes of the checker have ended so."""
        path = self.runtime_dir / "metrics" / "user-alerts.prom"
        wanted = f'volspike_user_alert_passes_total{{daemon="user-alerts",outcome="{outcome}"}} '
        lines = path.read_text().splitlines() if path.exists() else []
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(wanted)), 0.0)

    def another_pass(self) -> None:
        """Wait until a pass has been made from its beginning to its end."""
        begun = self.passes()
        until(lambda: self.passes() >= begun + 2, what="another pass")


@pytest.fixture
def exchange() -> Iterator[SimulatorProcess]:
    """A simulated Binance whose time is fast."""
    with SimulatorProcess(env=RATE) as simulator:
        yield simulator


@pytest.fixture
def place(exchange: SimulatorProcess, tmp_path: Path) -> Iterator[Place]:
    """A suite in fast time, without feeds."""
    with Place(tmp_path, exchange, VOLSPIKE_API_KEY=KEY, **RATE) as running:
        yield running


@pytest.fixture
def hosted(exchange: SimulatorProcess, tmp_path: Path) -> Iterator[tuple[Place, AnsweringServer]]:
    """A suite whose backend says what the test tells it to."""
    with AnsweringServer() as server:
        server.answers["/api/user-alerts-trigger/update-checked"] = Answer(body=b'{"success":true}')
        server.answers[TRIGGER] = Answer(body=b'{"success":true}')
        with Place(tmp_path, exchange, VOLSPIKE_API_KEY=KEY, VOLSPIKE_API_URL=server.url, **RATE) as running:
            yield running, server


def asked(exchange: SimulatorProcess, path: str) -> int:
    """Return how often the exchange was asked for this."""
    return sum(exchange.stats()["requests"].get(path, {}).values())


def lists(server: AnsweringServer, *alerts: dict[str, Any]) -> None:
    """Let the backend list these alerts."""
    server.answers[ACTIVE] = Answer(body=json.dumps({"alerts": alerts}).encode())


def listed(name: str, symbol: str = "BTCUSDT", **fields: Any) -> dict[str, Any]:
    """Return an alert whose stored value lies above any price, and whose threshold does too."""
    at = "2020-01-01T00:00:00Z"
    given = {"lastCheckedValue": 2e9, "lastCheckedAt": at, "alertType": "PRICE_CROSS", "userTier": "pro", **fields}
    return {"id": name, "userId": "u", "symbol": symbol, "threshold": 1e9, "deliveryMethod": "BOTH", **given}


def triggers(server: AnsweringServer) -> list[str]:
    """Return the alerts that were fired, in their order, as often as that was."""
    return [json.loads(request.body)["alertId"] for request in server.requests if request.path == TRIGGER]


def test_an_alert_is_made_crossed_and_fired_once_without_any_feed(place: Place, exchange: SimulatorProcess) -> None:
    place.ready("backend")
    alert = place.add("BTCUSDT", "FUNDING_CROSS", 0.02)
    place.ready("courier")
    checker = place.ready("user-alerts")
    until(lambda: place.checked(alert), what="the first value")

    exchange.fault("wrong_funding", symbol="BTCUSDT", rate=0.05)
    until(place.fired, what="the alert")
    place.another_pass()

    (told,) = place.fired()
    assert (told["alertId"], told["crossedUp"]) == (alert, True)
    assert told["previousValue"] < 0.02 <= told["currentValue"]
    assert not place.alert(alert)["active"]
    assert "BTC funding crossed above 2% (" in checker.log
    assert asked(exchange, "/fapi/v1/openInterest") == 0
    assert checker.end() == 0


def test_an_alert_that_is_armed_again_waits_for_the_next_cross(place: Place, exchange: SimulatorProcess) -> None:
    place.ready("backend")
    alert = place.add("BTCUSDT", "FUNDING_CROSS", 0.02)
    place.ready("courier")
    place.ready("user-alerts")
    until(lambda: place.checked(alert), what="the first value")
    exchange.fault("wrong_funding", symbol="BTCUSDT", rate=0.05)
    until(place.fired, what="the alert")

    place.owner("POST", f"/user-alerts/{alert}/rearm")
    until(lambda: place.checked(alert), what="a value after it was armed again")
    place.another_pass()
    assert len(place.fired()) == 1

    exchange.clear()
    until(lambda: len(place.fired()) == 2, what="the next cross")
    assert place.fired()[0]["crossedUp"] is False


def test_a_restart_between_the_two_sides_loses_nothing(place: Place) -> None:
    place.ready("backend")
    alert = place.add("BTC", "OI_CROSS", 1e15)
    place.ready("courier")
    checker = place.ready("user-alerts")
    until(lambda: place.checked(alert), what="the first value")
    checker.end(signal.SIGKILL)

    place.last_seen(alert, 2e15)
    place.ready("user-alerts")
    until(place.fired, what="the alert")

    (told,) = place.fired()
    assert (told["symbol"], told["previousValue"], told["crossedUp"]) == ("BTC", 2e15, False)


def test_while_binance_bans_this_machine_nothing_is_asked_and_afterwards_all_goes_on_by_itself(
    place: Place, exchange: SimulatorProcess
) -> None:
    place.ready("backend")
    alert = place.add("BTCUSDT", "PRICE_CROSS", 1e9)
    place.ready("courier")
    checker = place.ready("user-alerts")
    until(lambda: place.checked(alert), what="the first value")

    exchange.fault("ban", seconds=450)  # fifteen seconds in which a pass must begin and end
    until(lambda: "no last prices" in place.status(), what="a status that tells it")
    place.last_seen(alert, 2e9)
    before = asked(exchange, PRICES)
    place.another_pass()
    assert asked(exchange, PRICES) == before
    assert place.fired() == []

    until(place.fired, what="the alert after the ban")
    until(lambda: place.status().endswith("crossed"), what="the status of a pass that knew the prices")
    assert checker.log.count("lost: last prices from Binance") == 1
    assert exchange.stats()["banned_418"] <= 2


def test_a_stop_of_the_backend_is_told_and_made_up_for(place: Place) -> None:
    backend = place.ready("backend")
    alert = place.add("BTCUSDT", "PRICE_CROSS", 1e9)
    checker = place.ready("user-alerts")
    until(lambda: place.checked(alert), what="the first value")
    place.last_seen(alert, 2e9)

    backend.end()
    until(lambda: place.passes("failed") >= 2, what="failed passes")
    assert place.status().startswith("cannot check user alerts: the backend cannot be reached")

    place.ready("backend")
    place.ready("courier")
    until(place.fired, what="the alert")
    assert checker.log.count("lost: the check of user alerts") == 1


def test_old_symbols_unknown_tiers_and_strange_alerts(hosted: tuple[Place, AnsweringServer]) -> None:
    place, server = hosted
    lists(
        server,
        listed("legacy", "BTC"),
        listed("gold", userTier="gold"),
        listed("strange", alertType="MOON_CROSS"),
        listed("unlisted", "NOSUCHUSDT"),
    )
    place.ready("courier")
    place.ready("user-alerts")

    until(lambda: len(triggers(server)) == 2, what="two triggers")

    assert set(triggers(server)) == {"legacy", "gold"}
    sent = {body["alertId"]: body for body in map(json.loads, (each.body for each in server.requests if each.body))}
    assert sent["legacy"]["symbol"] == "BTC"
    assert sent["legacy"]["apiKey"] == KEY
    until(lambda: "2 not checked" in place.status(), what="a status that counts the others")


def test_an_alert_that_was_deleted_meanwhile_is_refused_and_nothing_else_happens(
    hosted: tuple[Place, AnsweringServer],
) -> None:
    place, server = hosted
    server.answers[TRIGGER] = Answer(404, b'{"error":"Alert not found"}')
    lists(server, listed("deleted"))
    courier, checker = place.ready("courier"), place.ready("user-alerts")
    until(lambda: triggers(server), what="the trigger")
    lists(server)
    place.another_pass()

    assert triggers(server) == ["deleted"]
    until(lambda: "refused" in place.volspike("outbox", "list").stdout, what="an outbox that tells of the answer")
    assert (courier.process.poll(), checker.process.poll()) == (None, None)


def test_an_alert_whose_trigger_is_on_its_way_is_not_checked_again(hosted: tuple[Place, AnsweringServer]) -> None:
    place, server = hosted
    lists(server, listed("a1"))
    checker = place.ready("user-alerts")
    place.another_pass()
    lists(server, listed("a1", lastCheckedValue=2e9, lastCheckedAt="2100-01-01T00:00:00Z"))
    place.another_pass()

    checker.freeze()  # a real backend takes a trigger and its alert off the list at one and the same instant
    place.ready("courier")
    until(lambda: triggers(server), what="the trigger")
    lists(server)
    checker.thaw()
    place.another_pass()

    assert triggers(server) == ["a1"]


def test_a_crash_between_the_outbox_and_the_memory_fires_nothing_twice(hosted: tuple[Place, AnsweringServer]) -> None:
    place, server = hosted
    lists(server, listed("a1"))
    place.ready("courier")
    checker = place.ready("user-alerts")
    until(lambda: triggers(server), what="the trigger")
    checker.end(signal.SIGKILL)
    (place.state_dir / ".user_alerts_state.json").unlink(missing_ok=True)  # the courier may have been the faster one

    place.ready("user-alerts")
    place.another_pass()

    assert triggers(server) == ["a1"]


def test_beside_the_market_stream_no_price_and_no_rate_is_asked_for(tmp_path: Path) -> None:
    with SimulatorProcess() as exchange, Place(tmp_path, exchange, VOLSPIKE_API_KEY=KEY) as place:
        place.ready("backend")
        place.streaming()
        until(lambda: "BTCUSDT" in place.document(".ticker_state.json").get("tickers", {}), what="a ticker")
        alerts = [place.add("BTCUSDT", kind, 1e15) for kind in ("PRICE_CROSS", "FUNDING_CROSS", "OI_CROSS")]

        assert place.start("user-alerts", "--once").wait() == 0

        assert all(place.checked(alert) for alert in alerts)
        assert (asked(exchange, PRICES), asked(exchange, PREMIUM_INDEX)) == (0, 0)
        assert asked(exchange, "/fapi/v1/openInterest") == 1


def test_a_stop_does_not_wait_for_a_backend_that_hangs(hosted: tuple[Place, AnsweringServer]) -> None:
    place, server = hosted
    server.answers[ACTIVE] = Answer(after=60)

    def asking() -> DaemonProcess:
        before = len(server.asked)
        checker = place.ready("user-alerts")
        until(lambda: len(server.asked) > before, what="a request")
        return checker

    ends_promptly(asking)


def test_without_a_key_it_exits_78(place: Place) -> None:
    checker = place.start("user-alerts", VOLSPIKE_API_KEY="")

    assert checker.wait() == 78
    assert "VOLSPIKE_API_KEY" in checker.log

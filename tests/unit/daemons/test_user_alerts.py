"""One pass over the user alerts: from the backend's list to the outbox, the memory and the reports."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from tests.processes import until
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.backend.client import Backend
from volspike.daemons import user_alerts
from volspike.daemons.user_alerts import Checker
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned
from volspike.settings import Settings, SettingsError
from volspike.state import documents

ACTIVE, CHECKED = "/api/user-alerts-trigger/active", "/api/user-alerts-trigger/update-checked"
PRICES, OPEN_INTEREST = "/fapi/v2/ticker/price", "/fapi/v1/openInterest"
NOT_FULL = 30.0
"""Seconds after which the clock of these tests stands within the same five minutes."""


@pytest.fixture
def place(settings: Callable[..., Settings], server: AnsweringServer) -> Settings:
    """A suite whose exchange and backend are one server."""
    return settings(binance_rest_url=server.url, backend_url=server.url, backend_key="secret-key")


@pytest.fixture
def outbox(place: Settings, clock: MovedClock) -> Iterator[Outbox]:
    """The suite's outbox."""
    with Outbox(place.state_dir / documents.OUTBOX, clock, place.routes) as running:
        yield running


@pytest.fixture
def started(daemon: Daemon, place: Settings, outbox: Outbox) -> Iterator[Callable[[], Checker]]:
    """A checker as a new run begins with it."""
    with Backend(place.backend_url, place.backend_key) as backend:
        yield lambda: Checker(daemon, place, backend, outbox)


@pytest.fixture
def checker(started: Callable[[], Checker]) -> Checker:
    """A checker that has just been started."""
    return started()


@pytest.fixture(autouse=True)
def lists(server: AnsweringServer) -> Callable[..., None]:
    """What the backend lists; nothing at first."""

    def answer(*alerts: dict[str, Any]) -> None:
        server.answers[ACTIVE] = Answer(body=json.dumps({"alerts": alerts}).encode())

    answer()
    server.answers[CHECKED] = Answer(body=b'{"success":true}')
    return answer


@pytest.fixture
def trades(server: AnsweringServer) -> Callable[..., None]:
    """What the last prices are; all of them in contracts of open interest too."""

    def answer(**prices: float) -> None:
        rows = [{"symbol": symbol, "price": str(price)} for symbol, price in prices.items()]
        server.answers[PRICES] = Answer(body=json.dumps(rows).encode())
        server.answers[OPEN_INTEREST] = Answer(body=b'{"openInterest":"10"}')

    return answer


def alert(name: str = "a1", symbol: str = "BTCUSDT", threshold: float = 65_000.0, **fields: Any) -> dict[str, Any]:
    """Return an alert as the backend lists it."""
    given = {"alertType": "PRICE_CROSS", "lastCheckedValue": None, "lastCheckedAt": None, "userTier": "pro", **fields}
    return {"id": name, "userId": "u1", "symbol": symbol, "threshold": threshold, "deliveryMethod": "BOTH", **given}


def fired(outbox: Outbox) -> list[dict[str, Any]]:
    """Return every trigger in the outbox."""
    return [json.loads(message.payload) for message in outbox.messages(Kind.TRIGGER, 0)]


def reported(server: AnsweringServer) -> dict[str, float]:
    """Return the value that the backend has last heard of each alert."""
    bodies = [json.loads(asked.body) for asked in server.requests if asked.path == CHECKED]
    return {body["alertId"]: body["lastCheckedValue"] for body in bodies}


def follow(checker: Checker, clock: MovedClock, trades: Callable[..., None], *prices: float) -> None:
    """Make a pass at each of these prices of bitcoin."""
    for price in prices:
        trades(BTCUSDT=price)
        checker.step()
        clock.move(NOT_FULL)


def test_a_threshold_that_is_crossed_between_two_passes_goes_to_the_outbox_once(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None], outbox: Outbox
) -> None:
    lists(alert())

    follow(checker, clock, trades, 64_900, 65_100, 64_800, 65_200)

    assert fired(outbox) == [
        {
            "alertId": "a1",
            "symbol": "BTCUSDT",
            "currentValue": 65_100.0,
            "previousValue": 64_900.0,
            "crossedUp": True,
        }
    ]
    (message,) = outbox.undelivered(Kind.TRIGGER)
    assert message.key == f"user:a1:{int(NOW)}"
    assert message.at == NOW + 30


def test_the_value_that_the_backend_has_stored_counts_as_the_one_before(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None], outbox: Outbox
) -> None:
    lists(alert(lastCheckedValue=65_300.0, lastCheckedAt="2026-10-01T12:01:33Z"))

    follow(checker, clock, trades, 64_900)

    assert [trigger["crossedUp"] for trigger in fired(outbox)] == [False]


def test_open_interest_is_held_against_a_threshold_in_usd_and_an_old_symbol_means_the_market_in_usdt(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None], outbox: Outbox
) -> None:
    lists(alert(symbol="BTC", alertType="OI_CROSS", threshold=650_000.0))

    follow(checker, clock, trades, 64_000, 66_000)

    (trigger,) = fired(outbox)
    assert (trigger["symbol"], trigger["previousValue"], trigger["currentValue"]) == ("BTC", 640_000.0, 660_000.0)


def test_free_and_unknown_tiers_are_checked_at_the_start_and_then_every_five_minutes(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None], outbox: Outbox
) -> None:
    lists(alert("free", userTier="free"), alert("gold", userTier="gold"), alert("elite", userTier="elite"))

    follow(checker, clock, trades, 64_900, 65_100, 65_100, 65_100, 65_100)
    assert [trigger["alertId"] for trigger in fired(outbox)] == ["elite"]

    follow(checker, clock, trades, 65_100, 65_100)
    assert {trigger["alertId"] for trigger in fired(outbox)} == {"free", "gold", "elite"}


def test_a_strange_alert_costs_only_itself(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    *, outbox: Outbox, daemon: Daemon, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    lists(alert("a1"), alert("strange", alertType="MOON_CROSS"), alert("gone", "GONEUSDT"), {"id": 7})

    follow(checker, clock, trades, 64_900, 65_100)

    assert [trigger["alertId"] for trigger in fired(outbox)] == ["a1"]
    assert 'volspike_user_alerts_unchecked{daemon="funding-ws"} 3.0' in daemon.metrics.text()
    assert caplog.messages == ["user alerts that do not decode", "user alerts on a symbol without this value"]


def test_the_backend_hears_of_a_first_value_and_not_of_each(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    server: AnsweringServer,
) -> None:  # fmt: skip
    lists(alert())

    follow(checker, clock, trades, 64_900)
    until(lambda: reported(server))
    follow(checker, clock, trades, 64_800, 64_700)
    checker.close(1.0)

    assert reported(server) == {"a1": 64_900.0}
    assert len([asked for asked in server.requests if asked.path == CHECKED]) == 1


def test_a_restart_between_two_values_loses_no_cross(
    started: Callable[[], Checker], clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    outbox: Outbox,
) -> None:  # fmt: skip
    lists(alert())
    before = started()
    follow(before, clock, trades, 64_900)
    before.close(0.0)

    follow(started(), clock, trades, 65_100)

    assert [trigger["previousValue"] for trigger in fired(outbox)] == [64_900.0]


def test_a_crash_after_the_outbox_and_before_the_memory_doubles_nothing(
    started: Callable[[], Checker], clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    *, outbox: Outbox, place: Settings,
) -> None:  # fmt: skip
    lists(alert(lastCheckedValue=64_900.0, lastCheckedAt="2026-10-01T12:01:33Z"))
    follow(started(), clock, trades, 65_100)
    (place.state_dir / documents.USER_ALERTS).unlink()

    follow(started(), clock, trades, 65_200, 65_300)

    assert len(fired(outbox)) == 1


def test_an_outbox_that_cannot_be_written_leaves_the_memory_as_it_was(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    *, outbox: Outbox, place: Settings,
) -> None:  # fmt: skip
    lists(alert())
    follow(checker, clock, trades, 64_900)
    path = place.state_dir / documents.OUTBOX
    moved = path.rename(path.with_name("moved"))
    path.mkdir()
    follow(checker, clock, trades, 65_100)
    assert checker.report.problem

    path.rmdir()
    moved.rename(path)
    follow(checker, clock, trades, 65_100)

    assert [trigger["previousValue"] for trigger in fired(outbox)] == [64_900.0]
    assert not checker.report.problem


def test_while_the_backend_is_away_a_pass_fails_visibly_and_the_next_makes_up_for_it(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    *, server: AnsweringServer, outbox: Outbox, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    lists(alert(userTier="free"))
    follow(checker, clock, trades, 64_900)
    clock.move(240)
    server.answers[ACTIVE] = Answer(503)
    follow(checker, clock, trades, 65_100, 65_100)

    assert "HTTP 503" in checker.report.problem
    lists(alert(userTier="free"))
    follow(checker, clock, trades, 65_100)

    assert len(fired(outbox)) == 1
    assert caplog.messages == ["lost: the check of user alerts"]


def test_a_source_that_was_lost_in_a_full_pass_is_made_up_for_too(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    *, server: AnsweringServer, outbox: Outbox,
) -> None:  # fmt: skip
    lists(alert(userTier="free", lastCheckedValue=64_900.0, lastCheckedAt="2026-10-01T12:01:33Z"))
    server.answers[PRICES] = Answer(503)
    checker.step()
    assert fired(outbox) == []
    clock.move(NOT_FULL)

    follow(checker, clock, trades, 65_100)

    assert len(fired(outbox)) == 1


def test_each_cross_is_logged_in_the_words_of_its_message(
    checker: Checker, clock: MovedClock, lists: Callable[..., None], trades: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level("INFO")
    lists(alert())

    follow(checker, clock, trades, 65_100, 64_900)

    (record,) = [record for record in caplog.records if "crossed" in record.message]
    assert record.message == "BTC price crossed below 65,000 USDT (65,100 → 64,900)"
    assert record.__dict__["alert"] == "a1"


def test_without_alerts_nothing_of_the_market_is_asked_for(checker: Checker, server: AnsweringServer) -> None:
    checker.step()

    assert [asked.partition("?")[0] for asked in server.asked] == [ACTIVE]


def test_a_single_pass_gives_its_reports_time_and_its_failure_is_exit_one(
    daemon: Daemon, place: Settings, lists: Callable[..., None], trades: Callable[..., None], server: AnsweringServer
) -> None:
    lists(alert())
    trades(BTCUSDT=64_900)

    assert user_alerts.run(daemon, place, True) == 0
    assert reported(server) == {"a1": 64_900.0}

    server.answers[ACTIVE] = Answer(401)
    assert user_alerts.run(daemon, place, True) == 1


def test_a_stop_waits_for_no_backend_that_hangs(
    daemon: Daemon, place: Settings, server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_alerts, "Backend", partial(Backend, timeout=(10.0, 60.0)))
    server.answers[ACTIVE] = Answer(after=60)
    threading.Timer(0.05, lambda: setattr(daemon, "stopping", True)).start()
    started = time.monotonic()

    assert user_alerts.run(daemon, place, False) == 0

    assert time.monotonic() - started < 30


def test_a_stop_in_the_middle_of_a_pass_changes_nothing(
    checker: Checker, daemon: Daemon, lists: Callable[..., None], outbox: Outbox
) -> None:
    lists(alert(lastCheckedValue=64_900.0, lastCheckedAt="2026-10-01T12:01:33Z"))
    daemon.stopping = True

    with pytest.raises(Abandoned):
        checker.step()

    assert fired(outbox) == []


def test_without_a_key_for_the_backend_it_does_not_begin(daemon: Daemon, place: Settings) -> None:
    with pytest.raises(SettingsError):
        user_alerts.run(daemon, replace(place, backend_key=""), True)

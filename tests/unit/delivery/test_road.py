"""The outbox in the courier's hands: order, ages, and what became of each row."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.delivery.conftest import message, put_strange
from tests.unit.examples import NOW
from volspike.clients.errors import Transient
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Outcome, Road, Stop
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Kind, Pause, State, Tally

Put = Callable[..., int]
DEV, CHAT = BACKEND_DEV, TELEGRAM


@pytest.fixture
def road(path: Path) -> Iterator[Road]:
    with Road(path) as opened:
        yield opened


def states(ledger: Ledger) -> list[str]:
    return [entry.state for entry in reversed(ledger.listing())]


def test_of_each_symbol_and_destination_the_first_may_leave(road: Road, put: Put) -> None:
    put("a", "b", symbol="BTCUSDT")
    put("c", symbol="ETHUSDT")
    put("d", symbol="BTCUSDT", kind=Kind.TRIGGER)

    assert road.heads(BACKEND, NOW) == [1, 7]
    assert road.heads(DEV, NOW) == [2, 8]
    assert road.heads(CHAT, NOW) == [3, 9]


@pytest.mark.parametrize("state", [State.DELIVERED, State.REFUSED, State.EXPIRED, State.DROPPED])
def test_a_row_waits_until_the_one_before_it_has_left_the_road(road: Road, put: Put, state: State) -> None:
    put("a", "b", symbol="BTCUSDT", kind=Kind.TRIGGER)
    assert road.heads(BACKEND, NOW) == [1]

    road.settle([Outcome(1, state, "")], NOW)

    assert road.heads(BACKEND, NOW) == [2]


def test_a_trigger_that_does_not_get_through_gives_way_in_the_end(road: Road, put: Put) -> None:
    put("a", "b", symbol="BTCUSDT", kind=Kind.TRIGGER)
    put("c", symbol="BTCUSDT", kind=Kind.TRIGGER, at=NOW + 60)
    put("d", symbol="BTCUSDT", kind=Kind.OPEN_INTEREST, at=NOW + 60)

    assert road.heads(BACKEND, NOW + 899) == [1]
    assert road.heads(BACKEND, NOW + 900) == [1, 2, 3, 4]


def test_an_alert_that_expires_never_gives_way(road: Road, put: Put) -> None:
    put("a", "b", symbol="BTCUSDT")

    assert road.heads(BACKEND, NOW + 3599) == [1]


def test_what_waits_for_a_chat_is_told_in_its_order(road: Road, put: Put) -> None:
    put("a", "b", symbol="BTCUSDT")
    road.settle([Outcome(3, State.DELIVERED, "")], NOW)

    assert road.waiting(CHAT) == [Stop(6, "BTCUSDT", "BTCUSDT happened")]
    assert [stop.id for stop in road.waiting(DEV)] == [2, 5]


def test_messages_of_rows_that_have_gone_are_missing(road: Road, put: Put) -> None:
    put("a", "b", kind=Kind.TRIGGER)

    assert road.messages([2, 3]) == {2: message("b", "b", kind=Kind.TRIGGER)}
    assert road.messages([]) == {}


def test_a_retry_counts_and_keeps_what_was_said(road: Road, put: Put, ledger: Ledger) -> None:
    put("a", kind=Kind.TRIGGER)

    for problem in ("HTTP 503", "HTTP 500"):
        road.settle([Outcome(1, State.WAITING, problem)], NOW)

    entry = ledger.entry(1)
    assert entry is not None
    assert (entry.state, entry.attempts, entry.problem, entry.settled_at) == (State.WAITING, 2, "HTTP 500", None)


def test_what_was_dropped_under_way_stays_dropped_unless_it_has_arrived(road: Road, put: Put, ledger: Ledger) -> None:
    put("a", "b", "c", kind=Kind.TRIGGER)
    ledger.drop([1, 2, 3])

    road.settle(
        [Outcome(1, State.WAITING, "HTTP 503"), Outcome(2, State.REFUSED, "400"), Outcome(3, State.DELIVERED, "")], NOW
    )

    assert states(ledger) == ["dropped", "dropped", "delivered"]


def test_what_another_release_has_put_is_refused_and_holds_up_nothing(
    road: Road, path: Path, put: Put, ledger: Ledger
) -> None:
    put("a", symbol="BTCUSDT", kind=Kind.TRIGGER)
    put_strange(path, "b", "ETHUSDT")
    put_strange(path, "c", "ETHUSDT", CHAT)
    put("d", symbol="ETHUSDT", kind=Kind.TRIGGER)

    assert road.heads(BACKEND, NOW) == [1, 4]
    problem = "this release knows no alerts of kind liquidation"
    assert road.refuse_strange(NOW + 1) == [
        (BACKEND, Outcome(2, State.REFUSED, problem)),
        (CHAT, Outcome(3, State.REFUSED, problem)),
    ]
    assert road.refuse_strange(NOW + 2) == []

    assert states(ledger) == ["waiting", "refused", "refused", "waiting"]
    refused = ledger.listing(states=[State.REFUSED])
    assert {(entry.settled_at, entry.attempts, entry.problem) for entry in refused} == {(NOW + 1, 0, problem)}


def test_alerts_grow_too_old_and_triggers_never(road: Road, put: Put, ledger: Ledger) -> None:
    put("a", at=NOW - 3600)
    put("young", at=NOW - 3599)
    put("b", at=NOW - 3600, kind=Kind.OPEN_INTEREST)
    put("c", at=NOW - 9_999_999, kind=Kind.TRIGGER)

    assert road.expire(NOW, [1]) == {DEV: 1, CHAT: 1, BACKEND: 1}

    assert states(ledger) == ["waiting", "expired", "expired", *["waiting"] * 3, "expired", "waiting"]
    assert road.expire(NOW, [1]) == {}


def test_what_quiet_hours_have_held_may_be_older_by_them_at_the_destinations_they_concern(
    road: Road, put: Put, ledger: Ledger
) -> None:
    put("old", "older", at=NOW - 7000)
    put("oldest", at=NOW - 8000)

    assert road.expire(NOW, [], {CHAT: 3500.0}) == {BACKEND: 3, DEV: 3, CHAT: 1}
    assert [e.key for e in ledger.listing(states=[State.WAITING])] == ["older", "old"]
    assert [stop.id for stop in road.waiting(CHAT)] == [3, 6]


def test_only_the_kinds_that_are_asked_for_wait_for_a_chat(road: Road, put: Put) -> None:
    put("a")

    assert road.waiting(CHAT, [Kind.HEALTH]) == []
    assert [stop.id for stop in road.waiting(CHAT, [Kind.HEALTH, Kind.VOLUME])] == [3]


def test_a_muted_symbol_waits_no_more_for_people_unless_it_is_under_way(road: Road, put: Put, ledger: Ledger) -> None:
    put("a", "b", symbol="BTCUSDT")
    put("c", symbol="ETHUSDT")

    assert road.mute([CHAT], {"BTCUSDT": "muted"}, NOW - 1, [3]) == {}  # it may have been unmuted since
    assert road.mute([CHAT], {"BTCUSDT": "muted"}, NOW, [3]) == {CHAT: 1}
    assert road.mute([CHAT], {"BTCUSDT": "muted"}, NOW, [3]) == {}

    (dropped,) = ledger.listing(states=[State.DROPPED])
    assert (dropped.id, dropped.problem, dropped.settled_at) == (6, "muted", NOW)


def test_what_is_settled_is_kept_for_its_time_and_what_waits_for_ever(road: Road, put: Put, ledger: Ledger) -> None:
    put("a", "b", "c", "d", "e", kind=Kind.TRIGGER)
    outcomes = (State.DELIVERED, State.REFUSED, State.EXPIRED, State.DROPPED)
    road.settle([Outcome(number, state, "") for number, state in enumerate(outcomes, 1)], NOW)

    assert road.clean(NOW + 48 * 3600) == 0
    assert road.clean(NOW + 48 * 3600 + 1) == 1
    assert road.clean(NOW + 30 * 86_400) == 0
    assert road.clean(NOW + 30 * 86_400 + 1) == 3
    assert states(ledger) == ["waiting"]


def test_a_pause_is_kept_until_it_is_ended(road: Road) -> None:
    for reason in ("HTTP 401", "HTTP 404"):
        road.pause(BACKEND, Pause(NOW, reason, "ab12"))

    assert road.pauses() == {BACKEND: Pause(NOW, "HTTP 404", "ab12")}
    assert road.resume(BACKEND)
    assert not road.resume(BACKEND)


def test_only_what_others_change_is_news(road: Road, put: Put, ledger: Ledger) -> None:
    assert road.changed()
    assert not road.changed()

    put("a", kind=Kind.TRIGGER)
    assert road.changed()
    road.settle([Outcome(1, State.REFUSED, "")], NOW)
    assert not road.changed()
    ledger.retry([1])
    assert road.changed()


def test_a_file_that_was_replaced_is_news(road: Road, path: Path) -> None:
    road.changed()
    path.rename(path.with_name("aside"))
    for suffix in ("-wal", "-shm"):
        path.with_name(f"outbox.db{suffix}").rename(path.with_name(f"aside{suffix}"))

    assert road.changed()


def test_figures_are_those_of_the_ledger(road: Road, put: Put) -> None:
    put("a", kind=Kind.TRIGGER)

    assert road.tallies(NOW) == {BACKEND: Tally(waiting=1, oldest_waiting_at=NOW)}


def test_an_outbox_that_cannot_be_made_is_a_passing_trouble(path: Path, outbox: Outbox) -> None:
    path.parent.write_text("a file where a directory should be")

    with Road(path) as road, pytest.raises(Transient):
        road.heads(BACKEND, NOW)

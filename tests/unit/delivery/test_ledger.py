"""What operators see of the outbox, and what they change."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.delivery.conftest import message, put_into_state, put_strange
from tests.unit.examples import NOW
from volspike.clients.errors import Transient
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Outcome, Road
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Kind, Message, Pause, State, Tally

Put = Callable[..., int]


@pytest.fixture
def road(path: Path) -> Iterator[Road]:
    with Road(path) as opened:
        yield opened


def states(ledger: Ledger) -> list[tuple[int, str]]:
    return [(entry.id, entry.state) for entry in reversed(ledger.listing())]


def test_the_newest_come_first_and_only_so_many(ledger: Ledger, put: Put) -> None:
    put("a", "b", "c", kind=Kind.TRIGGER)

    assert [entry.key for entry in ledger.listing(limit=2)] == ["c", "b"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"kinds": [Kind.OPEN_INTEREST]}, [5]),
        ({"destinations": [BACKEND]}, [5, 4, 1]),
        ({"states": [State.REFUSED, State.DELIVERED]}, [2, 1]),
        ({"states": [State.WAITING], "destinations": [TELEGRAM], "kinds": [Kind.VOLUME]}, [3]),
        ({"states": [State.DROPPED]}, []),
        ({"symbols": ["b", "c"]}, [5, 4]),
    ],
)
def test_a_listing_may_be_narrowed(
    ledger: Ledger, put: Put, road: Road, filters: dict[str, list[str]], ids: list[int]
) -> None:
    put("a")
    put("b", kind=Kind.TRIGGER)
    put("c", kind=Kind.OPEN_INTEREST)
    road.settle([Outcome(1, State.DELIVERED, ""), Outcome(2, State.REFUSED, "HTTP 400")], NOW)

    assert [entry.id for entry in ledger.listing(**filters)] == ids  # type: ignore[arg-type]


def test_an_entry_tells_all_there_is(ledger: Ledger, outbox: Outbox, road: Road) -> None:
    outbox.put([message("a", kind=Kind.TRIGGER, at=NOW - 5)])
    road.settle([Outcome(1, State.REFUSED, "HTTP 400: symbol")], NOW + 2)

    entry = ledger.entry(1)

    assert entry is not None
    assert (entry.key, entry.kind, entry.symbol, entry.at) == ("a", Kind.TRIGGER, "BTCUSDT", NOW - 5)
    assert (entry.payload, entry.text) == (b'{"symbol":"BTCUSDT"}', "BTCUSDT happened")
    assert (entry.destination, entry.state, entry.problem) == (BACKEND, State.REFUSED, "HTTP 400: symbol")
    assert (entry.since, entry.settled_at, entry.attempts) == (NOW - 5, NOW + 2, 1)
    assert ledger.entry(2) is None


def test_what_another_release_has_put_is_listed_and_not_told(ledger: Ledger, path: Path, put: Put) -> None:
    put("a", kind=Kind.TRIGGER)
    put_strange(path, "b")
    put("c", kind=Kind.TRIGGER)

    assert [(entry.key, entry.kind) for entry in ledger.listing()] == [
        ("c", "trigger"),
        ("b", "liquidation"),
        ("a", "trigger"),
    ]
    assert [item.message.key for item in ledger.latest(9)] == ["a", "c"]
    assert [item.message.key for item in ledger.told(0)] == ["a", "c"]


def test_a_state_of_another_release_costs_nothing_but_its_row_which_may_be_tried_again_or_given_up(
    ledger: Ledger, path: Path, put: Put
) -> None:
    put("a", "b", "c", kind=Kind.TRIGGER)
    put_into_state(path, 2, "archived")
    put_into_state(path, 3, "held", settled_at=None)

    assert [state for _, state in states(ledger)] == ["waiting", "archived", "held"]
    assert ledger.stats() == {BACKEND: Tally(waiting=1, oldest_waiting_at=NOW)}
    assert ledger.retry_all() == 0
    assert [item.message.key for item in ledger.told(0)] == ["a", "b", "c"]

    assert (ledger.retry([2]), ledger.drop([3])) == (1, 1)
    assert [state for _, state in states(ledger)] == ["waiting", "waiting", "dropped"]


def test_all_that_was_refused_or_expired_is_tried_again_and_as_young_as_new(
    ledger: Ledger, put: Put, road: Road, clock: MovedClock
) -> None:
    put("a", "b", "c", "d", "e", kind=Kind.TRIGGER)
    outcomes = (State.REFUSED, State.EXPIRED, State.DROPPED, State.DELIVERED)
    road.settle([Outcome(number, state, "why") for number, state in enumerate(outcomes, 1)], NOW)
    clock.move(7200)

    assert ledger.retry_all() == 2

    assert [state for _, state in states(ledger)] == ["waiting", "waiting", "dropped", "delivered", "waiting"]
    entry = ledger.entry(1)
    assert entry is not None
    assert (entry.since, entry.settled_at, entry.attempts, entry.problem) == (NOW + 7200, None, 0, "")
    assert entry.at == NOW


def test_all_of_one_state_are_tried_again(ledger: Ledger, put: Put, road: Road) -> None:
    put("a", "b", kind=Kind.TRIGGER)
    road.settle([Outcome(1, State.REFUSED, "why"), Outcome(2, State.EXPIRED, "why")], NOW)

    assert ledger.retry_all([State.EXPIRED]) == 1

    assert states(ledger) == [(1, State.REFUSED), (2, State.WAITING)]


def test_what_was_dropped_is_tried_again_when_it_is_named(ledger: Ledger, put: Put, road: Road) -> None:
    put("a", "b", "c", kind=Kind.TRIGGER)
    road.settle([Outcome(1, State.DROPPED, ""), Outcome(2, State.DELIVERED, "")], NOW)

    assert ledger.retry([1, 2, 3, 99]) == 1
    assert ledger.retry([]) == 0
    assert states(ledger) == [(1, State.WAITING), (2, State.DELIVERED), (3, State.WAITING)]


def test_what_was_given_up_waits_no_more_and_what_was_delivered_stays(ledger: Ledger, put: Put, road: Road) -> None:
    put("a", "b", "c", "d", kind=Kind.TRIGGER)
    road.settle([Outcome(2, State.DELIVERED, ""), Outcome(3, State.REFUSED, "HTTP 400")], NOW)

    assert ledger.drop([1, 2, 3]) == 2

    assert [state for _, state in states(ledger)] == ["dropped", "delivered", "dropped", "waiting"]


def test_what_was_settled_a_day_ago_is_not_in_the_figures(
    ledger: Ledger, put: Put, road: Road, clock: MovedClock
) -> None:
    put("a", "b", "c", kind=Kind.TRIGGER)
    road.settle([Outcome(1, State.DELIVERED, "")], NOW)
    clock.move(86_401)
    road.settle([Outcome(2, State.EXPIRED, "")], clock.now())

    assert ledger.stats() == {BACKEND: Tally(waiting=1, oldest_waiting_at=NOW, expired=1)}


def test_a_pause_is_seen_and_ended(ledger: Ledger, road: Road) -> None:
    pause = Pause(NOW, "HTTP 401", "ab12")
    road.pause(BACKEND, pause)

    assert ledger.pauses() == {BACKEND: pause}
    assert ledger.resume(BACKEND)
    assert not ledger.resume(BACKEND)
    assert road.pauses() == {}
    assert road.asked_to_try() == [BACKEND]
    assert road.asked_to_try() == []


def test_following_tells_each_message_once_whatever_its_destinations(ledger: Ledger, put: Put, outbox: Outbox) -> None:
    put("before")
    start = ledger.newest()
    put("a")
    put("b", kind=Kind.TRIGGER)

    told = ledger.told(start)

    assert [(item.id, item.message) for item in told] == [
        (4, message("a", "a")),
        (7, message("b", "b", kind=Kind.TRIGGER)),
    ]
    assert isinstance(told[0].message, Message)
    assert ledger.told(told[-1].id) == []
    assert [item.id for item in ledger.told(0, limit=2)] == [1, 4]


def test_following_may_be_narrowed_to_kinds_and_symbols(ledger: Ledger, put: Put) -> None:
    put("a", "b")
    put("c", kind=Kind.TRIGGER)

    assert [item.id for item in ledger.told(0, symbols=["b", "c"])] == [4, 7]
    assert [item.id for item in ledger.told(0, kinds=[Kind.TRIGGER], symbols=["b", "c"])] == [7]


def test_the_latest_messages_come_in_the_order_in_which_they_were_put(ledger: Ledger, put: Put) -> None:
    put("a", "b")
    put("c", kind=Kind.TRIGGER)

    assert [item.id for item in ledger.latest(2)] == [4, 7]
    assert [item.id for item in ledger.latest(2, kinds=[Kind.VOLUME])] == [1, 4]
    assert [item.id for item in ledger.latest(9, symbols=["a"])] == [1]
    assert ledger.latest(0) == []


def test_the_newest_is_still_known_when_it_has_been_forgotten(ledger: Ledger, put: Put, road: Road) -> None:
    put("a", kind=Kind.TRIGGER)
    road.settle([Outcome(1, State.DELIVERED, "")], NOW)
    road.clean(NOW + 3 * 86_400)

    assert ledger.listing() == []
    assert ledger.newest() == 1


def test_a_destination_that_was_added_later_tells_nothing_twice(ledger: Ledger, path: Path, clock: MovedClock) -> None:
    for destination in (BACKEND, BACKEND_DEV):
        with Outbox(path, clock, {Kind.VOLUME: [destination]}) as outbox:
            outbox.put([message("a")])

    assert [item.id for item in ledger.told(0)] == [1]
    assert ledger.told(1) == []


def test_an_empty_outbox_has_nothing_newest(ledger: Ledger, road: Road) -> None:
    assert road.pauses() == {}
    assert ledger.newest() == 0


def test_looking_makes_no_outbox(ledger: Ledger, path: Path) -> None:
    with pytest.raises(Transient, match="there is no outbox"):
        ledger.listing()
    assert not path.exists()

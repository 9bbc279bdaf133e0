"""The way to a backend: what leaves, in which order, and how fast."""

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.delivery.routes import SECONDS, Put, World, states
from tests.unit.examples import NOW
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.delivery.ledger import Ledger
from volspike.delivery.route import BackendRoute, ChatRoute
from volspike.model.delivery import Kind, Pause, State


def test_a_symbol_s_alerts_arrive_one_after_the_other(world: World, backend: BackendRoute, put: Put) -> None:
    put("a", "b", "c", symbol="BTCUSDT", kind=Kind.TRIGGER)
    put("d", symbol="ETHUSDT", kind=Kind.TRIGGER)

    assert [world.round(backend) for _ in range(4)] == [["a", "d"], ["b"], ["c"], []]


def test_at_most_eight_are_under_way(world: World, backend: BackendRoute, put: Put) -> None:
    put(*"abcdefghijk", kind=Kind.TRIGGER)

    world.dispatch(backend)
    backend.stir()
    world.dispatch(backend)

    assert (backend.loads, len(backend.under_way), backend.busy) == (8, 8, True)
    world.collect(backend)
    assert world.round(backend) == ["i", "j", "k"]
    assert not backend.busy


def test_nothing_is_asked_of_the_outbox_until_something_has_changed(
    world: World, backend: BackendRoute, put: Put
) -> None:
    assert world.round(backend) == []
    put("a", kind=Kind.TRIGGER)

    assert world.round(backend) == []
    backend.stir()
    assert world.round(backend) == ["a"]


def test_what_is_not_on_the_disk_yet_is_not_sent_again(world: World, backend: BackendRoute, put: Put) -> None:
    put("a", "b", symbol="BTCUSDT", kind=Kind.TRIGGER)
    world.dispatch(backend)
    returned = world.returns.get(timeout=SECONDS)
    backend.take(returned, returned.answer)

    assert world.round(backend) == []

    backend.release([1])
    assert world.round(backend) == ["a"]


def test_a_destination_that_is_away_gets_one_message_at_a_time_until_it_is_back(
    world: World, backend: BackendRoute, put: Put, clock: MovedClock
) -> None:
    put(*"abcd", kind=Kind.TRIGGER)
    world.errors = dict.fromkeys("abcd", Transient("connection refused"))

    assert world.round(backend) == ["a", "b", "c", "d"]
    assert backend.condition.failures == 1
    assert not backend.busy
    clock.move(31)
    assert len(world.round(backend)) == 1
    world.errors.clear()
    clock.move(61)
    assert len(world.round(backend)) == 1
    assert len(world.round(backend)) == 3


def test_a_destination_that_says_when_is_left_alone_until_then(
    world: World, backend: BackendRoute, put: Put, clock: MovedClock
) -> None:
    put("a", kind=Kind.TRIGGER)
    world.errors = {"a": Transient("HTTP 429", 100.0)}
    world.round(backend)
    world.errors.clear()
    put("b", kind=Kind.TRIGGER)
    backend.stir()

    clock.move(99)
    assert world.round(backend) == []
    clock.move(2)
    assert world.round(backend) == ["a"]
    assert world.round(backend) == ["b"]


@pytest.mark.parametrize("error", [Transient("HTTP 429", 40_000.0), Faulted("HTTP 500", 40_000.0)])
def test_operators_end_any_wait(world: World, chat: ChatRoute, put: Put, clock: MovedClock, error: Exception) -> None:
    put("a")
    world.errors = {"a happened": error}
    world.round(chat)
    clock.move(3000)
    assert world.round(chat) == []

    chat.try_now(clock.monotonic())

    assert world.round(chat) == ["a happened"]


def test_a_row_that_is_answered_500_for_ever_holds_up_nobody_and_is_refused(
    world: World, backend: BackendRoute, put: Put, clock: MovedClock, ledger: Ledger
) -> None:
    put("bad", "behind", symbol="BTCUSDT", kind=Kind.TRIGGER)
    put("other", kind=Kind.TRIGGER)
    world.errors = {"bad": Faulted("HTTP 500: Failed to process alert")}

    assert world.round(backend) == ["bad", "other"]
    put("later", kind=Kind.TRIGGER)
    backend.stir()
    assert "later" in world.round(backend)
    came = []
    for _ in range(5):
        clock.move(20)
        came += world.round(backend)

    assert came == ["bad", "bad", "bad", "bad", "behind"]
    assert states(ledger) == ["refused", "delivered", "delivered", "delivered"]


def test_what_is_refused_leaves_the_road_with_the_answer_kept(
    world: World, backend: BackendRoute, put: Put, ledger: Ledger
) -> None:
    put("a", "b", symbol="BTCUSDT", kind=Kind.TRIGGER)
    world.errors = {"a": Permanent("HTTP 400: Invalid alert data")}

    world.round(backend)

    entry = ledger.entry(1)
    assert entry is not None
    assert (entry.state, entry.problem) == (State.REFUSED, "HTTP 400: Invalid alert data")
    assert world.round(backend) == ["b"]


def test_a_wrong_destination_leaves_its_rows_waiting_and_is_not_probed_while_paused(
    world: World, backend: BackendRoute, put: Put, clock: MovedClock, ledger: Ledger
) -> None:
    put("a", "b", kind=Kind.TRIGGER)
    world.errors = dict.fromkeys("ab", Misdirected("HTTP 401: Unauthorized"))
    world.round(backend)
    backend.pause = Pause(NOW, "HTTP 401: Unauthorized", "ab12")
    backend.stir()
    clock.move(3000)

    assert world.round(backend) == []
    assert states(ledger) == ["waiting", "waiting"]
    assert not backend.busy

    backend.pause = None
    backend.stir()
    world.errors.clear()
    assert world.round(backend) == ["a", "b"]


def test_what_may_have_been_taken_is_sent_again_and_counted(
    world: World, backend: BackendRoute, put: Put, clock: MovedClock
) -> None:
    put("a", kind=Kind.TRIGGER)
    world.errors = {"a": Unanswered("no answer in time")}
    world.dispatch(backend)
    assert world.collect(backend) == 0

    world.errors.clear()
    clock.move(60)
    world.dispatch(backend)

    assert world.collect(backend) == 1


def test_what_a_row_has_met_is_forgotten_when_it_waits_no_more(
    world: World, backend: BackendRoute, put: Put, clock: MovedClock
) -> None:
    put("a", kind=Kind.TRIGGER)
    world.errors = {"a": Unanswered("no answer in time")}
    world.round(backend)

    backend.forget(clock.monotonic())
    assert backend._troubles
    clock.move(3700)
    backend.forget(clock.monotonic())
    assert not backend._troubles


def test_a_row_that_has_gone_meanwhile_is_not_sent(
    world: World, backend: BackendRoute, put: Put, ledger: Ledger
) -> None:
    put("a", kind=Kind.TRIGGER)
    ledger.drop([1])

    assert world.round(backend) == []

"""The way to one destination: what leaves, in which order, and how fast."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.delivery.carrier import Carrier, Returns
from volspike.delivery.ledger import Ledger
from volspike.delivery.road import Road
from volspike.delivery.route import BackendRoute, ChatRoute, Route
from volspike.model.delivery import BACKEND, TELEGRAM, Destination, Kind, Pause, Silence, State
from volspike.rules.digest import Measure

Put = Callable[..., int]
SECONDS = 30.0


class World:
    """A destination that does what the test says, and the courier's part done by hand."""

    def __init__(self, road: Road, clock: MovedClock) -> None:
        self.road = road
        self.clock = clock
        self.returns: Returns = SimpleQueue()
        self.came: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.broken = False

    def deliver(self, _kind: Kind, _payload: bytes, key: str) -> None:
        self.send(key)

    def send(self, text: str) -> None:
        self.came.append(text)
        if self.broken:
            raise Transient("HTTP 502")
        if text in self.errors:
            raise self.errors[text]

    def backend(self) -> BackendRoute:
        carrier = Carrier(BACKEND, self.returns, self.clock.monotonic, 1)
        return BackendRoute(carrier, "ab12", self.deliver)

    def chat(self, *, group: bool = False) -> ChatRoute:
        carrier = Carrier(TELEGRAM, self.returns, self.clock.monotonic, 1)
        return ChatRoute(carrier, "ab12", self.send, group=group)

    def dispatch(self, route: Route) -> None:
        route.dispatch(self.road, self.clock.monotonic(), self.clock.now())

    def collect(self, route: Route) -> int:
        """Take what is under way; return how much of it may have been taken before."""
        again = 0
        while route.loads:
            returned = self.returns.get(timeout=SECONDS)
            ruling = route.take(returned, returned.answer)
            self.road.settle(ruling.outcomes, self.clock.now())
            route.release(returned.load.ids)
            again += ruling.again
        return again

    def round(self, route: Route) -> list[str]:
        """Send what may leave, take what comes of it, and return what came to the destination."""
        self.came.clear()
        self.dispatch(route)
        self.collect(route)
        return list(self.came)


@pytest.fixture
def world(path: Path, clock: MovedClock) -> Iterator[World]:
    with Road(path) as road:
        yield World(road, clock)


@pytest.fixture
def backend(world: World) -> Iterator[BackendRoute]:
    route = world.backend()
    yield route
    route.close()


@pytest.fixture
def chat(world: World) -> Iterator[ChatRoute]:
    route = world.chat()
    yield route
    route.close()


@pytest.fixture
def ledger(path: Path, clock: MovedClock) -> Iterator[Ledger]:
    with Ledger(path, clock) as opened:
        yield opened


def states(ledger: Ledger, destination: Destination = BACKEND) -> list[str]:
    return [entry.state for entry in reversed(ledger.listing(destinations=[destination]))]


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


def test_a_chat_is_told_one_thing_a_second_in_order(world: World, chat: ChatRoute, put: Put, clock: MovedClock) -> None:
    put("a", "b", "c")

    came = []
    for _ in range(3):
        came.append(world.round(chat))
        assert world.round(chat) == []
        assert chat.busy is (len(came) < 3)
        clock.move(1.0)

    assert came == [["a happened"], ["b happened"], ["c happened"]]


def test_more_than_five_are_told_in_one_message_that_names_all(
    world: World, chat: ChatRoute, put: Put, ledger: Ledger
) -> None:
    put(*"abcdef")

    (text,) = world.round(chat)

    assert text.splitlines()[1:] == [f"{key} happened" for key in "abcdef"]
    assert states(ledger, TELEGRAM) == ["delivered"] * 6


def test_five_are_still_told_one_by_one(world: World, chat: ChatRoute, put: Put) -> None:
    put(*"abcde")

    assert world.round(chat) == ["a happened"]


def test_what_is_muted_does_not_leave_even_before_it_is_dropped(world: World, chat: ChatRoute, put: Put) -> None:
    put("a", "b")
    chat.silence = Silence(muted=frozenset({"a"}))

    assert world.round(chat) == ["b happened"]


def test_a_destination_of_short_messages_gets_short_ones(world: World, put: Put) -> None:
    put(*"abcdefgh")
    carrier = Carrier(TELEGRAM, world.returns, world.clock.monotonic, 1)
    route = ChatRoute(carrier, "ab12", world.send, group=False, longest=100)

    (first,) = world.round(route)
    route.close()

    assert len(first) <= 100
    assert first.splitlines()[0] == "8 alerts:"


def test_a_destination_that_counts_bytes_gets_fewer_of_long_characters(world: World, put: Put) -> None:
    put(*[f"{letter}币安人生USDT" for letter in "abcdefgh"])
    carrier = Carrier(TELEGRAM, world.returns, world.clock.monotonic, 1)
    route = ChatRoute(carrier, "ab12", world.send, group=False, longest=100, measure=Measure.BYTE)

    (first,) = world.round(route)
    route.close()

    assert first.splitlines() == ["8 alerts:", *(f"{letter}币安人生USDT happened" for letter in "abc")]


def test_a_long_digest_is_delivered_part_by_part(
    world: World, chat: ChatRoute, put: Put, clock: MovedClock, ledger: Ledger
) -> None:
    put(*[f"{number:03} {'x' * 500}" for number in range(12)])

    (first,) = world.round(chat)
    delivered = states(ledger, TELEGRAM).count("delivered")
    assert 0 < delivered < 12
    put("new")
    chat.stir()
    assert world.round(chat) == []
    clock.move(1)
    (second,) = world.round(chat)

    assert first.count("happened") == delivered
    assert first.count("happened") + second.count("happened") == 12
    clock.move(1)
    assert world.round(chat) == ["new happened"]


def test_a_digest_of_which_a_part_has_failed_is_made_anew(
    world: World, chat: ChatRoute, put: Put, clock: MovedClock, ledger: Ledger
) -> None:
    put(*[f"{number:03} {'x' * 500}" for number in range(12)])
    (first,) = world.round(chat)
    world.broken = True
    clock.move(1)
    (failed,) = world.round(chat)
    world.broken = False
    put("new")
    clock.move(61)
    (second,) = world.round(chat)

    assert first.count("happened") + failed.count("happened") == 12
    assert second.splitlines()[-1] == "new happened"
    assert second.count("happened") == failed.count("happened") + 1
    assert states(ledger, TELEGRAM) == ["delivered"] * 13


def test_what_is_dropped_between_the_parts_of_a_digest_is_not_told(
    world: World, chat: ChatRoute, put: Put, clock: MovedClock, ledger: Ledger
) -> None:
    put(*[f"{number:03} {'x' * 500}" for number in range(12)])
    told = "".join(world.round(chat))
    last = ledger.listing(destinations=[TELEGRAM])[0]
    ledger.drop([last.id])
    for _ in range(5):
        clock.move(1)
        told += "".join(world.round(chat))

    assert last.text not in told
    assert told.count("happened") == 11


def test_of_a_digest_that_is_refused_each_is_told_by_itself_and_only_the_cause_is_lost(
    world: World, chat: ChatRoute, put: Put, clock: MovedClock, ledger: Ledger
) -> None:
    put(*"abcdef")
    lines = [f"{key} happened" for key in "abcdef"]
    strange = Permanent("HTTP 400: strange text")
    world.errors = {"\n".join(["6 alerts:", *lines]): strange, "c happened": strange}

    came = world.round(chat)
    put(*"ghijkl")
    for _ in range(7):
        clock.move(1)
        chat.stir()
        came += world.round(chat)

    assert came[1:7] == lines
    assert came[7].startswith("6 alerts:\ng happened")
    assert states(ledger, TELEGRAM) == ["delivered"] * 2 + ["refused"] + ["delivered"] * 9


def test_a_group_hears_twenty_messages_a_minute(world: World, put: Put, clock: MovedClock) -> None:
    route = world.chat(group=True)
    heard: list[str] = []
    for number in range(60):
        put(f"{number}")
        route.stir()
        heard += world.round(route)
        clock.move(1)

    assert len(heard) == 20
    (digest,) = world.round(route)
    assert digest.count("happened") == 40
    route.close()


def test_a_chat_s_alert_that_failed_holds_back_its_symbol_only(
    world: World, chat: ChatRoute, put: Put, clock: MovedClock
) -> None:
    put("a", "b", symbol="BTCUSDT")
    put("c")
    world.errors = {"BTCUSDT happened": Faulted("HTTP 500", 60.0)}

    assert world.round(chat) == ["BTCUSDT happened"]
    clock.move(1)
    assert world.round(chat) == ["c happened"]
    clock.move(59)
    assert world.round(chat) == ["BTCUSDT happened"]


def test_a_paused_chat_wakes_for_nothing(world: World, chat: ChatRoute, put: Put) -> None:
    put("a", "b")
    world.round(chat)
    chat.pause = Pause(NOW, "HTTP 401", "ab12")
    chat.stir()

    assert world.round(chat) == []
    assert not chat.busy

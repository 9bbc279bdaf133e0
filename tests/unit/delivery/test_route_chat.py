"""The way to where people read: one message a second, and what is told in one, in parts, or not at all."""

from tests.unit.clocks import MovedClock
from tests.unit.delivery.routes import Put, World, states
from tests.unit.examples import NOW
from volspike.clients.errors import Faulted, Permanent
from volspike.delivery.carrier import Carrier
from volspike.delivery.ledger import Ledger
from volspike.delivery.route import ChatRoute
from volspike.model.delivery import TELEGRAM, Pause, Silence
from volspike.rules.digest import Measure


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

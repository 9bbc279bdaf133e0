"""The memory of user alerts: kept from run to run, and made up for by the outbox after a crash."""

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.daemons.user_alert_memory import AlertMemories
from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import AlertMemory, Checked, Cross, Trigger, UserAlert, UserAlertType
from volspike.model.delivery import Kind, Message
from volspike.model.documents import UserAlertsDocument
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

BELOW = AlertMemory(Checked(64_900.0, NOW - 30))
ABOVE = AlertMemory(Checked(65_100.0, NOW), Checked(64_900.0, NOW - 30))


def alert(name: str) -> UserAlert:
    return UserAlert(name, "BTCUSDT", UserAlertType.PRICE_CROSS, 65_000.0)


def crossed(name: str) -> Cross:
    trigger = Trigger(name, "BTCUSDT", 65_100.0, 64_900.0, crossed_up=True)
    return Cross(trigger, NOW - 30, UserAlertType.PRICE_CROSS, 65_000.0)


@pytest.fixture
def place(settings: Callable[..., Settings]) -> Settings:
    return settings()


@pytest.fixture
def outbox(place: Settings, clock: MovedClock) -> Iterator[Outbox]:
    """The suite's outbox."""
    with Outbox(place.state_dir / documents.OUTBOX, clock, place.routes) as running:
        yield running


@pytest.fixture
def recalled(daemon: Daemon, place: Settings, outbox: Outbox) -> Callable[[], AlertMemories]:
    """The memory as a new run begins with it."""
    return lambda: AlertMemories(daemon, place, outbox)


def kept(place: Settings) -> dict[str, AlertMemory]:
    path = place.state_dir / documents.USER_ALERTS
    return documents.decode(path.read_bytes(), UserAlertsDocument).alerts if path.exists() else {}


def test_it_survives_a_restart(recalled: Callable[[], AlertMemories]) -> None:
    before = recalled()
    before.keep({"a1": BELOW, "a2": ABOVE}, [alert("a1"), alert("a2")], urgent=False)
    before.save()

    assert recalled().recall() == {"a1": BELOW, "a2": ABOVE}


def test_alerts_that_were_not_checked_keep_theirs_and_those_that_are_gone_lose_it(
    recalled: Callable[[], AlertMemories],
) -> None:
    memories = recalled()
    memories.keep({"a1": BELOW, "a2": BELOW}, [alert("a1"), alert("a2")], urgent=False)

    memories.keep({"a1": ABOVE}, [alert("a1"), alert("a3")], urgent=False)

    assert memories.recall() == {"a1": ABOVE}


def test_the_file_is_written_when_something_was_crossed_and_else_every_five_minutes(
    recalled: Callable[[], AlertMemories], place: Settings, clock: MovedClock
) -> None:
    memories, active = recalled(), [alert("a1")]

    memories.keep({"a1": BELOW}, active, urgent=False)
    assert kept(place) == {}

    memories.keep({"a1": ABOVE}, active, urgent=True)
    assert kept(place) == {"a1": ABOVE}

    clock.move(299)
    memories.keep({"a1": BELOW}, active, urgent=False)
    assert kept(place) == {"a1": ABOVE}

    clock.move(1)
    memories.keep({"a1": BELOW}, active, urgent=False)
    assert kept(place) == {"a1": BELOW}


def test_without_a_change_nothing_is_written(recalled: Callable[[], AlertMemories], place: Settings) -> None:
    recalled().save()

    assert not (place.state_dir / documents.USER_ALERTS).exists()


def test_a_broken_file_is_moved_aside(recalled: Callable[[], AlertMemories], place: Settings) -> None:
    (place.state_dir / documents.USER_ALERTS).write_bytes(b"{torn")

    assert recalled().recall() == {}
    assert list(place.state_dir.glob(".user_alerts_state.json.corrupt-*"))


def test_a_trigger_that_reached_the_outbox_before_a_crash_has_fired_its_alert(
    recalled: Callable[[], AlertMemories], outbox: Outbox
) -> None:
    before = recalled()
    before.keep({"a1": BELOW, "a2": BELOW}, [alert("a1"), alert("a2")], urgent=True)
    outbox.put([messages.of_cross(crossed("a1"), NOW)])

    after = recalled()

    assert after.recall() == {"a1": AlertMemory(Checked(65_100.0, NOW), triggered=True), "a2": BELOW}
    assert after.waiting() == {"a1"}


def test_a_trigger_with_the_words_of_an_earlier_release_is_recalled(
    recalled: Callable[[], AlertMemories], outbox: Outbox
) -> None:
    outbox.put([replace(messages.of_cross(crossed("a1"), NOW), text="BTC crossed up: 64900 → 65100")])

    memories = recalled()

    assert memories.recall() == {"a1": AlertMemory(Checked(65_100.0, NOW), triggered=True)}
    assert memories.waiting() == {"a1"}


def test_a_trigger_of_another_release_stops_nobody(recalled: Callable[[], AlertMemories], outbox: Outbox) -> None:
    outbox.put([Message("user:a1:1", Kind.TRIGGER, "BTCUSDT", NOW, b"{}", ""), messages.of_cross(crossed("a2"), NOW)])

    memories = recalled()

    assert memories.recall().keys() == memories.waiting() == {"a2"}


def test_what_happens_after_the_start_is_not_recalled_again(
    recalled: Callable[[], AlertMemories], outbox: Outbox
) -> None:
    memories = recalled()
    memories.recall()
    outbox.put([messages.of_cross(crossed("a1"), NOW)])

    assert memories.recall() == {}

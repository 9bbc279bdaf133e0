"""What people are spared."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.courier_world import CHAT, World, courier_world
from tests.unit.examples import NOW
from volspike.clients.errors import Transient
from volspike.daemons import courier_office
from volspike.model.delivery import BACKEND, Kind
from volspike.model.documents import OutboxDocument
from volspike.rules.quiet import QuietHours
from volspike.state import documents

MINUTE, HOUR = 60.0, 3600.0
Enter = Callable[[float, float], World]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an office that has nothing to do look again sooner: in quiet hours it mostly has not."""
    monkeypatch.setattr(courier_office, "POLL_SECONDS", 0.01)


@pytest.fixture
def world(runtime_dir: Path, clock: MovedClock) -> Iterator[World]:
    with courier_world(runtime_dir, clock) as made:
        made.office.begin()
        yield made


def wall(seconds: float) -> time:
    """Return what the wall clock shows so many seconds from NOW."""
    return (datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds)).time()


@pytest.fixture
def night(runtime_dir: Path, clock: MovedClock) -> Iterator[World]:
    """A world where quiet hours began an hour ago and end in eight."""
    with courier_world(runtime_dir, clock, QuietHours(wall(-HOUR), wall(8 * HOUR), UTC)) as made:
        made.office.begin()
        yield made


def state_of_chat(runtime_dir: Path) -> tuple[int, float | None, float | None]:
    """Return what the courier's file says: what waits, since when, and until when it is quiet."""
    document = documents.decode((runtime_dir / documents.OUTBOX_STATE).read_bytes(), OutboxDocument)
    state = document.destinations[CHAT]
    return state.waiting, state.oldest_waiting_at, state.quiet_until


def test_in_quiet_hours_backends_get_everything_and_people_hear_of_health_alone(night: World) -> None:
    night.put("volume:1", "volume:2", kind=Kind.VOLUME)
    night.put("health:unhealthy:1", kind=Kind.HEALTH)
    night.work()

    assert night.came == {BACKEND: ["volume:1", "volume:2"], CHAT: ["health:unhealthy:1 happened"]}
    assert night.states(CHAT) == ["waiting", "waiting", "delivered"]


def test_what_waited_for_the_morning_comes_as_one_message_and_none_is_too_old(night: World, clock: MovedClock) -> None:
    night.put(*(f"volume:{number}" for number in range(6)), kind=Kind.VOLUME)
    for _ in range(16):
        night.work()
        clock.move(0.5 * HOUR)
    night.work()

    (told,) = night.came[CHAT]
    assert told.splitlines() == ["6 alerts:", *(f"volume:{number} happened" for number in range(6))]
    assert night.states(CHAT) == ["delivered"] * 6


def test_what_nobody_could_take_in_the_morning_grows_old_from_then_on(night: World, clock: MovedClock) -> None:
    night.put("volume:1", kind=Kind.VOLUME)
    night.work()
    clock.move(8 * HOUR + 59 * MINUTE)
    night.routes[CHAT].loads = 1  # as if the chat were busy with something that hangs
    night.office.turn()
    assert night.states(CHAT) == ["waiting"]

    clock.move(2 * MINUTE)
    night.office.turn()

    assert night.states(CHAT) == ["expired"]


def test_the_courier_says_until_when_it_is_quiet_and_counts_no_waiting_meanwhile(
    night: World, clock: MovedClock, runtime_dir: Path
) -> None:
    night.put("volume:1", kind=Kind.VOLUME)
    night.work()
    clock.move(7 * HOUR)
    night.work()

    waiting, oldest_at, quiet_until = state_of_chat(runtime_dir)
    assert (waiting, quiet_until) == (1, NOW + 8 * HOUR)
    assert oldest_at == pytest.approx(NOW + 7 * HOUR)
    assert "1 waiting for telegram until quiet hours end" in night.report.sentence()


def test_the_beginning_and_the_end_of_quiet_hours_are_logged_once(
    night: World, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "volspike.daemons.courier_peace")
    for _ in range(4):
        night.office.turn()
        clock.move(4 * HOUR)

    assert caplog.messages == ["quiet hours: alerts wait until they end", "quiet hours are over"]


def test_a_mute_alone_says_nothing_of_quiet_hours(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "volspike.daemons.courier_peace")
    world.mutes.mute("volume:1", HOUR)
    world.put("volume:1", kind=Kind.VOLUME)
    world.work()

    assert caplog.messages == ["alerts of muted symbols are not told"]


def test_what_comes_after_the_night_waits_from_when_it_came(night: World, clock: MovedClock, runtime_dir: Path) -> None:
    clock.move(8 * HOUR + 5 * MINUTE)
    night.put("volume:1", kind=Kind.VOLUME)
    night.errors[CHAT] = Transient("away")
    night.work()
    clock.move(25 * MINUTE)
    night.work()

    waiting, oldest_at, quiet_until = state_of_chat(runtime_dir)
    assert (waiting, quiet_until) == (1, None)
    assert oldest_at == pytest.approx(NOW + 8 * HOUR + 5 * MINUTE)


def test_people_are_told_nothing_of_a_muted_symbol_and_the_outbox_says_why(world: World) -> None:
    world.mutes.mute("volume:1", HOUR)
    world.put("volume:1", "volume:2", kind=Kind.VOLUME)
    world.work()

    assert world.came == {BACKEND: ["volume:1", "volume:2"], CHAT: ["volume:2 happened"]}
    muted = world.ledger.listing(destinations=[CHAT], symbols=["volume:1"])[0]
    assert muted.state == "dropped"
    assert muted.problem == f"muted until {datetime.fromtimestamp(NOW + HOUR, UTC):%Y-%m-%d %H:%M} UTC"
    assert world.metric("outbox_muted_total", CHAT) == 1


def test_a_mute_holds_at_once_and_ends_by_itself(world: World, clock: MovedClock) -> None:
    world.office.turn()
    world.mutes.mute("volume:1", HOUR)
    world.put("volume:1", kind=Kind.VOLUME)
    world.work()
    clock.move(HOUR)
    world.put("again", kind=Kind.VOLUME)
    world.work()

    assert world.came[CHAT] == ["again happened"]


def test_what_a_mute_has_dropped_is_told_when_it_is_wanted_after_all(world: World) -> None:
    world.mutes.mute("volume:1", HOUR)
    world.put("volume:1", kind=Kind.VOLUME)
    world.work()
    world.mutes.unmute("volume:1")
    world.ledger.retry([entry.id for entry in world.ledger.listing(destinations=[CHAT])])
    world.work()

    assert world.came[CHAT] == ["volume:1 happened"]

"""What the courier says of its work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.courier_world import CHAT, World, courier_world
from tests.unit.examples import NOW
from volspike.model.delivery import BACKEND, Kind, Pause
from volspike.model.documents import DestinationState, OutboxDocument
from volspike.rules.delivery import Condition
from volspike.state import documents


@pytest.fixture
def world(runtime_dir: Path, clock: MovedClock) -> Iterator[World]:
    with courier_world(runtime_dir, clock) as made:
        yield made


def document(world: World) -> OutboxDocument:
    return documents.decode((world.runtime_dir / documents.OUTBOX_STATE).read_bytes(), OutboxDocument)


def test_the_file_tells_how_deliveries_stand(world: World) -> None:
    world.put("a", "b", kind=Kind.VOLUME, at=NOW - 30)
    world.report.counters(BACKEND).resend(2)
    world.routes[CHAT].pause = Pause(NOW - 5, "HTTP 401", "cd34")

    world.report.tell(world.road)

    assert document(world) == OutboxDocument(
        1,
        {
            "backend": DestinationState(waiting=2, oldest_waiting_at=NOW - 30, resent=2),
            "telegram": DestinationState(
                waiting=2, oldest_waiting_at=NOW - 30, paused_since=NOW - 5, reason="HTTP 401"
            ),
        },
        NOW,
    )
    assert world.metric("outbox_waiting") == 2
    assert world.metric("outbox_oldest_waiting_timestamp_seconds") == NOW - 30
    assert (world.metric("outbox_paused"), world.metric("outbox_paused", CHAT)) == (0, 1)


def test_the_file_counts_what_was_dropped(world: World) -> None:
    world.put("a", kind=Kind.VOLUME)
    world.ledger.drop([entry.id for entry in world.ledger.listing(destinations=[CHAT])])

    world.report.tell(world.road)

    assert {to: state.dropped for to, state in document(world).destinations.items()} == {BACKEND: 0, CHAT: 1}


def test_what_was_settled_is_counted_for_a_day(world: World, clock: MovedClock) -> None:
    world.put("a", kind=Kind.VOLUME)
    world.work()

    counts = []
    for seconds in (86_400.0, 1.0):
        clock.move(seconds)
        world.report.tell(world.road, urgent=True)
        counts.append(document(world).destinations[BACKEND].delivered)

    assert counts == [1, 0]


def test_it_is_told_every_five_seconds_and_at_each_change_of_a_condition(world: World, clock: MovedClock) -> None:
    def told(*, urgent: bool = False) -> float:
        world.report.tell(world.road, urgent=urgent)
        return document(world).updated_at

    assert told() == NOW
    clock.move(4)
    assert told() == NOW
    world.routes[BACKEND].pause = Pause(NOW, "HTTP 401", "ab12")
    assert told() == NOW + 4
    clock.move(4)
    assert told() == NOW + 4
    clock.move(1)
    assert told() == NOW + 9
    clock.move(1)
    assert told(urgent=True) == NOW + 10


def test_people_get_a_sentence(world: World, clock: MovedClock) -> None:
    assert world.report.sentence() == "backend quiet; telegram quiet"

    world.put("a", "b", kind=Kind.VOLUME)
    world.routes[CHAT].pause = Pause(NOW, "HTTP 401", "cd34")
    world.report.tell(world.road)
    assert world.report.sentence() == "2 waiting for backend; 2 waiting for telegram, which is paused: HTTP 401"

    world.routes[BACKEND].condition = Condition(failures=3, failing_since=clock.monotonic() - 90)
    assert world.report.sentence().startswith("2 waiting for backend, which has been away for 90 s; ")

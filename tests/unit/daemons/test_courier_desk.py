"""What comes back to the courier."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.courier_world import CHAT, World, courier_world
from tests.unit.examples import NOW
from tests.unit.state.test_file import disk_that_holds
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.model.delivery import BACKEND, Pause


@pytest.fixture
def world(runtime_dir: Path, clock: MovedClock) -> Iterator[World]:
    with courier_world(runtime_dir, clock) as made:
        yield made


def dispatch(world: World) -> None:
    """Send what may leave, and wait for what comes of it."""
    route = world.routes[BACKEND]
    route.stir()
    route.dispatch(world.road, world.clock.monotonic(), world.clock.now())
    while world.desk.awaited:
        world.desk.collect(1.0)


def test_what_was_taken_is_counted_and_brought_to_the_disk(world: World) -> None:
    world.put("a", "b")
    dispatch(world)
    assert world.states() == ["waiting", "waiting"]

    world.desk.settle()

    assert world.states() == ["delivered", "delivered"]
    assert world.metric("outbox_delivered_total") == 2
    assert world.routes[BACKEND].under_way == set()


def test_a_refusal_is_an_error_in_the_log_with_the_answer(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.errors[BACKEND] = Permanent("HTTP 400: Invalid alert data")
    world.put("a")

    dispatch(world)
    world.desk.settle()

    assert world.states() == ["refused"]
    assert world.metric("outbox_refused_total") == 1
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert (record.__dict__["id"], record.__dict__["problem"]) == (1, "HTTP 400: Invalid alert data")


def test_a_destination_that_is_away_is_told_once_and_so_is_its_return(
    world: World, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    began = time.monotonic()
    world.put("a")
    world.errors[BACKEND] = Transient("connection refused")
    for _ in range(3):
        dispatch(world)
        world.desk.settle()
        clock.move(61)
    world.errors.clear()
    dispatch(world)
    took_seconds = time.monotonic() - began

    assert caplog.messages == ["destination lost", "destination recovered"]
    assert caplog.records[0].__dict__["problem"] == "connection refused"
    assert 183 <= caplog.records[1].__dict__["after_seconds"] <= round(183 + took_seconds, 1)
    assert caplog.records[1].__dict__["attempts"] == 3
    assert world.metric("outbox_failed_attempts_total") == 3


def test_what_is_sent_again_in_doubt_is_counted(world: World, clock: MovedClock) -> None:
    world.put("a")
    world.errors[BACKEND] = Unanswered("no answer in time")
    dispatch(world)
    world.desk.settle()
    assert world.metric("outbox_resent_total") == 0
    clock.move(61)

    dispatch(world)

    assert world.metric("outbox_resent_total") == 1
    assert world.report.counters(BACKEND).resent_count == 1


def test_a_wrong_destination_is_paused_and_reported_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.put("a", "b")
    world.errors[BACKEND] = Misdirected("HTTP 401: Unauthorized")

    dispatch(world)
    world.desk.settle()

    assert world.states() == ["waiting", "waiting"]
    assert caplog.messages == ["destination paused: correct its settings, or volspike outbox resume"]
    assert world.ledger.pauses() == {BACKEND: Pause(NOW, "HTTP 401: Unauthorized", "ab12")}
    assert world.routes[BACKEND].pause == Pause(NOW, "HTTP 401: Unauthorized", "ab12")
    assert world.routes[CHAT].pause is None


def test_a_fault_is_no_absence(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.put("a")
    world.errors[BACKEND] = Faulted("HTTP 500")

    dispatch(world)

    assert caplog.messages == []


def test_what_cannot_be_brought_to_the_disk_stays_under_way_until_it_can(world: World) -> None:
    world.put("a")
    dispatch(world)

    with disk_that_holds(4096), pytest.raises(Transient):
        world.desk.settle()
    dispatch(world)
    assert world.came[BACKEND] == ["a"]
    assert world.states() == ["waiting"]

    world.desk.settle()
    assert world.states() == ["delivered"]


def test_what_cannot_be_sent_is_refused_and_the_others_go_on(world: World) -> None:
    world.put("a", "b")
    world.bugs["a"] = ValueError("a bug")

    dispatch(world)
    world.desk.settle()

    assert world.states() == ["refused", "delivered"]
    entry = world.ledger.entry(1)
    assert entry is not None
    assert entry.problem == "cannot be sent: ValueError: a bug"


def test_nothing_that_comes_back_is_no_work(world: World) -> None:
    world.desk.collect(0.001)
    world.desk.settle()

    assert not world.path.exists()

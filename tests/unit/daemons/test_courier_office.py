"""The courier's turns."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons import courier_world as worlds
from tests.unit.daemons.courier_world import CHAT, World, courier_world
from tests.unit.delivery.conftest import put_into_state, put_strange
from tests.unit.examples import NOW
from tests.unit.state.test_file import disk_that_holds
from volspike.clients.errors import Misdirected, Transient
from volspike.daemons import courier_office
from volspike.delivery.database import Damaged
from volspike.model.delivery import BACKEND, Kind, Pause
from volspike.model.health import Finding, Report, Severity
from volspike.state import documents, file


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for what does not come."""
    monkeypatch.setattr(courier_office, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(courier_office, "CLOSE_SECONDS", 0.02)


@pytest.fixture
def world(runtime_dir: Path, clock: MovedClock) -> Iterator[World]:
    with courier_world(runtime_dir, clock) as made:
        yield made


def test_what_is_put_arrives_everywhere(world: World) -> None:
    world.put("a", "b", kind=Kind.VOLUME)

    world.office.turn()
    while world.desk.awaited:
        world.office.turn()

    assert sorted(world.came[BACKEND]) == ["a", "b"]
    assert world.came[CHAT] == ["a happened"]
    assert not world.office.idle


def test_one_destination_that_is_away_does_not_concern_the_other(world: World) -> None:
    world.errors[BACKEND] = Transient("connection refused")
    world.put("a", kind=Kind.VOLUME)

    world.work()

    assert (world.states(BACKEND), world.states(CHAT)) == (["waiting"], ["delivered"])
    assert world.office.idle


def test_operators_resume_a_paused_destination(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.errors[BACKEND] = Misdirected("HTTP 401")
    world.put("a")
    world.work()
    world.errors.clear()
    world.put("b")
    world.work()
    assert world.came[BACKEND] == ["a"]

    caplog.set_level("INFO")
    world.ledger.resume(BACKEND)
    world.work()

    assert world.came[BACKEND] == ["a", "a", "b"]
    assert "destination resumed" in caplog.messages


def test_operators_end_the_wait_that_a_destination_asked_for(world: World, clock: MovedClock) -> None:
    world.errors[CHAT] = Transient("HTTP 429: Too Many Requests", 40_000.0)
    world.put("a", kind=Kind.VOLUME)
    world.work()
    world.errors.clear()
    clock.move(3000)
    world.work()
    assert world.came[CHAT] == ["a happened"]

    world.ledger.resume(CHAT)
    world.ledger.resume(worlds.DEV)
    world.work()

    assert world.came[CHAT] == ["a happened"] * 2


@pytest.mark.parametrize(("fingerprint", "resumed"), [("ab12", False), ("another", True)])
def test_other_settings_end_a_pause_and_the_same_do_not(
    world: World, caplog: pytest.LogCaptureFixture, fingerprint: str, resumed: bool
) -> None:
    caplog.set_level("INFO")
    world.road.pause(BACKEND, Pause(NOW - 60, "HTTP 401", fingerprint))
    world.put("a")

    world.office.begin()
    world.work()

    assert world.came[BACKEND] == (["a"] if resumed else [])
    said = "destination has other settings: delivering again" if resumed else "destination is still paused"
    assert said in caplog.messages


def test_a_pause_of_a_destination_that_is_not_set_any_more_harms_nobody(world: World) -> None:
    world.road.pause(worlds.DEV, Pause(NOW - 60, "HTTP 401", "ab12"))

    world.office.begin()
    world.work()

    assert world.ledger.pauses().keys() == {worlds.DEV}


def test_a_row_of_an_unknown_kind_costs_nothing_but_itself(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.put("a")
    for destination in (BACKEND, CHAT):
        put_strange(world.path, "b", "a", destination)
    world.put("c")

    world.work()

    assert world.came[BACKEND] == ["a", "c"]
    assert world.states(BACKEND) == ["delivered", "refused", "delivered"]
    assert world.states(CHAT) == ["refused"]
    assert world.metric("outbox_refused_total") == world.metric("outbox_refused_total", CHAT) == 1
    assert [record.getMessage() for record in caplog.records] == ["delivery refused; see volspike outbox show"] * 2


def test_a_row_in_an_unknown_state_does_not_end_the_courier_and_stays_as_it_is(world: World) -> None:
    world.put("a")
    world.work()
    put_into_state(world.path, 1, "archived", NOW)
    world.put("b")

    world.work()

    assert world.states(BACKEND) == ["archived", "delivered"]


def test_what_grows_too_old_is_counted_and_lets_the_next_pass(
    world: World, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    world.errors[BACKEND] = Transient("connection refused")
    world.put("a", kind=Kind.VOLUME)
    world.work()
    world.errors.clear()
    clock.move(3601)

    world.work()

    assert world.states(BACKEND) == ["expired"]
    assert world.metric("outbox_expired_total") == 1
    assert "deliveries grew too old" in caplog.messages


def test_what_expired_rows_have_met_is_forgotten_within_two_hours(world: World, clock: MovedClock) -> None:
    world.errors[BACKEND] = Transient("connection refused")
    world.put("a", kind=Kind.VOLUME)
    world.work()
    assert world.routes[BACKEND]._troubles

    for _ in range(2):
        clock.move(3601)
        world.work()

    assert not world.routes[BACKEND]._troubles


def test_old_rows_are_cleaned_away_every_hour(world: World, clock: MovedClock) -> None:
    world.put("a")
    world.work()
    clock.move(49 * 3600)

    world.work()

    assert world.states() == []


def test_a_verdict_of_the_monitor_is_told_in_the_chat(world: World, runtime_dir: Path) -> None:
    report = Report(1, NOW, False, [Finding("disk", Severity.ERROR, "Disk is full")], [])
    file.write(runtime_dir.with_name("run-health") / documents.HEALTH_REPORT, documents.encode(report))

    world.work()

    assert world.came[CHAT] == ["❌ VolSpike is unhealthy:\n• Disk is full"]


def test_an_outbox_that_cannot_be_used_is_told_once_and_tried_on(
    world: World, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    world.put("a")
    world.office.turn()
    with disk_that_holds(4096):
        for _ in range(5):
            world.office.turn()
        assert world.office.usable
        clock.move(60)
        assert not world.office.usable

    world.work()

    assert world.office.usable
    assert world.states() == ["delivered"]
    assert world.came[BACKEND] == ["a"]
    assert [message for message in caplog.messages if "outbox" in message] == [
        "the outbox cannot be used; it goes on being tried",
        "the outbox can be used again",
    ]


def test_a_damaged_outbox_ends_the_courier(world: World) -> None:
    world.put("a")
    world.work()
    world.road._database.close()
    for suffix in ("-wal", "-shm"):
        world.path.with_name(f"outbox.db{suffix}").unlink(missing_ok=True)
    world.path.write_bytes(b"not a database" * 1000)

    with pytest.raises(Damaged):
        world.work()


def test_damage_where_nobody_looks_is_found_within_an_hour(world: World, clock: MovedClock) -> None:
    world.put(*[f"{number} {'x' * 200}" for number in range(200)])
    world.work()
    for database in (world.road._database, world.outbox._database, world.ledger._database):
        database.close()
    content = bytearray(world.path.read_bytes())
    at = content.index(b"100 xxx") // 4096 * 4096
    content[at : at + 4096] = os.urandom(4096)
    world.path.write_bytes(content)
    world.office.turn()
    clock.move(3600)

    with pytest.raises(Damaged):
        world.office.turn()


def test_what_is_under_way_at_the_end_is_awaited_for_a_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_office, "CLOSE_SECONDS", 60.0)
    world.put("a")
    world.office.turn()

    world.office.close()

    assert world.states() == ["delivered"]
    assert (world.runtime_dir / documents.OUTBOX_STATE).exists()


def test_what_hangs_at_the_end_is_left_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(world, "meet", lambda _key: released.wait(60))
    world.put("a")
    world.office.turn()

    world.office.close()

    assert world.states() == ["waiting"]
    released.set()


def test_an_end_without_a_disk_is_still_an_end(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(courier_office, "CLOSE_SECONDS", 60.0)
    world.put("a")
    world.office.turn()

    with disk_that_holds(4096):
        world.office.close()

    assert "what has come back is not on the disk" in caplog.messages

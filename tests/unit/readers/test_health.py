"""The suite's own condition, from its files."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, unit_state
from volspike.clients.binance.weight import WeightAccount
from volspike.delivery.mutes import Mutes
from volspike.model.documents import (
    VERSION,
    DestinationState,
    EmergencyStop,
    Heartbeat,
    Maintenance,
    OutboxDocument,
)
from volspike.model.health import Finding, Report, Severity
from volspike.model.supervision import Supervision
from volspike.readers.health import DaemonHealth, HealthReader
from volspike.rules.weight import WeightClass
from volspike.settings import Settings
from volspike.state import documents, emergency, file

Made = Callable[..., Settings]


@pytest.fixture
def supervised(runtime_dir: Path) -> Iterator[None]:
    """A suite whose supervisor knows one daemon, which is this process."""
    held = file.hold(runtime_dir / documents.SUPERVISION_LOCK)
    assert held is not None
    state = unit_state("funding-ws", main_pid=os.getpid())
    content = Supervision(VERSION, os.getpid(), True, {}, [state])
    file.write(runtime_dir / documents.SUPERVISION, documents.encode(content))
    yield
    os.close(held)


def daemon_named(reader: HealthReader, name: str) -> DaemonHealth:
    return next(daemon for daemon in reader.read().daemons if daemon.info.name == name)


def test_a_daemon_is_what_its_supervisor_its_heartbeat_and_its_process_say(
    settings: Made, runtime_dir: Path, supervised: None
) -> None:
    beat = Heartbeat(VERSION, "funding-ws", os.getpid(), NOW - 60, NOW - 1, "648 symbols", NOW + 10)
    path = documents.heartbeat_path(runtime_dir, "funding-ws")
    path.parent.mkdir()
    file.write(path, documents.encode(beat))

    daemon = daemon_named(HealthReader(settings()), "funding-ws")

    assert daemon.beat == beat
    assert daemon.state is not None
    assert daemon.state.active_state == "active"
    assert daemon.memory_bytes is not None
    assert daemon.memory_bytes > 10_000_000


def test_without_a_supervisor_a_heartbeat_tells_of_which_process_the_memory_is(
    settings: Made, runtime_dir: Path, supervised: None
) -> None:
    for name in ("courier", "liquid-universe"):
        path = documents.heartbeat_path(runtime_dir, name)
        path.parent.mkdir(exist_ok=True)
        file.write(path, documents.encode(Heartbeat(VERSION, name, os.getpid(), NOW, NOW, "", NOW)))

    reader = HealthReader(settings())

    assert daemon_named(reader, "courier").memory_bytes is not None
    assert (
        daemon_named(reader, "liquid-universe").memory_bytes is None
    )  # its process has ended, another may have its id


def test_a_daemon_is_overdue_by_a_clock_that_nobody_sets(
    settings: Made, runtime_dir: Path, clock: MovedClock, supervised: None
) -> None:
    due = clock.monotonic() + 600
    path = documents.heartbeat_path(runtime_dir, "courier")
    path.parent.mkdir()
    file.write(path, documents.encode(Heartbeat(VERSION, "courier", 1, NOW - 7800, NOW - 7800, "", NOW - 7200, due)))
    reader = HealthReader(settings())

    assert not daemon_named(reader, "courier").is_overdue
    clock.move(616)
    assert daemon_named(reader, "courier").is_overdue


def test_every_daemon_is_listed_before_anything_is_known_of_it(settings: Made, supervised: None) -> None:
    daemon = daemon_named(HealthReader(settings()), "courier")

    assert (daemon.state, daemon.beat, daemon.memory_bytes) == (None, None, None)


def test_the_embedded_backend_is_one_only_where_it_is_used(settings: Made, supervised: None) -> None:
    def names(given: Settings) -> set[str]:
        return {daemon.info.name for daemon in HealthReader(given).read().daemons}

    assert "backend" in names(settings())
    assert "backend" not in names(settings(backend_url="https://api.example.org"))


def test_what_is_on_its_way_used_and_judged_is_read_from_the_files(
    settings: Made, runtime_dir: Path, clock: MovedClock, supervised: None
) -> None:
    given = settings()
    outbox = OutboxDocument(VERSION, {"backend": DestinationState(waiting=3)}, NOW)
    report = Report(VERSION, NOW, False, [Finding("disk", Severity.ERROR, "Disk: 95 % used")], [])
    file.write(runtime_dir / documents.OUTBOX_STATE, documents.encode(outbox))
    file.write(documents.health_directory(runtime_dir) / documents.HEALTH_REPORT, documents.encode(report))
    with WeightAccount(runtime_dir, clock) as account:
        account.reserve(40, WeightClass.ALERT, patience_seconds=0, pause=clock.move)

    health = HealthReader(given).read()

    assert (health.at, health.outbox, health.report) == (NOW, outbox, report)
    assert health.weight is not None
    assert health.weight.used == 40


def test_what_an_operator_has_ordered_is_told_as_long_as_it_holds(
    settings: Made, runtime_dir: Path, clock: MovedClock, supervised: None
) -> None:
    given = settings()
    file.write(runtime_dir / documents.MAINTENANCE, documents.encode(Maintenance(VERSION, NOW + 60)))
    Mutes(given.state_dir, clock).mute("BTCUSDT", 120)
    emergency.begin(given.state_dir, EmergencyStop(VERSION, NOW, "a test"))
    reader = HealthReader(given)

    ordered = reader.read()
    assert (ordered.maintenance_until, list(ordered.mutes)) == (NOW + 60, ["BTCUSDT"])
    assert ordered.emergency_stop == EmergencyStop(VERSION, NOW, "a test")

    clock.move(61)
    assert reader.read().maintenance_until is None
    clock.move(60)
    assert reader.read().mutes == {}
    emergency.end(given.state_dir)
    (runtime_dir / documents.MAINTENANCE).unlink()
    assert (reader.read().emergency_stop, reader.read().maintenance_until) == (None, None)


def test_a_supervisor_that_cannot_be_seen_is_told(
    settings: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no systemctl

    health = HealthReader(settings()).read()

    assert health.supervisor_problem == "systemctl is not installed here"
    assert health.daemons

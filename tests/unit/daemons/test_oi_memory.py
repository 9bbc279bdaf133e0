"""What the poller remembers and tells: told once, however and whenever it is killed and whatever the clock does."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, funding_row
from tests.unit.state.test_file import disk_that_holds
from volspike.daemons.oi_memory import PollerMemory
from volspike.daemons.oi_sweep import Reading
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind, Message
from volspike.model.market import OpenInterestSample
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

BASE = 1_000_000.0
HISTORY = documents.OI_HISTORY
STATES = documents.OI_STATES
COOLDOWNS = documents.OI_COOLDOWNS


@pytest.fixture
def state_dir(runtime_dir: Path) -> Path:
    return runtime_dir.with_name("state")


@pytest.fixture
def outbox(settings: Callable[..., Settings], clock: MovedClock, state_dir: Path) -> Iterator[Outbox]:
    with Outbox(state_dir / documents.OUTBOX, clock, settings().routes) as opened:
        yield opened


@pytest.fixture
def started(daemon: Daemon, settings: Callable[..., Settings], outbox: Outbox) -> Callable[[], PollerMemory]:
    """Start a poller's memory, as each run of it does."""
    return lambda: PollerMemory(daemon, settings(), outbox)


@pytest.fixture
def memory(started: Callable[[], PollerMemory]) -> PollerMemory:
    return started()


def poll(memory: PollerMemory, clock: MovedClock, *path: tuple[float, float], symbol: str = "BTCUSDT") -> None:
    """Let time pass and take a reading, so many times: (seconds, level against the base)."""
    for seconds, level in path:
        clock.move(seconds)
        memory.take([Reading(symbol, clock.now(), BASE * level)], {})


def told(outbox: Outbox) -> list[Message]:
    return outbox.messages(Kind.OPEN_INTEREST, 0)


def content(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_a_reading_gets_the_mark_and_the_rate_of_its_time(memory: PollerMemory) -> None:
    readings = [Reading("BTCUSDT", NOW, 93551.298), Reading("ETHUSDT", NOW + 1, 12.5)]

    samples = memory.take(readings, {"BTCUSDT": funding_row()})

    assert samples == [
        OpenInterestSample("BTCUSDT", NOW, 93551.298, 91725.878, 0.0001),
        OpenInterestSample("ETHUSDT", NOW + 1, 12.5),
    ]


def test_a_move_is_told_once_in_the_outbox_and_in_the_log(
    memory: PollerMemory, clock: MovedClock, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    poll(memory, clock, (0, 1.0), (300, 1.0502), (18, 1.06), (18, 1.06))

    (message,) = told(outbox)
    assert message.text == "BTC open interest ▲ 5.02% in 5 min (1.00M → 1.05M)"
    assert message.key == f"oi:BTCUSDT:5 min:UP:{int(NOW + 300)}"
    assert [record.getMessage() for record in caplog.records] == [message.text]


def test_its_files_are_those_that_operators_know(memory: PollerMemory, clock: MovedClock, state_dir: Path) -> None:
    poll(memory, clock, (0, 1.0), (300, 0.95))

    assert content(state_dir / COOLDOWNS) == {"BTCUSDT|DOWN|5 min": NOW + 300}
    assert content(state_dir / STATES) == {"version": 1, "states": {"BTCUSDT|5 min": "DOWN"}, "updated_at": NOW + 300}


def test_files_are_written_only_for_something_new(memory: PollerMemory, clock: MovedClock, state_dir: Path) -> None:
    poll(memory, clock, (0, 1.0), (300, 1.01))
    assert not (state_dir / STATES).exists()

    poll(memory, clock, (18, 1.05))
    written = (state_dir / STATES).stat().st_mtime_ns
    poll(memory, clock, (18, 1.06))

    assert (state_dir / STATES).stat().st_mtime_ns == written


def test_after_a_restart_it_goes_on_where_it_was(
    memory: PollerMemory, started: Callable[[], PollerMemory], clock: MovedClock, outbox: Outbox
) -> None:
    poll(memory, clock, (0, 1.0), (280, 1.0))
    memory.save_history(now=True)

    poll(started(), clock, (20, 1.05), (18, 1.05))
    assert len(told(outbox)) == 1

    memory.save_history(now=True)
    poll(started(), clock, (18, 1.06))
    assert len(told(outbox)) == 1


def test_a_poller_killed_between_outbox_and_memory_tells_nothing_twice(
    memory: PollerMemory, started: Callable[[], PollerMemory], clock: MovedClock, outbox: Outbox, state_dir: Path
) -> None:
    for name in (STATES, COOLDOWNS):
        (state_dir / name).mkdir()  # nothing can be saved under this name
    poll(memory, clock, (0, 1.0), (300, 1.05))
    memory.save_history(now=True)
    assert len(told(outbox)) == 1
    for name in (STATES, COOLDOWNS):
        (state_dir / name).rmdir()

    poll(started(), clock, (18, 1.05), (18, 1.06))

    assert len(told(outbox)) == 1


def test_an_alert_of_another_release_stops_nobody(
    started: Callable[[], PollerMemory], clock: MovedClock, outbox: Outbox
) -> None:
    outbox.put([Message("oi:BTCUSDT:5 min:UP:1", Kind.OPEN_INTEREST, "BTCUSDT", NOW, b"{}", "")])

    poll(started(), clock, (0, 1.0), (300, 1.05))

    assert len(told(outbox)) == 2


def test_as_long_as_the_outbox_fails_nothing_is_saved_and_nothing_is_lost(
    memory: PollerMemory, clock: MovedClock, outbox: Outbox, state_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    poll(memory, clock, (0, 1.0))
    with disk_that_holds(8192):
        poll(memory, clock, (300, 1.05), (18, 1.05))
    assert (told(outbox), (state_dir / STATES).exists()) == ([], False)

    poll(memory, clock, (18, 1.05))

    assert [message.at for message in told(outbox)] == [NOW + 300]
    assert content(state_dir / COOLDOWNS) == {"BTCUSDT|UP|5 min": NOW + 300}
    assert [record.getMessage().partition(":")[0] for record in caplog.records][:2] == ["lost", "recovered"]


@pytest.mark.parametrize("name", [HISTORY, STATES, COOLDOWNS])
def test_a_broken_file_is_moved_aside_and_stops_nobody(
    started: Callable[[], PollerMemory], state_dir: Path, clock: MovedClock, outbox: Outbox, name: str
) -> None:
    (state_dir / name).write_bytes(b'{"torn')

    poll(started(), clock, (0, 1.0), (300, 1.05))

    assert [path.read_bytes() for path in state_dir.glob(f"{name}.corrupt-*")] == [b'{"torn']
    assert len(told(outbox)) == 1


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_clock_that_steps_by_an_hour_makes_no_storm(
    memory: PollerMemory, clock: MovedClock, outbox: Outbox, step: float
) -> None:
    symbols = [f"S{number}USDT" for number in range(20)]

    def rise(sweeps: range) -> int:
        for number in sweeps:
            clock.move(18)
            memory.take([Reading(symbol, clock.now(), BASE * 1.003**number) for symbol in symbols], {})
        return len(told(outbox))

    before = rise(range(40))  # by 5 % in 5 minutes: each has alerted, and stays outside
    clock.move(step)

    assert (before, rise(range(40, 60))) == (20, 20)


def test_the_history_is_saved_every_five_minutes(memory: PollerMemory, clock: MovedClock, state_dir: Path) -> None:
    poll(memory, clock, (290, 1.0))
    memory.save_history()
    assert not (state_dir / HISTORY).exists()

    clock.move(10)
    memory.save_history()
    assert (state_dir / HISTORY).exists()


def test_a_symbol_that_has_left_is_forgotten_after_three_hours(
    memory: PollerMemory, clock: MovedClock, outbox: Outbox, state_dir: Path
) -> None:
    poll(memory, clock, (0, 1.0), (300, 1.05), symbol="OLDUSDT")
    clock.move(10_801)

    memory.save_history(now=True)
    memory.save()

    assert content(state_dir / STATES)["states"] == {}
    assert (state_dir / HISTORY).stat().st_size < 50


def test_it_counts_the_alerts_of_the_day_across_restarts(
    memory: PollerMemory, started: Callable[[], PollerMemory], clock: MovedClock
) -> None:
    poll(memory, clock, (0, 1.0), (300, 1.05))

    assert memory.alerts_today() == started().alerts_today() == 1
    clock.move(12 * 3600)
    assert memory.alerts_today() == 0

"""How far each channel has been read, in a file that operators know."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.daemons.telegram_memory import PollerMemory
from volspike.model.news import Channel
from volspike.state import documents

CHANNEL = Channel(-1_001_000_000_001, "marketfeed", "Market Feed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / documents.TELEGRAM_POLLER


def written(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def test_a_cursor_is_on_the_disk_as_soon_as_it_has_moved(path: Path, clock: MovedClock) -> None:
    memory = PollerMemory(path, clock)
    assert memory.cursor("marketfeed") is None

    memory.resolved("marketfeed", CHANNEL)
    memory.move("marketfeed", 12345)

    assert written(path) == {
        "last_message_ids": {"marketfeed": 12345},
        "last_fetch": "2026-10-01T12:02:03Z",
        "channels": {"marketfeed": {"id": -1_001_000_000_001, "username": "marketfeed", "title": "Market Feed"}},
    }


def test_a_restart_goes_on_where_the_last_run_was(path: Path, clock: MovedClock) -> None:
    memory = PollerMemory(path, clock)
    memory.resolved("marketfeed", CHANNEL)
    memory.move("marketfeed", 12345)

    again = PollerMemory(path, clock)

    assert (again.cursor("marketfeed"), again.channel("marketfeed")) == (12345, CHANNEL)


def test_the_title_of_a_channel_is_the_latest_that_was_told(path: Path, clock: MovedClock) -> None:
    memory = PollerMemory(path, clock)
    memory.resolved("marketfeed", CHANNEL)

    assert memory.titled("marketfeed", "The Feed").title == "The Feed"
    assert memory.titled("marketfeed", "").title == "The Feed"
    memory.move("marketfeed", 12345)

    assert PollerMemory(path, clock).channel("marketfeed") == Channel(CHANNEL.id, "marketfeed", "The Feed")


def test_the_file_of_the_old_scripts_is_read(path: Path, clock: MovedClock) -> None:
    path.parent.mkdir()
    path.write_text('{"last_message_ids":{"WatcherGuru":77},"last_fetch":"2024-12-15T14:00:00Z"}')

    memory = PollerMemory(path, clock)

    assert (memory.cursor("watcherguru"), memory.channel("watcherguru")) == (77, None)


def test_a_channel_that_is_not_read_for_a_while_keeps_its_cursor(path: Path, clock: MovedClock) -> None:
    PollerMemory(path, clock).move("marketfeed", 12345)

    PollerMemory(path, clock).move("watcherguru", 1)

    assert written(path)["last_message_ids"] == {"marketfeed": 12345, "watcherguru": 1}


def test_a_broken_file_is_moved_aside(path: Path, clock: MovedClock) -> None:
    path.parent.mkdir()
    path.write_text('{"last_message_ids":')

    assert PollerMemory(path, clock).cursor("marketfeed") is None

    assert [entry.name for entry in path.parent.iterdir()] == [f"{path.name}.corrupt-{int(NOW)}"]

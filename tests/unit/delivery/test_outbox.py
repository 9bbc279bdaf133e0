"""The outbox: durable, one row for each destination, the same alert once."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.clocks import MovedClock
from tests.unit.delivery.conftest import ROUTES, message
from tests.unit.examples import NOW
from tests.unit.state.test_file import disk_that_holds
from volspike.clients.errors import Transient
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind


def rows(path: Path) -> list[tuple[str, str, str, float]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT key, destination, state, since FROM deliveries ORDER BY id").fetchall()
    finally:
        connection.close()


def test_a_message_becomes_a_waiting_row_for_each_destination_of_its_kind(outbox: Outbox, path: Path) -> None:
    new = outbox.put([message("a"), message("b", kind=Kind.TRIGGER)])

    assert new == 4
    assert rows(path) == [
        ("a", "backend", "waiting", NOW),
        ("a", "backend-dev", "waiting", NOW),
        ("a", "telegram", "waiting", NOW),
        ("b", "backend", "waiting", NOW),
    ]


def test_a_kind_without_destinations_and_nothing_at_all_leave_no_trace(outbox: Outbox, path: Path) -> None:
    assert outbox.put([message("a", kind=Kind.HEALTH)]) == 0
    assert outbox.put([]) == 0
    assert not path.exists()


def test_what_is_there_already_stays_as_it_is_whatever_became_of_it(outbox: Outbox, path: Path) -> None:
    outbox.put([message("a")])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE deliveries SET state = 'delivered' WHERE destination = 'backend'")
    connection.close()

    assert outbox.put([replace(message("a"), text="another"), message("b", kind=Kind.TRIGGER)]) == 1

    assert [state for _, _, state, _ in rows(path)] == ["delivered", "waiting", "waiting", "waiting"]
    assert outbox.messages(Kind.VOLUME, 0.0) == [message("a")]


def test_a_destination_that_was_added_gets_the_alert_too(outbox: Outbox, path: Path, clock: MovedClock) -> None:
    with Outbox(path, clock, {Kind.VOLUME: ROUTES[Kind.VOLUME][:1]}) as former:
        former.put([message("a")])

    assert outbox.put([message("a")]) == 2


def test_an_age_counts_from_when_it_happened_but_never_from_the_future(outbox: Outbox, path: Path) -> None:
    outbox.put([message("a", kind=Kind.TRIGGER, at=NOW - 60), message("b", kind=Kind.TRIGGER, at=NOW + 3600)])

    assert [since for _, _, _, since in rows(path)] == [NOW - 60, NOW]


def test_messages_are_each_told_once_from_the_instant_on_and_oldest_first(outbox: Outbox) -> None:
    late, early, before = message("late", at=NOW), message("early", at=NOW - 10), message("before", at=NOW - 11)
    outbox.put([late, early, before, message("other", kind=Kind.TRIGGER)])

    assert outbox.messages(Kind.VOLUME, NOW - 10) == [early, late]
    assert outbox.messages(Kind.OPEN_INTEREST, 0.0) == []


def test_undelivered_is_what_still_waits_somewhere(outbox: Outbox, path: Path) -> None:
    outbox.put([message("a"), message("b"), message("c", kind=Kind.TRIGGER)])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE deliveries SET state = 'delivered' WHERE key = 'a' OR destination = 'backend'")
    connection.close()

    assert outbox.undelivered(Kind.VOLUME) == [message("b")]
    assert outbox.undelivered(Kind.TRIGGER) == []


def test_threads_and_processes_put_at_once_and_nothing_is_lost_or_doubled(outbox: Outbox, path: Path) -> None:
    other = f"""
from pathlib import Path
from tests.unit.delivery.conftest import ROUTES, message
from volspike.delivery.outbox import Outbox
from volspike.runtime.clock import Clock
with Outbox(Path({str(path)!r}), Clock(), ROUTES) as outbox:
    for number in range(40):
        outbox.put([message(f"other {{number}}"), message(f"same {{number}}")])
"""
    with subprocess.Popen([sys.executable, "-c", other]) as process, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: outbox.put([message(f"own {number}"), message(f"same {number}")]), range(40)))

    assert process.returncode == 0
    assert len(rows(path)) == 3 * 120
    assert len(outbox.messages(Kind.VOLUME, 0.0)) == 120


def test_a_full_disk_keeps_nothing_and_the_same_put_succeeds_later(outbox: Outbox) -> None:
    outbox.put([message("a")])
    many = [message(str(number)) for number in range(100)]

    with disk_that_holds(8192), pytest.raises(Transient, match="cannot be used"):
        outbox.put(many)

    assert outbox.messages(Kind.VOLUME, 0.0) == [message("a")]
    assert outbox.put(many) == 300


def test_a_directory_that_cannot_be_written_is_a_passing_trouble(path: Path, clock: MovedClock) -> None:
    path.parent.write_text("a file where a directory should be")
    with Outbox(path, clock, ROUTES) as outbox, pytest.raises(Transient, match="cannot be made"):
        outbox.put([message("a")])

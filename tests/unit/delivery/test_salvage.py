"""What is saved from an outbox that is damaged."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.delivery import salvage
from volspike.delivery.database import replace_if_damaged
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Outcome, Road
from volspike.model.delivery import Kind, State

Put = Callable[..., int]
PAGE = 4096


def aside(path: Path) -> Path:
    return path.with_name("aside.db")


def set_aside(outbox: Outbox, path: Path) -> Path:
    """Move the outbox away as it is."""
    outbox._database.close()
    return path.rename(aside(path))


def spoil(path: Path, column: str, value: bytes) -> None:
    """Write something into a column of the first row that has no place there."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'deliveries'")
    connection.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE deliveries SET {column} = CAST(? AS TEXT) WHERE id = 1", [value])  # noqa: S608
    connection.close()


def keys(path: Path, clock: MovedClock, *states: State) -> list[str]:
    with Ledger(path, clock) as ledger:
        return [entry.key for entry in reversed(ledger.listing(states=states, limit=9999))]


def test_what_waits_goes_on_as_it_was(outbox: Outbox, path: Path, clock: MovedClock, put: Put) -> None:
    put("a", "b", kind=Kind.TRIGGER)
    with Ledger(path, clock) as ledger:
        before = ledger.listing()
    old = set_aside(outbox, path)

    assert salvage.save(old, path, NOW) == 2

    with Ledger(path, clock) as ledger:
        assert ledger.listing() == before


def test_what_was_settled_lately_is_not_told_again(outbox: Outbox, path: Path, clock: MovedClock, put: Put) -> None:
    put("old", "new", "waits", kind=Kind.TRIGGER)
    with Road(path) as road:
        road.settle([Outcome(1, State.DELIVERED, "")], NOW - 7 * 3600)
        road.settle([Outcome(2, State.DELIVERED, "")], NOW - 5 * 3600)
    old = set_aside(outbox, path)

    assert salvage.save(old, path, NOW) == 1

    assert keys(path, clock) == ["new", "waits"]
    assert put("old", "new", "waits", kind=Kind.TRIGGER) == 1


def test_what_the_others_have_put_meanwhile_stays(outbox: Outbox, path: Path, clock: MovedClock, put: Put) -> None:
    put("a", "b", kind=Kind.TRIGGER)
    old = set_aside(outbox, path)
    put("b", "c", kind=Kind.TRIGGER)

    salvage.save(old, path, NOW)

    assert keys(path, clock) == ["b", "c", "a"]


def test_a_page_that_is_damaged_costs_its_own_rows_only(
    outbox: Outbox, path: Path, clock: MovedClock, put: Put
) -> None:
    put(*[f"{number:04} {'x' * 100}" for number in range(1500)], kind=Kind.TRIGGER)
    outbox._database.close()
    content = bytearray(path.read_bytes())
    at = content.index(f"0700 {'x' * 100} happened".encode()) // PAGE * PAGE
    content[at : at + PAGE] = os.urandom(PAGE)
    path.write_bytes(content)

    old = replace_if_damaged(path, NOW)
    assert old is not None
    saved = salvage.save(old, path, NOW)

    assert 1450 <= saved < 1500
    assert len(keys(path, clock, State.WAITING)) == saved


@pytest.mark.parametrize(("column", "value"), [("kind", b"nonsense"), ("at", b"soon"), ("text", b"\xff\xfe")])
def test_a_row_that_makes_no_sense_is_left_behind(
    outbox: Outbox, path: Path, put: Put, column: str, value: bytes
) -> None:
    put("a", "b", kind=Kind.TRIGGER)
    old = set_aside(outbox, path)
    spoil(old, column, value)

    assert salvage.save(old, path, NOW) == 1

    assert [message.key for message in outbox.undelivered(Kind.TRIGGER)] == ["b"]


def test_of_what_cannot_be_read_at_all_the_rest_is_given_up(
    outbox: Outbox, path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salvage, "MOST_FAILURES", 0)
    put("a", kind=Kind.TRIGGER)
    old = set_aside(outbox, path)

    assert salvage.save(old, path, NOW) == 0


@pytest.mark.parametrize("content", [None, b"not a database" * 1000])
def test_of_a_file_that_is_none_nothing_is_saved(path: Path, content: bytes | None) -> None:
    path.parent.mkdir()
    if content is not None:
        aside(path).write_bytes(content)

    assert salvage.save(aside(path), path, NOW) == 0

"""The rows as nouns."""

import sqlite3
from collections.abc import Iterator

import pytest
from msgspec import structs

from tests.unit.delivery.conftest import message
from tests.unit.examples import NOW
from volspike.delivery import rows
from volspike.model.delivery import BACKEND, TELEGRAM, Pause, State, Tally


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A table with what the statements ask of it."""
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.execute("CREATE TABLE deliveries (destination TEXT, state TEXT, since REAL, settled_at REAL)")
    opened.execute("CREATE INDEX waiting ON deliveries (destination) WHERE state = 'waiting'")
    opened.execute("CREATE TABLE pauses (destination TEXT PRIMARY KEY, since REAL, reason TEXT, fingerprint TEXT)")
    yield opened
    opened.close()


def test_a_row_becomes_an_entry() -> None:
    row = (7, "telegram", "k", "trigger", "BTC", NOW, b"{}", "BTC …", "refused", NOW + 1, NOW + 2, 3, "HTTP 400")

    told = rows.entry(row)

    assert structs.astuple(told) == row
    assert told.state is State.REFUSED
    assert told.is_understood
    assert rows.ENTRY_COLUMNS.split(", ") == list(told.__struct_fields__)


def test_a_row_in_a_state_of_another_release_becomes_an_entry_too() -> None:
    row = (7, "telegram", "k", "trigger", "BTC", NOW, b"{}", "BTC …", "archived", NOW + 1, NOW + 2, 3, "")

    told = rows.entry(row)

    assert (told.state, told.is_understood) == ("archived", False)


@pytest.mark.parametrize(("values", "written"), [([], ""), ([1], "?"), (["a", "b"], "?, ?")])
def test_there_is_a_question_mark_for_each_value(values: list[object], written: str) -> None:
    assert rows.slots(values) == written


def test_a_tally_counts_what_waits_and_what_was_settled_of_late(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO deliveries VALUES (?, ?, ?, ?)",
        [
            ("backend", "waiting", NOW - 9, None),
            ("backend", "waiting", NOW - 10, None),
            ("backend", "delivered", NOW - 50, NOW - 5),
            ("backend", "delivered", NOW - 50, NOW - 6),
            ("telegram", "expired", NOW - 50, NOW - 5),
            ("telegram", "refused", NOW - 50, NOW - 5),
            ("telegram", "dropped", NOW - 50, NOW - 5),
            ("telegram", "archived", NOW - 50, NOW - 5),  # by another release
        ],
    )

    assert rows.tallies(connection, NOW - 5) == {
        BACKEND: Tally(waiting=2, oldest_waiting_at=NOW - 10, delivered=1),
        TELEGRAM: Tally(refused=1, expired=1, dropped=1),
    }


def test_a_pause_is_there_until_it_is_ended(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO pauses VALUES ('backend', 1.0, 'HTTP 401', 'ab12')")

    assert rows.pauses(connection) == {BACKEND: Pause(1.0, "HTTP 401", "ab12")}
    assert rows.resume(connection, BACKEND)
    assert not rows.resume(connection, BACKEND)
    assert rows.pauses(connection) == {}


def test_word_for_the_courier_is_no_pause_and_is_taken_once(connection: sqlite3.Connection) -> None:
    rows.ask_to_try(connection, TELEGRAM, 1.0)

    assert rows.pauses(connection) == {}
    assert rows.asked(connection) == [TELEGRAM]
    assert rows.take_asked(connection) == [TELEGRAM]
    assert rows.asked(connection) == rows.take_asked(connection) == []
    rows.ask_to_try(connection, TELEGRAM, 1.0)
    assert not rows.resume(connection, TELEGRAM)


def test_a_message_of_the_outbox_has_the_columns_of_a_message() -> None:
    assert rows.MESSAGE_COLUMNS.split(", ") == list(message().__struct_fields__)

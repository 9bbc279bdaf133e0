"""What is kept how long: nothing grows without bound, and no sweep takes long."""

import sqlite3
from collections.abc import Iterator
from sqlite3 import Connection

import pytest

from volspike.backend import tables
from volspike.backend.tables import DAY, HOUR, KEEPING, MINUTE, Keeping

NOW = 1_790_856_123_000


@pytest.fixture
def database() -> Iterator[Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    tables.create(connection)
    yield connection
    connection.close()


def put_samples(database: Connection, *ages: int) -> None:
    database.executemany(
        "INSERT INTO samples (at, symbol, contracts) VALUES (?, 'BTCUSDT', 1)", [(NOW - age,) for age in ages]
    )


def ages_left(database: Connection) -> list[int]:
    return [NOW - at for (at,) in database.execute("SELECT at FROM samples ORDER BY at")]


def test_samples_are_kept_for_two_days(database: Connection) -> None:
    put_samples(database, 0, HOUR, 48 * HOUR, 48 * HOUR + 1)

    assert tables.sweep(database, NOW) == 1
    assert ages_left(database) == [48 * HOUR, HOUR, 0]
    assert tables.sweep(database, NOW) == 0


def test_a_sweep_after_a_long_time_takes_a_bounded_part_of_what_is_too_old(database: Connection) -> None:
    put_samples(database, 90 * DAY, 90 * DAY - 9 * MINUTE, 90 * DAY - 11 * MINUTE, 3 * DAY)

    assert [tables.sweep(database, NOW) for _ in range(4)] == [2, 1, 1, 0]


@pytest.mark.parametrize("keeping", KEEPING, ids=lambda keeping: keeping.table)
def test_every_table_with_an_age_is_swept_along_an_index(database: Connection, keeping: Keeping) -> None:
    for statement in (f"SELECT min({keeping.column}) FROM", "DELETE FROM"):
        where = f" WHERE {keeping.column} < 5" if statement.startswith("DELETE") else ""
        plan = database.execute(f"EXPLAIN QUERY PLAN {statement} {keeping.table}{where}").fetchall()

        assert all("SCAN" not in detail for *_, detail in plan), plan


def test_making_the_tables_twice_changes_nothing(database: Connection) -> None:
    put_samples(database, 0)

    tables.create(database)

    assert ages_left(database) == [0]

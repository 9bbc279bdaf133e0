"""Open interest over time: what is taken, what it was at an instant, and its history."""

import asyncio
from sqlite3 import Connection
from typing import Any

import pytest

from tests.unit.backend.conftest import Client
from tests.unit.clocks import MovedClock
from volspike.backend import tables
from volspike.backend.open_interest import snapshot
from volspike.backend.reception import instant
from volspike.backend.store import Store

INGEST = "/api/market/open-interest/ingest"
SNAPSHOT = "/api/market/open-interest/snapshot"
HISTORY = "/api/market/open-interest/history"
AT = "2026-10-01T12:00:00Z"
ITEM = {"symbol": "BTCUSDT", "openInterest": 1000.5, "openInterestUsd": 65e6, "markPrice": 65000.0}


def sweep(*items: object, at: object = AT) -> dict[str, Any]:
    return {"data": list(items), "timestamp": at, "totalSymbols": len(items), "source": "realtime"}


def contracts(client: Client, at: str, symbol: str = "BTCUSDT") -> float | None:
    told = client.get(SNAPSHOT, f"symbol={symbol}&ts={at}").json
    return told["openInterest"] if told["found"] else None


def test_samples_are_taken_and_told_of_their_instant(client: Client) -> None:
    reply = client.post(INGEST, sweep(ITEM, {"symbol": "ETHUSDT", "openInterest": 7}))

    assert (reply.status, reply.json) == (200, {"success": True, "inserted": 2, "cached": 2})
    assert client.get(SNAPSHOT, "symbol=BTCUSDT&ts=2026-10-01T12:00:01.000Z").json == {
        "found": True,
        "symbol": "BTCUSDT",
        "openInterest": 1000.5,
        "openInterestUsd": 65e6,
        "markPrice": 65000.0,
        "ts": "2026-10-01T12:00:00.000Z",
        "source": "realtime",
    }
    without_mark = client.get(SNAPSHOT, f"symbol=ETHUSDT&ts={AT}").json
    assert (without_mark["openInterestUsd"], without_mark["markPrice"]) == (None, None)


@pytest.mark.parametrize(
    "bad",
    [{**ITEM, "openInterest": "7"}, {**ITEM, "symbol": ""}, {**ITEM, "markPrice": "7"}, {"symbol": "X"}, None, 5],
)
def test_an_item_that_is_none_costs_only_itself(client: Client, bad: object) -> None:
    assert client.post(INGEST, sweep(bad, ITEM)).json == {"success": True, "inserted": 1, "cached": 1}


@pytest.mark.parametrize("body", [sweep(), sweep(*[ITEM] * 101), {"timestamp": AT}, {**sweep(ITEM), "data": "x"}])
def test_a_sweep_of_nothing_or_of_too_much_is_refused(client: Client, body: object) -> None:
    assert client.post(INGEST, body).status == 400


@pytest.mark.parametrize(
    "at", ["soon", None, True, [], {}, 1e300, ..., "2026-10-01T25:00:00Z", "0001-01-01T00:00+14:00"]
)
def test_a_time_that_is_none_is_told_with_status_200(client: Client, at: object) -> None:
    body = {key: value for key, value in sweep(ITEM, at=at).items() if value is not ...}

    reply = client.post(INGEST, body)

    assert (reply.status, reply.json["success"], reply.json["inserted"]) == (200, False, 0)
    assert reply.json["errors"]
    assert contracts(client, AT) is None


def test_a_number_is_a_time_in_milliseconds(client: Client) -> None:
    client.post(INGEST, sweep(ITEM, at=1_790_856_000_000))

    assert client.get(SNAPSHOT, f"symbol=BTCUSDT&ts={AT}").json["ts"] == "2026-10-01T12:00:00.000Z"


def test_the_newest_sample_before_an_instant_is_told_whatever_its_age(client: Client) -> None:
    for at, contracts_then in (
        ("2026-09-05T03:00:00Z", 1),
        ("2026-10-01T11:59:50Z", 2),
        ("2026-10-01T12:00:00Z", 3),
        ("2026-10-01T12:00:10Z", 4),
    ):
        client.post(INGEST, sweep({**ITEM, "openInterest": contracts_then}, at=at))

    assert contracts(client, "2026-10-01T12:00:05Z") == 3
    assert contracts(client, "2026-10-01T12:00:00Z") == 3
    assert contracts(client, "2026-10-01T11:59:59Z") == 2
    assert contracts(client, "2026-10-01T11:59:49Z") == 1
    assert contracts(client, "2026-09-05T03:00:00Z") == 1
    assert contracts(client, "2027-10-01T12:00:00Z") == 4
    assert contracts(client, "2026-09-05T02:59:59Z") is None
    assert contracts(client, AT, "ETHUSDT") is None


def test_a_sample_of_a_wrong_clock_makes_no_search_long(client: Client, store: Store) -> None:
    for at in ("1970-01-21T00:00:00Z", AT):
        client.post(INGEST, sweep(ITEM, at=at))
    steps: list[None] = []

    async def search() -> None:
        def count(database: Connection) -> None:
            database.set_progress_handler(lambda: steps.append(None), 1000)
            snapshot(database, "ETHUSDT", instant(AT))
            database.set_progress_handler(None, 0)

        await store.read(count)

    asyncio.run(search())
    assert len(steps) < 10


def test_without_any_sample_nothing_is_found(client: Client) -> None:
    assert client.get(SNAPSHOT, f"symbol=BTCUSDT&ts={AT}").json == {"found": False, "symbol": "BTCUSDT"}


def test_samples_of_two_days_are_kept_and_their_five_minute_points_longer(
    client: Client, store: Store, clock: MovedClock
) -> None:
    for at, contracts_then in (("2026-10-01T12:00:10Z", 1), ("2026-10-01T12:04:50Z", 2), ("2026-10-01T12:05:00Z", 3)):
        client.post(INGEST, sweep({**ITEM, "openInterest": contracts_then}, at=at))
    clock.move(5 * 86_400)
    asyncio.run(store.write(lambda database: tables.sweep(database, store.now())))

    assert contracts(client, "2026-10-01T12:04:55Z") == 2
    assert contracts(client, "2026-10-01T12:01:00Z") is None
    clock.move(26 * 86_400)
    asyncio.run(store.write(lambda database: tables.sweep(database, store.now())))
    assert contracts(client, "2026-10-01T12:04:55Z") is None


def test_a_sample_that_comes_late_does_not_become_the_point(client: Client) -> None:
    for at, contracts_then in (("2026-10-01T12:00:20Z", 1), ("2026-10-01T12:00:10Z", 2)):
        client.post(INGEST, sweep({**ITEM, "openInterest": contracts_then}, at=at))

    (point,) = client.get(HISTORY, "symbol=BTCUSDT").json["points"]
    assert point["openInterest"] == 1


def test_a_sweep_sent_again_is_no_second_one(client: Client) -> None:
    client.post(INGEST, sweep(ITEM))
    client.post(INGEST, sweep({**ITEM, "openInterest": 5}))

    assert contracts(client, AT) == 5


def test_the_history_is_a_point_every_five_minutes_oldest_first(client: Client) -> None:
    for minute in range(0, 60, 2):
        client.post(INGEST, sweep({**ITEM, "openInterest": minute}, at=f"2026-10-01T11:{minute:02}:00Z"))

    told = client.get(HISTORY, "symbol=BTCUSDT&hours=1").json

    assert told["symbol"] == "BTCUSDT"
    assert [point["openInterest"] for point in told["points"]] == [4, 8, 14, 18, 24, 28, 34, 38, 44, 48, 54, 58]
    assert told["points"][0]["ts"] == "2026-10-01T11:04:00.000Z"
    assert client.get(HISTORY, "symbol=ETHUSDT").json["points"] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (SNAPSHOT, ""),
        (SNAPSHOT, "symbol=BTCUSDT"),
        (SNAPSHOT, "symbol=BTCUSDT&ts=now"),
        (HISTORY, "hours=5"),
        (HISTORY, "symbol=BTCUSDT&hours=721"),
    ],
)
def test_a_strange_question_is_refused(client: Client, path: str, query: str) -> None:
    assert client.get(path, query).status == 400


@pytest.mark.parametrize("path", [SNAPSHOT, HISTORY])
def test_the_key_is_needed(client: Client, path: str) -> None:
    assert client.get(path, f"symbol=BTCUSDT&ts={AT}", key="wrong").status == 401
    assert client.post(INGEST, sweep(ITEM), key="wrong").status == 401

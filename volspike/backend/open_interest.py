"""Open interest over time: every sample for two days, the last of each five minutes for a month."""

from sqlite3 import Connection
from typing import Any

import msgspec
from fastapi import APIRouter
from msgspec import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from volspike.backend.documentation import described
from volspike.backend.reception import (
    BAD_REQUEST,
    Decoder,
    Desk,
    RefusedError,
    answered,
    instant,
    iso,
    query,
    refused,
)
from volspike.backend.schemas import (
    History,
    HistoryQuery,
    Point,
    Sample,
    Samples,
    Snapshot,
    SnapshotQuery,
    Taken,
)
from volspike.backend.tables import HOUR, MINUTE

SLOT = 5 * MINUTE
RAW_WINDOW = 2 * SLOT
"""How far back the samples are searched before the points are: a longer search would read every symbol's."""

_samples = Decoder(Samples, BAD_REQUEST, "Invalid open interest data")
_decode_sample = msgspec.json.Decoder(Sample).decode

_LAST_SAMPLE = """
    SELECT at, contracts, usd, mark FROM samples
    WHERE at <= :at AND at >= :at - :window AND symbol = :symbol ORDER BY at DESC LIMIT 1
"""
_LAST_POINT = """
    WITH RECURSIVE slots (slot) AS (
        SELECT max(slot) FROM points WHERE slot <= :at
        UNION ALL
        SELECT (SELECT max(slot) FROM points WHERE slot < slots.slot) FROM slots WHERE slot IS NOT NULL
    )
    SELECT at, contracts, usd, mark FROM slots JOIN points USING (slot) WHERE symbol = :symbol AND at <= :at LIMIT 1
"""
"""From one slot to the one before it, each found by its key: the points of one symbol lie far apart."""
_POINTS = """
    WITH RECURSIVE slots (slot) AS (
        SELECT :first UNION ALL SELECT slot + :slot FROM slots WHERE slot < :last
    )
    SELECT at, contracts, usd, mark FROM slots JOIN points USING (slot) WHERE symbol = :symbol ORDER BY slot
"""
_KEEP_SAMPLE = """
    INSERT INTO samples (at, symbol, contracts, usd, mark) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET contracts = excluded.contracts, usd = excluded.usd, mark = excluded.mark
"""
_KEEP_POINT = """
    INSERT INTO points (slot, at, symbol, contracts, usd, mark) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET at = excluded.at, contracts = excluded.contracts, usd = excluded.usd, mark = excluded.mark
    WHERE excluded.at >= at
"""


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/market/open-interest", tags=["Open interest"])

    @routes.post(
        "/ingest",
        **described("Take samples", Taken, body=Samples, refusals={400: "No items, or more than a hundred."}),
    )
    async def take_samples(request: Request) -> Response:
        desk.admit(request)
        samples = _samples(await request.body())
        try:
            at = _when(samples.timestamp)
        except (ValueError, OverflowError):
            refusal = Taken(success=False, inserted=0, cached=0, errors=["timestamp is no time"])
            return await desk.once(request, lambda _: answered(refusal))
        good = [sample for sample in map(_sample, samples.data) if sample is not None]
        return await desk.once(request, lambda database: answered(insert(database, good, at)))

    @routes.get("/snapshot", **described("Tell the newest sample at an instant", Snapshot, parameters=SnapshotQuery))
    async def tell_snapshot(request: Request) -> Response:
        desk.admit(request)
        wanted = query(request, SnapshotQuery)
        try:
            at = instant(wanted.ts)
        except (ValueError, OverflowError):
            raise RefusedError(refused(BAD_REQUEST, "Invalid query", ["ts is no time"])) from None
        return await desk.read(lambda database: answered(snapshot(database, wanted.symbol, at)))

    @routes.get("/history", **described("Tell five-minute points of the last hours", History, parameters=HistoryQuery))
    async def tell_history(request: Request) -> Response:
        desk.admit(request)
        wanted = query(request, HistoryQuery)
        now = desk.store.now()
        return await desk.read(lambda database: answered(history(database, wanted, now)))

    return routes


def _when(timestamp: Any) -> int:
    """Return when a sweep began. Raises ValueError or OverflowError for what is no time."""
    if isinstance(timestamp, str):
        return instant(timestamp)
    if isinstance(timestamp, int | float) and not isinstance(timestamp, bool):
        return instant(iso(int(timestamp)))
    raise ValueError(timestamp)


def _sample(item: msgspec.Raw) -> Sample | None:
    """Return an item, or None when it is none, such as one whose number is a string."""
    try:
        return _decode_sample(item)
    except ValidationError:
        return None


def insert(database: Connection, samples: list[Sample], at: int) -> Taken:
    """Keep the samples of one instant; those sent again replace what they were."""
    rows = [(sample.symbol, sample.open_interest, sample.open_interest_usd, sample.mark_price) for sample in samples]
    database.executemany(_KEEP_SAMPLE, [(at, *row) for row in rows])
    database.executemany(_KEEP_POINT, [(at // SLOT * SLOT, at, *row) for row in rows])
    return Taken(success=True, inserted=len(rows), cached=len(rows))


def snapshot(database: Connection, symbol: str, at: int) -> Snapshot:
    """Return the newest sample at or before an instant."""
    asked = {"symbol": symbol, "at": at, "window": RAW_WINDOW}
    row = database.execute(_LAST_SAMPLE, asked).fetchone() or database.execute(_LAST_POINT, asked).fetchone()
    if row is None:
        return Snapshot(found=False, symbol=symbol)
    return Snapshot(True, symbol, row[1], row[2], row[3], iso(row[0]), "realtime")


def history(database: Connection, wanted: HistoryQuery, now: int) -> History:
    """Return the points of the last hours."""
    last = now // SLOT * SLOT
    asked = {"symbol": wanted.symbol, "slot": SLOT, "first": last - wanted.hours * HOUR, "last": last}
    rows = database.execute(_POINTS, asked).fetchall()
    return History(wanted.symbol, [Point(iso(at), contracts, usd, mark) for at, contracts, usd, mark in rows])

"""The liquid universe: replaced as a whole, never by nothing."""

from sqlite3 import Connection

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from volspike.backend.documentation import described
from volspike.backend.reception import (
    BAD_REQUEST,
    CONFLICT,
    Answer,
    Decoder,
    Desk,
    answered,
    instant,
    iso,
    refused,
)
from volspike.backend.schemas import Universe, UniverseMember, UniverseRow, UniverseUpdate, UniverseUpdated
from volspike.rules.hysteresis import Thresholds
from volspike.rules.polling import Pace, interval_seconds

_update = Decoder(UniverseUpdate, BAD_REQUEST, "Invalid liquid universe")

_KEEP = """
    INSERT INTO universe (symbol, quote_volume_24h, entered_at, last_seen_at) VALUES (:symbol, :volume, :entered, :seen)
    ON CONFLICT DO UPDATE SET
        quote_volume_24h = :volume, last_seen_at = :seen, entered_at = iif(:is_new, :entered, entered_at)
"""


def router(desk: Desk, thresholds: Thresholds, pace: Pace) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/market/open-interest/liquid-universe", tags=["Liquid universe"])

    @routes.get("", **described("Tell the liquid universe", Universe, key="nowhere"))
    async def tell(_: Request) -> Response:
        return await desk.read(lambda database: answered(universe(database, thresholds, pace)))

    @routes.post(
        "/update",
        **described(
            "Replace the liquid universe",
            UniverseUpdated,
            body=UniverseUpdate,
            refusals={400: "Not a universe.", 409: "An empty one."},
        ),
    )
    async def replace_all(request: Request) -> Response:
        desk.admit(request)
        update = _update(await request.body())
        return await desk.once(request, lambda database: replace(database, update))

    return routes


def universe(database: Connection, thresholds: Thresholds, pace: Pace) -> Universe:
    """Return the universe as it is."""
    updated = database.execute("SELECT at FROM universe_updates").fetchone()
    rows = database.execute(
        "SELECT symbol, quote_volume_24h, entered_at, last_seen_at FROM universe ORDER BY quote_volume_24h DESC"
    ).fetchall()
    every = interval_seconds(pace, len(rows))
    return Universe(
        iso(updated[0]) if updated else None,
        thresholds.enter,
        thresholds.exit,
        [UniverseRow(symbol, volume, iso(entered), iso(seen), every) for symbol, volume, entered, seen in rows],
        len(rows),
    )


def replace(database: Connection, update: UniverseUpdate) -> Answer:
    """Replace the universe, but by nothing; a member that was in it keeps the time it entered."""
    if not update.symbols:
        return refused(CONFLICT, "An empty liquid universe is refused; the one that is kept stays")
    known = {symbol for (symbol,) in database.execute("SELECT symbol FROM universe")}
    gone = known - {member.symbol for member in update.symbols}
    database.executemany("DELETE FROM universe WHERE symbol = ?", [(symbol,) for symbol in gone])
    database.executemany(_KEEP, map(_row, update.symbols))
    database.execute("INSERT OR REPLACE INTO universe_updates (only, at) VALUES (1, ?)", (instant(update.updated_at),))
    total = len({member.symbol for member in update.symbols})
    return answered(UniverseUpdated(success=True, upserted=total, removed=len(gone), total_symbols=total))


def _row(member: UniverseMember) -> dict[str, object]:
    seen = instant(member.last_seen_at)
    entered = instant(member.entered_at) if member.entered_at else seen
    is_new = member.entered_at is not None
    return {
        "symbol": member.symbol, "volume": member.quote_volume_24h, "entered": entered, "seen": seen, "is_new": is_new,
    }  # fmt: skip

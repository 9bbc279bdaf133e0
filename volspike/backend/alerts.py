"""Volume and open-interest alerts: taken once each, and listed with those of users."""

from sqlite3 import Connection

from fastapi import APIRouter
from msgspec import Raw
from starlette.requests import Request
from starlette.responses import Response

from volspike.backend.documentation import described
from volspike.backend.reception import BAD_REQUEST, FAULT, Answer, Decoder, Desk, answered, encode, iso, query
from volspike.backend.schemas import (
    AlertQuery,
    AlertTaken,
    ListedAlert,
    ListedAlerts,
    ListedKind,
    OpenInterestAlert,
    OpenInterestAlertTaken,
    VolumeAlert,
)
from volspike.backend.store import Job

_volume_alert = Decoder(VolumeAlert, BAD_REQUEST, "Invalid alert data")
_open_interest_alert = Decoder(OpenInterestAlert, FAULT, "Failed to process alert")


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["Alerts"])

    @routes.post(
        "/api/volume-alerts/ingest",
        **described("Take a volume alert", AlertTaken, body=VolumeAlert, refusals={400: "Not a volume alert."}),
    )
    async def take_volume_alert(request: Request) -> Response:
        desk.admit(request)
        alert = _volume_alert(await request.body())

        def keep(database: Connection) -> Answer:
            return answered(AlertTaken(str(insert(database, ListedKind.VOLUME, alert.symbol, desk.store.now(), alert))))

        return await _taken(desk, request, keep)

    @routes.post(
        "/api/open-interest-alerts/ingest",
        **described(
            "Take an open-interest alert",
            OpenInterestAlertTaken,
            body=OpenInterestAlert,
            refusals={500: "Not an open-interest alert."},
        ),
    )
    async def take_open_interest_alert(request: Request) -> Response:
        desk.admit(request)
        alert = _open_interest_alert(await request.body())

        def keep(database: Connection) -> Answer:
            kept = insert(database, ListedKind.OPEN_INTEREST, alert.symbol, desk.store.now(), alert)
            return answered(OpenInterestAlertTaken(str(kept)))

        return await _taken(desk, request, keep)

    @routes.get("/api/alerts", **described("List the latest alerts", ListedAlerts, parameters=AlertQuery))
    async def list_alerts(request: Request) -> Response:
        desk.admit(request)
        wanted = query(request, AlertQuery)
        return await desk.read(lambda database: answered(listed(database, wanted)))

    return routes


async def _taken(desk: Desk, request: Request, keep: Job[Answer]) -> Response:
    answer = await desk.once(request, keep)
    desk.taken += 1
    return answer


def insert(database: Connection, kind: ListedKind, symbol: str, now: int, alert: object) -> int:
    """Keep an alert and return its id."""
    row = (kind.value, symbol, now, encode(alert))
    kept = database.execute("INSERT INTO alerts (kind, symbol, at, payload) VALUES (?, ?, ?, ?)", row).lastrowid
    assert kept is not None  # noqa: S101 - an insert has one
    return kept


def listed(database: Connection, wanted: AlertQuery) -> ListedAlerts:
    """Return a page of alerts, newest first."""
    conditions = {
        "kind = ?": wanted.kind and wanted.kind.value,
        "symbol = ?": wanted.symbol and wanted.symbol.upper(),
        "id < ?": wanted.before,
        "id > ?": wanted.after,
    }
    used = {condition: value for condition, value in conditions.items() if value is not None}
    where = " AND ".join(used) or "TRUE"
    rows = database.execute(
        f"SELECT id, kind, symbol, at, payload FROM alerts WHERE {where} ORDER BY id DESC LIMIT ?",  # noqa: S608
        (*used.values(), wanted.limit + 1),
    ).fetchall()
    alerts = [ListedAlert(row[0], row[1], row[2], iso(row[3]), Raw(row[4])) for row in rows[: wanted.limit]]
    return ListedAlerts(alerts, alerts[-1].id if len(rows) > wanted.limit else None)

"""The alerts that users set: made, listed, armed again and removed here; fired, once each, by whoever watches them."""

import secrets
from collections.abc import AsyncIterator, Callable
from functools import partial
from sqlite3 import Connection
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from volspike.backend.alerts import insert
from volspike.backend.documentation import described
from volspike.backend.reception import (
    BAD_REQUEST,
    FAULT,
    NOT_FOUND,
    Answer,
    Decoder,
    Desk,
    answered,
    encode,
    iso,
    refused,
)
from volspike.backend.schemas import (
    ActiveAlert,
    ActiveAlerts,
    Checked,
    ListedKind,
    NewUserAlert,
    Success,
    Trigger,
    UserAlert,
    UserAlerts,
)

OWNER = "local"
TIER = "elite"
"""Whoever runs the backend pays for it: each pass looks at their alerts."""
PAGE = 500
ID_BYTES = 4

_trigger = Decoder(Trigger, BAD_REQUEST, "Invalid request")
_checked = Decoder(Checked, BAD_REQUEST, "Invalid request")
_new = Decoder(NewUserAlert, BAD_REQUEST, "Invalid user alert")
_COLUMNS = "id, symbol, type, threshold, checked_value, checked_at, delivery, active, created_at, fired_at"
_ACTIVE_PAGE = f"SELECT {_COLUMNS} FROM user_alerts WHERE active AND id > ? ORDER BY id LIMIT ?"  # noqa: S608
_PAGE = f"SELECT {_COLUMNS} FROM user_alerts WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM user_alerts WHERE id = ?"  # noqa: S608


def trigger_router(desk: Desk) -> APIRouter:
    """Return the routes of whoever watches the alerts; they take the key in the address or the body alone."""
    routes = APIRouter(prefix="/api/user-alerts-trigger", tags=["User alerts"])

    @routes.get("/active", **described("List the alerts that may fire", ActiveAlerts, key="query"))
    async def list_active(request: Request) -> Response:
        desk.check(request.query_params.get("apiKey", ""))
        return StreamingResponse(_pages(desk, _ACTIVE_PAGE, _active), media_type="application/json")

    @routes.post(
        "/trigger",
        **described(
            "Fire an alert",
            Success,
            body=Trigger,
            key="body",
            refusals={400: "Not a trigger, or the alert has fired already.", 404: "No such alert."},
        ),
    )
    async def fire_alert(request: Request) -> Response:
        trigger = _trigger(await request.body())
        desk.check(trigger.api_key)
        return await desk.once(request, lambda database: fire(database, trigger, desk.store.now()))

    @routes.post(
        "/update-checked",
        **described(
            "Note a value that was looked at", Success, body=Checked, key="body", refusals={500: "No such alert."}
        ),
    )
    async def update_checked(request: Request) -> Response:
        checked = _checked(await request.body())
        desk.check(checked.api_key)
        return await desk.once(request, lambda database: note(database, checked, desk.store.now()))

    return routes


def owner_router(desk: Desk) -> APIRouter:
    """Return the routes of the owner of the alerts."""
    routes = APIRouter(prefix="/api/user-alerts", tags=["User alerts"])
    missing = {404: "No such alert."}

    @routes.get("", **described("List all alerts", UserAlerts))
    async def list_all(request: Request) -> Response:
        desk.admit(request)
        return StreamingResponse(_pages(desk, _PAGE, _whole), media_type="application/json")

    @routes.post("", **described("Make an alert", UserAlert, body=NewUserAlert, refusals={400: "Not an alert."}))
    async def make(request: Request) -> Response:
        desk.admit(request)
        alert = _new(await request.body())
        return await desk.once(request, lambda database: answered(create(database, alert, desk.store.now())))

    @routes.post("/{alert_id}/rearm", **described("Arm an alert again", UserAlert, path="alert_id", refusals=missing))
    async def rearm_one(request: Request) -> Response:
        desk.admit(request)
        wanted = request.path_params["alert_id"]
        return await desk.once(request, lambda database: rearm(database, wanted))

    @routes.delete("/{alert_id}", **described("Remove an alert", Success, path="alert_id", refusals=missing))
    async def remove_one(request: Request) -> Response:
        desk.admit(request)
        wanted = request.path_params["alert_id"]
        return await desk.once(request, lambda database: remove(database, wanted))

    return routes


def create(database: Connection, alert: NewUserAlert, now: int) -> UserAlert:
    """Make an alert under an id that no other has, nor had: a watcher remembers alerts by their ids."""
    values = (alert.symbol.upper(), alert.alert_type.value, alert.threshold, alert.delivery_method.value, now)
    while True:
        made = secrets.token_hex(ID_BYTES)
        row = database.execute(
            "INSERT OR IGNORE INTO user_alerts (id, symbol, type, threshold, delivery, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (made, *values),
        )
        if row.rowcount:
            return _whole(database.execute(_ONE, (made,)).fetchone())


def rearm(database: Connection, wanted: str) -> Answer:
    """Arm an alert again; it forgets the value it saw last, or it might fire at once."""
    database.execute(
        "UPDATE user_alerts SET active = 1, checked_value = NULL, checked_at = NULL, fired_at = NULL WHERE id = ?",
        (wanted,),
    )
    row = database.execute(_ONE, (wanted,)).fetchone()
    return answered(_whole(row)) if row else _not_found()


def remove(database: Connection, wanted: str) -> Answer:
    """Remove an alert."""
    removed = database.execute("DELETE FROM user_alerts WHERE id = ?", (wanted,)).rowcount
    return answered(Success()) if removed else _not_found()


def fire(database: Connection, trigger: Trigger, now: int) -> Answer:
    """Fire an alert that is armed, and list that it has."""
    row = database.execute(_ONE, (trigger.alert_id,)).fetchone()
    if row is None:
        return _not_found()
    alert = _whole(row)
    if not alert.active:
        return refused(BAD_REQUEST, "Alert is not active")
    database.execute(
        "UPDATE user_alerts SET active = 0, checked_value = ?, checked_at = ?, fired_at = ? WHERE id = ?",
        (trigger.current_value, now, now, alert.id),
    )
    told = {
        "alertId": alert.id,
        "symbol": alert.symbol,
        "alertType": alert.alert_type,
        "threshold": alert.threshold,
        "currentValue": trigger.current_value,
        "previousValue": trigger.previous_value,
        "crossedUp": trigger.crossed_up,
    }
    insert(database, ListedKind.TRIGGER, alert.symbol, now, told)
    return answered(Success())


def note(database: Connection, checked: Checked, now: int) -> Answer:
    """Keep the value that was looked at."""
    noted = database.execute(
        "UPDATE user_alerts SET checked_value = ?, checked_at = ? WHERE id = ?",
        (checked.last_checked_value, now, checked.alert_id),
    ).rowcount
    return answered(Success()) if noted else refused(FAULT, "Failed to update alert")


def _not_found() -> Answer:
    return refused(NOT_FOUND, "Alert not found")


async def _pages(desk: Desk, statement: str, listed: Callable[[tuple[Any, ...]], ActiveAlert]) -> AsyncIterator[bytes]:
    """Yield a list of alerts page by page: a hundred thousand are never in memory at once, nor is the loop held up."""
    yield b'{"alerts":['
    after, separator = "", b""
    while True:
        rows = await desk.store.read(partial(_page, statement, after))
        if rows:
            yield separator + encode([listed(row) for row in rows])[1:-1]
            after, separator = rows[-1][0], b","
        if len(rows) < PAGE:
            break
    yield b"]}"


def _page(statement: str, after: str, database: Connection) -> list[tuple[Any, ...]]:
    return database.execute(statement, (after, PAGE)).fetchall()


def _active(row: tuple[Any, ...]) -> ActiveAlert:
    alert_id, symbol, kind, threshold, value, checked_at, delivery = row[:7]
    checked = iso(checked_at) if checked_at is not None else None
    return ActiveAlert(alert_id, OWNER, symbol, kind, threshold, value, checked, delivery, TIER)


def _whole(row: tuple[Any, ...]) -> UserAlert:
    alert_id, symbol, kind, threshold, value, checked_at, delivery, active, created_at, fired_at = row
    checked = iso(checked_at) if checked_at is not None else None
    fired = iso(fired_at) if fired_at is not None else None
    return UserAlert(
        alert_id, OWNER, symbol, kind, threshold, value, checked, delivery, TIER, bool(active), iso(created_at), fired
    )

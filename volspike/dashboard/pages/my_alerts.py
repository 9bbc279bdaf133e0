"""My alerts: set, seen beside the market, armed again and deleted; the embedded backend keeps them."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from nicegui import events, ui

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import MY_ALERTS
from volspike.dashboard.pages.my_alert_columns import OPTIONS
from volspike.dashboard.place import Place
from volspike.dashboard.topic import Topic
from volspike.dashboard.views import my_alerts as view
from volspike.dashboard.views.my_alerts import Row
from volspike.readers.user_alerts import Look, NotTaken, Unavailable, UserAlerts, are_kept_here
from volspike.rules.thresholds import WORDS, Watched

LOOK_SECONDS = 2.0


def add(place: Place) -> None:
    """Add the page."""
    kept = UserAlerts(place.settings, place.settings.backend_key)
    looks = place.topic(kept.look, LOOK_SECONDS)

    @route(MY_ALERTS)
    async def page(symbol: str = "") -> None:
        async with frame(place, MY_ALERTS):
            if not are_kept_here(place.settings):
                with ui.element("div").classes("vs-card vs-elsewhere"):
                    ui.label("Your alerts are kept elsewhere").classes("vs-heading")
                    ui.label(f"They are managed at {place.settings.backend_url}; this page is for those of the "
                             "embedded backend.").classes("vs-quiet")  # fmt: skip
                return
            form = _Form(kept, looks, symbol)
            table = _Table(kept, looks)

            def show(look: Look) -> None:
                form.show(look)
                table.show(look)

            await looks.follow(show)


class _Form:
    """Where a new alert is written."""

    def __init__(self, kept: UserAlerts, looks: Topic[Look], symbol: str) -> None:
        self._kept = kept
        self._looks = looks
        self._look = Look(0.0)
        with ui.element("form").classes("vs-card vs-form").on("submit.prevent", self._set):
            self._symbol = ui.input("Symbol", value=symbol, on_change=self._hint)
            self._symbol.props("dense outlined autocapitalize=characters").classes("vs-new-symbol")
            self._watched = ui.toggle(
                {word.value: title for word, title in view.TITLES.items()}, value="price", on_change=self._hint
            )
            self._watched.props("no-caps unelevated dense").classes("vs-toggle vs-new-watched")
            self._threshold = ui.input("Threshold").props('dense outlined inputmode="text"').classes("vs-new-threshold")
            ui.button("Set alert", icon="add_alert").props("unelevated no-caps type=submit").classes("vs-new-set")
            self._said = ui.label().classes("vs-hint vs-quiet")
            self._refusal = ui.label().classes("vs-refusal vs-bad vs-problem").props("role=alert")

    def show(self, look: Look) -> None:
        """Show what is known of the present."""
        self._look = look
        self._hint()

    def _hint(self) -> None:
        said = view.hint(self._look.market, self._symbol.value or "", Watched(self._watched.value))
        if said != self._said.text:
            self._said.set_text(said)

    async def _set(self) -> None:
        given = (self._symbol.value or "", Watched(self._watched.value), (self._threshold.value or "").strip())
        try:
            alert = await asyncio.to_thread(self._kept.add, *given)
        except (NotTaken, Unavailable) as error:
            self._refusal.set_text(f"Not set: {error}")
            return
        self._refusal.set_text("")
        self._threshold.set_value("")
        ui.notify(f"Set: {alert.symbol} {WORDS[alert.alert_type]}", type="positive", position="top")
        await self._looks.refresh()


class _Table:
    """All alerts, and what can be done with each."""

    def __init__(self, kept: UserAlerts, looks: Topic[Look]) -> None:
        self._kept = kept
        self._looks = looks
        self._shown: dict[str, Row] = {}
        self._grid: ui.aggrid | None = None
        self._problem = ui.label().classes("vs-bad vs-problem")
        self._place = ui.element("div").classes("vs-card vs-grid vs-own")

    def show(self, look: Look) -> None:
        """Show the alerts; only what differs goes to the browser."""
        if self._problem.text != look.problem:
            self._problem.set_text(look.problem)
        before, self._shown = self._shown, view.rows(look)
        if self._grid is None:
            with self._place:
                self._grid = ui.aggrid({**OPTIONS, "rowData": list(self._shown.values())}, auto_size_columns=False)
            self._grid.on("cellClicked", self._clicked, args=["colId", "rowId"])
            return
        change = view.change(before, self._shown)
        if change.changed or change.removed:
            told = json.dumps(change, ensure_ascii=False, separators=(",", ":"))
            self._place.client.run_javascript(f"volspike.myAlerts.update(...{told})")

    async def _clicked(self, click: events.GenericEventArguments) -> None:
        row = self._shown.get(click.args["rowId"])
        if row is None:  # deleted on another page meanwhile
            return
        if click.args["colId"] == "rearm" and row["fired"]:
            await self._do(self._kept.rearm, row, "Armed again")
        elif click.args["colId"] == "remove" and await _confirmed(row):
            await self._do(self._kept.remove, row, "Deleted")

    async def _do(self, act: Callable[[str], Any], row: Row, done: str) -> None:
        with self._place:
            try:
                await asyncio.to_thread(act, row["id"])
            except Unavailable as error:
                ui.notify(str(error), type="negative", position="top")
            else:
                ui.notify(f"{done}: {row['s']} {row['h']}", type="positive", position="top")
        await self._looks.refresh()


async def _confirmed(row: Row) -> bool:
    """Ask whether an alert shall really go."""
    with ui.dialog() as dialog, ui.card().classes("vs-confirm"):
        ui.label(f"Delete the alert on {row['s']}?").classes("vs-heading")
        ui.label(f"{row['w']} crosses {row['h']}; {row['e']}.").classes("vs-quiet")
        with ui.row().classes("vs-row"):
            ui.button("Delete", on_click=lambda: dialog.submit(True)).props("unelevated no-caps color=negative")
            ui.button("Keep it", on_click=lambda: dialog.submit(False)).props("flat no-caps autofocus")
    sure = bool(await dialog)
    dialog.delete()
    return sure

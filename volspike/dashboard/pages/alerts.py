"""Alerts: those of all kinds, as they come, from the outbox."""

import json
from itertools import islice

from nicegui import ui

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import ALERTS
from volspike.dashboard.pages.alert_columns import OPTIONS
from volspike.dashboard.place import Place
from volspike.dashboard.views import alerts as view
from volspike.dashboard.views.alerts import Row, Wanted
from volspike.model.delivery import Kind
from volspike.readers.alerts import Alerts
from volspike.runtime.clock import Clock

EVERY = ""
"""The choice of all kinds."""
LOOK_SECONDS = 30.0
"""How often what has grown too old for the chosen span is taken away."""


def add(place: Place) -> None:
    """Add the page."""

    @route(ALERTS)
    async def page(symbol: str = "", kind: str = "", hours: str = "") -> None:
        async with frame(place, ALERTS):
            desk = _Desk(place.clock, view.wanted(symbol, kind, hours))
            await place.alerts.follow(desk.show)
            ui.timer(place.clock.real_seconds(LOOK_SECONDS), desk.show_again, immediate=False)


class _Desk:
    """One open page: what is looked for, and the table of what was found."""

    def __init__(self, clock: Clock, wanted: Wanted) -> None:
        self._clock = clock
        self._alerts = Alerts()
        self._shown: dict[str, Row] = {}
        self._grid: ui.aggrid | None = None
        with ui.element("div").classes("vs-row vs-tools"):
            kinds = {EVERY: "All", **{kind.value: title for kind, title in view.TITLES.items()}}
            self._kind = ui.toggle(kinds, value=next(iter(wanted.kinds), EVERY), on_change=self._replace).props(
                "no-caps unelevated dense"
            )
            self._kind.classes("vs-toggle vs-kinds")
            self._name = ui.input(placeholder="Symbol, such as BTC", value=wanted.name, on_change=self._replace)
            self._name.props('dense outlined clearable debounce=200 aria-label="Symbol"').classes("vs-search")
            self._hours = ui.select(view.SPANS, value=wanted.hours, on_change=self._replace)
            self._hours.props('dense outlined options-dense aria-label="How old"').classes("vs-span")
            self._count = ui.label().classes("vs-quiet vs-count")
            ui.button("CSV", icon="download", on_click=self._export).props("flat no-caps dense").classes("vs-export")
        self._problem = ui.label().classes("vs-bad vs-problem")
        self._place = ui.element("div").classes("vs-card vs-grid vs-alerts")

    def show(self, alerts: Alerts) -> None:
        """Show the alerts that are looked for; only what is new goes to the browser."""
        self._alerts = alerts
        self._problem.set_text(alerts.problem)
        if self._grid is None:
            with self._place:
                rows = list(self._found().values())
                self._grid = ui.aggrid({**OPTIONS, "rowData": rows}, auto_size_columns=False)
            return
        before = self._shown
        change = view.change(before, self._found())
        if change.added or change.removed:
            self._tell("alerts.update", change.added, change.removed)

    def show_again(self) -> None:
        """Show what is looked for as of now."""
        self.show(self._alerts)

    def _found(self) -> dict[str, Row]:
        found = list(self._wanted.found(self._alerts, self._clock.now()))
        self._shown = {alert.key: view.row(alert) for alert in islice(found, view.MOST_ROWS)}
        self._count.set_text(view.count(len(self._shown), len(found)))
        return self._shown

    @property
    def _wanted(self) -> Wanted:
        kind = self._kind.value
        return Wanted(frozenset({Kind(kind)}) if kind else frozenset(), self._name.value or "", self._hours.value)

    def _replace(self) -> None:
        """Show what is looked for now instead of what was."""
        self._tell("alerts.replace", list(self._found().values()))
        self._tell("remember", {"symbol": self._name.value, "kind": self._kind.value, "hours": self._hours.value})

    def _tell(self, what: str, *values: object) -> None:
        told = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        self._place.client.run_javascript(f"volspike.{what}(...{told})")

    def _export(self) -> None:
        """Hand over all that was found, not only what is shown."""
        content = view.table(self._wanted.found(self._alerts, self._clock.now()))
        ui.download.content(content, "volspike-alerts.csv", "text/csv")

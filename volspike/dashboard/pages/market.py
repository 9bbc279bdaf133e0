"""Market: every symbol, live."""

import json

from nicegui import context, ui

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import MARKET
from volspike.dashboard.pages.market_columns import OPTIONS
from volspike.dashboard.place import Place
from volspike.dashboard.views.market import Table
from volspike.readers.market import Market


def add(place: Place) -> None:
    """Add the page."""
    table = Table()

    @route(MARKET)
    async def page(search: str = "") -> None:
        async with frame(place, MARKET):
            with ui.element("div").classes("vs-row vs-tools"):
                ui.input(placeholder="Search, such as BTC", value=search).props(
                    'dense outlined clearable debounce=100 aria-label="Search"'
                ).classes("vs-search").on(
                    "update:model-value", js_handler="(text) => volspike.market.search(text)"
                ).mark("search")
                ui.button("Favourites", icon="star", color=None).props("flat no-caps dense").classes(
                    "vs-favourites"
                ).on("click", js_handler="() => volspike.market.onlyFavourites()").mark("favourites")
                with ui.element("div").classes("vs-quiet vs-count"):
                    ui.element("span").classes("vs-shown")  # the browser knows how many fit
                    count = ui.label().mark("count")
            shown = _Shown(table)

            def show(market: Market) -> None:
                table.take(market)
                shown.show()
                count.set_text(f"{len(table.rows)} symbols")

            await place.market.follow(show)


class _Shown:
    """The table of one open page: built with all rows, then told what has changed."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._place = ui.element("div").classes("vs-card vs-grid")
        with self._place:
            ui.element("div").classes("vs-nothing vs-quiet").props("role=status")
        self._grid: ui.aggrid | None = None

    def show(self) -> None:
        if self._grid is None:
            with self._place:
                rows = list(self._table.rows.values())
                self._grid = ui.aggrid({**OPTIONS, "rowData": rows}, auto_size_columns=False).mark("market")
        elif self._table.changed or self._table.gone:
            news = json.dumps([self._table.changed, self._table.gone], ensure_ascii=False, separators=(",", ":"))
            context.client.run_javascript(f"volspike.market.update({self._grid.id}, ...{news})")

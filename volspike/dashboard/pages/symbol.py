"""Symbol: the numbers of one symbol now, and its last hours as charts with the alerts marked on them."""

from urllib.parse import quote

from nicegui import ui
from starlette.responses import RedirectResponse

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import ALERTS, MARKET, MY_ALERTS, SYMBOL
from volspike.dashboard.place import Place
from volspike.dashboard.views import symbol as view
from volspike.dashboard.views import words
from volspike.dashboard.views.market import row
from volspike.readers.market import Market
from volspike.readers.symbol import SymbolPast, SymbolReader
from volspike.readers.user_alerts import are_kept_here

PAST_SECONDS = 3.0
MOST_LISTED = 20


def add(place: Place) -> None:
    """Add the page."""

    @route(SYMBOL)
    async def page(symbol: str) -> RedirectResponse | None:
        if (meant := view.meant(symbol)) != symbol:
            return RedirectResponse(SYMBOL.path.format(symbol=meant))
        async with frame(place, SYMBOL, symbol):
            shown = _Shown(place, symbol)
            await place.market.follow(shown.show_now)
            reader = SymbolReader(place.settings, place.clock, symbol)
            await place.topic(reader.read, PAST_SECONDS, passing=True).follow(shown.show_past)
        return None


class _Shown:
    """The elements of one open page."""

    def __init__(self, place: Place, symbol: str) -> None:
        self._place = place
        self._symbol = symbol
        self._market = Market(at=0)
        self._past = SymbolPast()
        self._drawn: dict[str, view.Chart] = {}
        with ui.element("div").classes("vs-row"):
            star = ui.element("span").classes("vs-star-place")
            star.props["data-symbol"] = symbol
            ui.label(symbol).classes("vs-title").mark("symbol")
            self._note = ui.label().classes("vs-quiet").mark("note")
            self._way = ui.link("To the market", MARKET.path)
            with ui.element("div").classes("vs-ways") as self._ways:
                asked = f"?symbol={quote(symbol)}"
                ui.link("All its alerts", ALERTS.path + asked)
                if are_kept_here(place.settings):
                    ui.link("Set an alert", MY_ALERTS.path + asked)
        self._tiles: dict[str, tuple[ui.label, ui.label]] = {}
        self._tiles_place = ui.element("div").classes("vs-tiles")
        self._charts: dict[str, ui.echart] = {}
        self._charts_place = ui.element("div").classes("vs-charts")

    def _build_charts(self) -> None:
        """Build the charts and the list of alerts, once there is something to be seen of the symbol."""
        with self._charts_place:
            self._charts = {
                "interest": self._card("Open interest", "contracts, three hours"),
                "volume": self._card("Volume", "USDT an hour, up to two days"),
                "funding": self._card("Funding rate", "each five minutes, up to a day"),
            }
            with ui.element("div").classes("vs-card"):
                ui.label("Alerts").classes("vs-subtitle")
                self._alerts = ui.element("div").classes("vs-list").mark("alerts")

    def _card(self, title: str, unit: str) -> ui.echart:
        with ui.element("div").classes("vs-card"):
            with ui.element("div").classes("vs-row"):
                ui.label(title).classes("vs-subtitle")
                ui.label(f"{unit} · UTC").classes("vs-quiet vs-small")
            return ui.echart({}).classes("vs-chart")

    def show_now(self, market: Market) -> None:
        """Show the numbers of now."""
        self._market = market
        is_known = self._symbol in market.funding or self._symbol in market.volumes
        self._note.set_text("" if is_known else f"not among the {len(market.funding)} symbols of the feed")
        self._way.set_visibility(not is_known)
        self._ways.set_visibility(is_known)
        if is_known and not self._charts:
            self._build_charts()
            self.show_past(self._past)
        if is_known or self._tiles:
            self._show_tiles(market)

    def _show_tiles(self, market: Market) -> None:
        for tile in view.tiles(row(market, self._symbol)):
            if tile.name not in self._tiles:
                self._tiles[tile.name] = self._new_tile(tile.name)
            value, age = self._tiles[tile.name]
            value.set_text(tile.text)
            value.classes(remove="vs-good vs-bad vs-stale", add=f"vs-{'stale' if tile.age else tile.tone or 'plain'}")
            age.set_text(f"{tile.age} old" if tile.age else "")

    def _new_tile(self, name: str) -> tuple[ui.label, ui.label]:
        with self._tiles_place, ui.element("div").classes("vs-tile"):
            ui.label(name).classes("vs-quiet vs-small")
            value = ui.label().classes("vs-value vs-number").mark(f"tile-{name}")
            return value, ui.label().classes("vs-quiet vs-small")

    def show_past(self, past: SymbolPast) -> None:
        """Show the charts, and list the alerts if there are others than before."""
        if not self._charts:
            if past == SymbolPast():
                return
            self._build_charts()
        volume = self._market.volumes.get(self._symbol)
        self._draw("interest", view.open_interest_chart(past.open_interest, past.alerts))
        self._draw("volume", view.volume_chart(volume.hours if volume else (), past.alerts))
        rates = view.funding_points(self._place.recorder.of(self._symbol), self._market.funding.get(self._symbol))
        self._draw("funding", view.funding_chart(rates, past.alerts))
        if past.alerts != self._past.alerts or not self._past.open_interest:
            self._list(past)
        self._past = past

    def _draw(self, name: str, chart: view.Chart) -> None:
        if self._drawn.get(name) != chart:
            self._drawn[name] = chart
            self._charts[name].options.clear()
            self._charts[name].options.update(chart)
            self._charts[name].update()

    def _list(self, past: SymbolPast) -> None:
        self._alerts.clear()
        with self._alerts:
            if not past.alerts:
                ui.label("None within the last two days").classes("vs-quiet")
            for alert in reversed(past.alerts[-MOST_LISTED:]):
                with ui.element("div").classes("vs-item"):
                    ui.label(words.instant(alert.at)).classes("vs-quiet vs-small")
                    ui.label(alert.text)

"""Market: every symbol, live."""

from nicegui import ui

from volspike.dashboard.frame import frame
from volspike.dashboard.navigation import MARKET
from volspike.dashboard.place import Place
from volspike.readers.market import Market


def add(place: Place) -> None:
    """Add the page."""

    @ui.page(MARKET.path)
    async def page() -> None:
        async with frame(place, MARKET):
            count = ui.label()

            def show(market: Market) -> None:
                count.set_text(f"{len(market.funding)} symbols")

            await place.market.follow(show)

"""What all pages have in common: the way to the others, the theme, and whether the market is live or stopped."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nicegui import ui

from volspike.dashboard.navigation import NAVIGATION, Page
from volspike.dashboard.place import Place
from volspike.dashboard.views import feed
from volspike.readers.market import Market

RESPONSE_SECONDS = 30.0
"""How long a page may take to be drawn; after three, which a busy machine may need, NiceGUI answers with an error."""
THEMES = {
    "auto": ("brightness_auto", "as the system"),
    "dark": ("dark_mode", "dark"),
    "light": ("light_mode", "light"),
}
"""The themes by their names in the browser: their pictures, and what they are called."""
LOOKS = "vs-good vs-bad vs-stopped"


def route(page: Page) -> ui.page:
    """Return the decorator that makes a function the builder of this page."""
    return ui.page(page.path, response_timeout=RESPONSE_SECONDS)


@asynccontextmanager
async def frame(place: Place, page: Page, title: str = "") -> AsyncIterator[ui.element]:
    """Draw the frame around what is built inside; `title` is that of the window where it is not the page's own."""
    ui.page_title(f"{title or page.title} · VolSpike")
    with ui.header().classes("vs-header"):
        ui.link("VolSpike", "/").classes("vs-brand")
        with ui.element("nav").classes("vs-nav"):
            for other in NAVIGATION:
                with ui.link(target=other.path).classes("vs-tab") as way:
                    if other == page:
                        way.classes("vs-here").props("aria-current=page")
                    ui.icon(other.icon)
                    ui.label(other.title)
        light = ui.label().classes("vs-feed").mark("feed")
        with (
            ui.button()
            .props('flat round dense aria-label="Theme: as the system, dark or light"')
            .on("click", js_handler="() => volspike.nextTheme()")
            .classes("vs-theme")
            .mark("theme")
        ):
            for theme, (icon, told) in THEMES.items():  # the style sheet shows that of now
                ui.icon(icon).classes(f"vs-theme-{theme}").props(f'title="Theme: {told}"')
    with ui.element("main").classes("vs-main") as main:
        yield main

    def show(market: Market) -> None:
        seen = feed.light(market.connected, market.newest_at, market.at, market.emergency_stop)
        if light.text != seen.text:
            light.set_text(seen.text)
            light.classes(remove=LOOKS, add=f"vs-{'good' if seen.is_good else 'bad'}")
            light.classes(add="vs-stopped" if seen.is_stopped else "")

    await place.market.follow(show)

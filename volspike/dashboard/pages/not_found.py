"""Not found: what is shown at an address that has no page."""

from http import HTTPStatus

from fastapi import Request, Response
from nicegui import Client, app, ui

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import MARKET, NOT_FOUND
from volspike.dashboard.place import Place


def add(place: Place) -> None:
    """Add the page, in place of NiceGUI's own, which leads nowhere."""
    page = route(NOT_FOUND)

    @app.exception_handler(HTTPStatus.NOT_FOUND)
    async def answer(request: Request, _error: Exception) -> Response:
        with Client(page, request=request) as client:
            async with frame(place, NOT_FOUND):
                with ui.element("div").classes("vs-card vs-verdict"):
                    ui.icon(NOT_FOUND.icon).classes("vs-quiet")
                    with ui.element("div"):
                        ui.label("There is no page at this address").classes("vs-title")
                        ui.link("To the market", MARKET.path)
        return client.build_response(request, HTTPStatus.NOT_FOUND)

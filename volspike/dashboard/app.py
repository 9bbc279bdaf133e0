"""The dashboard as an application: NiceGUI with the suite's pages, and nothing that is fetched from elsewhere."""

import hashlib
from pathlib import Path

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from volspike.dashboard.guard import Guard
from volspike.dashboard.pages import alerts, health, market, my_alerts, news, not_found, symbol
from volspike.dashboard.place import Place

STATIC = Path(__file__).parent / "static"
FAVICON = STATIC / "favicon.svg"
RECONNECT_SECONDS = 10.0
"""For how long a page that has lost its connection, such as a phone's, is kept to go on with."""


def build_app(place: Place) -> FastAPI:
    """Return the application with every page; it must be served with its lifespan."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    nicegui_app.add_static_files("/static", STATIC)
    for name in ("volspike", "suite"):
        style, script = _address(f"{name}.css"), _address(f"{name}.js")
        ui.add_head_html(f'<link rel="stylesheet" href="{style}"><script src="{script}"></script>', shared=True)
    for page in (market, symbol, alerts, my_alerts, health, news, not_found):
        page.add(place)
    ui.run_with(
        app,
        title="VolSpike",
        favicon=FAVICON,
        dark=None,
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        show_welcome_message=False,
    )
    return app


def _address(name: str) -> str:
    """Return where a file of its own is; another one after an upgrade, for browsers keep files for an hour."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"

"""The dashboard: the suite's web page on loopback, drawn from the files of the other daemons."""

import sys

from volspike.daemons.launch import CannotStartError, launch
from volspike.rules.loopback import ADDRESS
from volspike.runtime.daemon import Daemon
from volspike.runtime.server import serve
from volspike.runtime.sockets import PortInUseError, listen
from volspike.settings import Settings


def run(daemon: Daemon, settings: Settings, once: bool) -> None:
    """Serve until a signal comes; there is nothing to do once."""
    if once:
        raise CannotStartError("dashboard serves pages; --once has no meaning for it")
    port = settings.dashboard_port
    try:
        listener = listen(ADDRESS, port)
    except PortInUseError as error:
        raise CannotStartError(f"{error}; stop it or set DASHBOARD_PORT") from None
    from volspike.dashboard.app import build_app  # a second's work, for nothing where the port is in use
    from volspike.dashboard.place import Place

    place = Place(settings, daemon.clock)
    app = build_app(place)
    open_pages = daemon.metrics.gauge("dashboard_open_pages", "Pages that are open in browsers.")

    def tick() -> str:
        place.begin_what_is_due()
        pages = place.open_pages
        open_pages.set(pages)
        return f"listening on {ADDRESS}:{port}, {pages} {'page' if pages == 1 else 'pages'} open"

    serve(daemon, app, listener, tick, lifespan=True)
    place.close()


if __name__ == "__main__":
    sys.exit(launch("dashboard", run))

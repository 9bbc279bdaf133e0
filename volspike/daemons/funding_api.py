"""Funding API: serves the funding feed over HTTP on loopback, from memory, never older than the state file."""

import sys

from volspike.daemons.funding_http import FundingSource, build_app
from volspike.daemons.launch import CannotStartError, launch
from volspike.runtime.daemon import Daemon
from volspike.runtime.server import serve
from volspike.runtime.sockets import PortInUseError, listen
from volspike.settings import Settings


def run(daemon: Daemon, settings: Settings, once: bool) -> None:
    """Serve until a signal comes; there is nothing to do once."""
    if once:
        raise CannotStartError("funding-api serves requests; --once has no meaning for it")
    host, port = settings.funding_api_host, settings.funding_api_port
    try:
        listener = listen(host, port)
    except PortInUseError as error:
        raise CannotStartError(f"{error}; stop it or set FUNDING_API_PORT") from None
    except OSError as error:
        raise CannotStartError(f"cannot listen on {host}:{port} ({error.strerror}); set FUNDING_API_HOST") from None
    source = FundingSource(settings.runtime_dir, daemon.clock)
    app = build_app(source, daemon.metrics, settings.runtime_dir)
    serve(daemon, app, listener, lambda: f"listening on {host}:{port}, {source.summary()}")


if __name__ == "__main__":
    sys.exit(launch("funding-api", run))

"""`volspike mcp`: let an assistant ask about the market and the suite."""

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from volspike.cli import suite
from volspike.rules.loopback import ADDRESS
from volspike.runtime.sockets import PortInUseError, listen


def mcp(
    http: Annotated[bool, typer.Option("--http", help="Over HTTP on 127.0.0.1 instead of standard input.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port for --http.")] = 8502,
) -> None:
    """Serve the Model Context Protocol, so that an assistant can be asked about funding, open interest and alerts.

    It only reads: state files and outbox, nothing of Binance, and no secret. An assistant starts it by itself, with
    the command `volspike mcp`; with --http it answers at http://127.0.0.1:8502/mcp until Ctrl-C.
    """
    if find_spec("mcp") is None:
        suite.fail("the package mcp is not installed: pip install 'volspike[mcp]'")
    from volspike.assistant import server

    suite.become_service_user()
    settings = suite.load_settings()
    if suite.nothing_runs(settings):
        suite.fail(suite.NOTHING_RUNS)
    if not http:
        server.serve_stdio(settings)
        return
    try:
        listener = listen(ADDRESS, port)
    except PortInUseError as error:
        suite.fail(f"{error}; stop it or choose another one with --port")
    except OSError as error:
        suite.fail(f"port {port} cannot be used ({error.strerror}); choose another one with --port")
    sys.stderr.write(f"answering at http://{ADDRESS}:{port}/mcp; Ctrl-C ends it\n")
    server.serve_http(settings, listener)

"""`volspike simulate`: a Binance USDⓈ-M Futures on loopback, and a Telegram beside it."""

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from volspike.cli import suite

USED = ("VOLSPIKE_CLOCK_RATE", "LOG_LEVEL", "LOG_FORMAT")
SHUTDOWN_FORMS = ("bare", "event", "wrapped")


def simulate(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 picks a free one.")] = 8890,
    seed: Annotated[int, typer.Option(help="The same seed gives the same market.")] = 1,
    latency_ms: Annotated[float, typer.Option(min=0, help="Delay of every REST answer.")] = 0,
    close_after: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which a WebSocket connection is closed.")
    ] = 86_400,
    shutdown_event: Annotated[
        str, typer.Option(help="Announce that close by a serverShutdown event: bare, event or wrapped.")
    ] = "",
    ping_every: Annotated[float, typer.Option(min=0.1, help="Seconds between pings to a connection.")] = 180,
    pong_within: Annotated[
        float, typer.Option(min=0.1, help="Seconds without a pong after which a connection is closed.")
    ] = 600,
    start_hour: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=47,
            help="Recorded hour that plays in the current clock hour. Default: 24, the eventful 2026-02-06 00:00 UTC; "
            "in the first three minutes of a clock hour 25, so that the eventful one has just closed.",
        ),
    ] = None,
    ban_after: Annotated[
        int, typer.Option(min=0, help="Refusals (429) in a minute after which an address is banned (418).")
    ] = 50,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[:name=value,…]",
            help="Start with this fault (repeatable), such as silent, slow:seconds=3 or ban:seconds=60,for_seconds=9.",
        ),
    ] = None,
    announce: Annotated[Path | None, typer.Option(help='Write {"port":…,"pid":…} to this file once listening.')] = None,
) -> None:
    """Play Binance USDⓈ-M Futures, REST and WebSocket on one port, from recorded data, with faults on demand.

    Faults can also be given and taken while it runs: GET /sim/faults lists them, POST /sim/faults {"kind":"silent"}
    starts one, DELETE /sim/faults ends all; GET /sim/stats tells who connected and what was asked.

    A Telegram is part of it: the bot 1:demo may write into the group -1001 and the private chat 1001 (POST
    /bot1:demo/sendMessage), at Telegram's pace; GET /sim/telegram shows what it wrote. So are a Discord (webhook
    /api/webhooks/1/demo, bot demo in the channel 1), an ntfy (POST /) and a hook like Slack's (POST /hooks/demo); GET
    /sim/notices.

    VOLSPIKE_CLOCK_RATE makes its time pass faster, as in the daemons.
    """
    import asyncio

    from volspike.runtime import logs
    from volspike.simulator.exchange import Options
    from volspike.simulator.faults import FaultError
    from volspike.simulator.recording import RecordingError
    from volspike.simulator.server import StartError, serve

    suite.become_service_user()
    settings = suite.load_settings({name: os.environ[name] for name in USED if name in os.environ})
    if shutdown_event and shutdown_event not in SHUTDOWN_FORMS:
        _refuse(f"--shutdown-event {shutdown_event}: not one of {', '.join(SHUTDOWN_FORMS)}", 2)
    logs.set_up("simulator", settings.log_level, settings.log_format)
    options = Options(
        host=host, port=port, seed=seed, latency_ms=latency_ms, close_after=close_after,
        shutdown_event=shutdown_event, ping_every=ping_every, pong_within=pong_within, start_hour=start_hour,
        ban_after=ban_after, faults=tuple(fault or ()), announce=announce,
    )  # fmt: skip
    try:
        asyncio.run(serve(options, settings.clock))
    except FaultError as error:
        _refuse(f"--fault: {error}", 2)
    except StartError as error:
        _refuse(f"{error}; stop it or choose another port", 1)
    except RecordingError as error:
        _refuse(str(error), 1)


def _refuse(message: str, code: int) -> NoReturn:
    typer.echo(f"volspike: {message}", err=True)
    raise typer.Exit(code)

"""The life of the simulator's process: bind, announce, serve, and end within a second of a signal."""

import asyncio
import logging
import os
import signal

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from volspike.runtime import sockets
from volspike.runtime.clock import Clock
from volspike.simulator import hub, recording
from volspike.simulator.admin import Admin
from volspike.simulator.exchange import Exchange, Options
from volspike.simulator.handlers import Handlers
from volspike.simulator.services import Services
from volspike.simulator.telegram import Telegram
from volspike.simulator.telegram_web import TelegramWeb
from volspike.state import file

logger = logging.getLogger(__name__)

GRACE = 0.2


class StartError(Exception):
    """It cannot start; one line says what is in the way."""


class Foreseeable(logging.Filter):
    """Reduces what clients do wrong on the wire to one line; the traceback of a bug stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the traceback of a foreseeable error."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | ConnectionError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args, record.exc_info = "bad request dropped", (), None
            record.error = type(error).__name__
        return True


async def serve(options: Options, clock: Clock) -> None:
    """Serve until SIGTERM or SIGINT; raises StartError, FaultError, RecordingError."""
    exchange = Exchange(options, clock, recording.load())
    logging.getLogger("aiohttp.server").addFilter(Foreseeable())
    runner = web.AppRunner(application(exchange), access_log=None, handle_signals=False, shutdown_timeout=GRACE)
    await runner.setup()
    stop = stop_event()
    try:
        port = await listen(runner, options)
        announce(options, port)
        address = f"{options.host}:{port}"
        logger.info(
            "simulated Binance listening",
            extra={
                "rest": f"http://{address}",
                "ws": f"ws://{address}",
                "telegram": f"http://{address}",
                "admin": "/sim/faults",
                "clock": str(clock),
            },
        )
        await until(stop, asyncio.create_task(hub.run(exchange)))
    finally:
        for connection in exchange.connections:
            connection.cut()
        await runner.cleanup()


def application(exchange: Exchange) -> web.Application:
    """Return the server's routes."""
    application = web.Application()
    application.add_routes(
        [route for door in (Admin, Telegram, TelegramWeb, Services) for route in door(exchange).routes()]
    )
    application.router.add_get("/{path:.*}", Handlers(exchange).handle)
    return application


def stop_event() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def listen(runner: web.AppRunner, options: Options) -> int:
    """Bind and return the port; raises StartError."""
    try:
        listener = sockets.listen(options.host, options.port)
    except sockets.PortInUseError as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"cannot listen on {options.host}:{options.port}: {error.strerror}") from error
    await web.SockSite(runner, listener).start()
    return int(runner.addresses[0][1])


def announce(options: Options, port: int) -> None:
    """Write port and process id, whole or not at all, to the file that was asked for; raises StartError."""
    if options.announce is None:
        return
    try:
        file.write(options.announce, msgspec.json.encode({"port": port, "pid": os.getpid()}))
    except OSError as error:
        raise StartError(f"--announce {options.announce}: {error.strerror}") from error


async def until(stop: asyncio.Event, work: asyncio.Task[None]) -> None:
    """Wait for the event; when `work` ends first, its error is raised."""
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait((waiting, work), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    work.cancel()
    if work.done() and not work.cancelled():
        work.result()

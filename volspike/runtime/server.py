"""uvicorn under the suite's own runtime.

`uvicorn.run()` takes the signals for itself and exits 143 on SIGTERM. Here the server runs in a thread with a loop
of its own; the main thread keeps the daemon's life. A coroutine of that loop does the tick, so a blocked loop shows
as a missing sign of life, and the watchdog ends it.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
import uvloop

from volspike.runtime.daemon import Daemon

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
YOUNG_SECONDS = 5.0
START_SECONDS = 10.0
GRACE_SECONDS = 5
POLL_SECONDS = 0.5


class ServerStoppedError(RuntimeError):
    """The server's thread has ended by itself."""


def serve(
    daemon: Daemon, app: Any, listener: socket.socket, tick: Callable[[], str], *, lifespan: bool = False
) -> None:
    """Serve until a signal comes, then answer what is under way and return.

    `tick` does the daemon's regular work inside the server's loop, all but the first time, and returns its status
    sentence. With `lifespan` the application is told of its start and its end. Raises ServerStoppedError when the
    server ends on its own.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            lifespan="on" if lifespan else "off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    pulse = _Pulse(daemon, tick)
    thread = threading.Thread(target=_run, args=(server, listener, pulse), name="server", daemon=True)
    thread.start()
    _await_start(server, thread, daemon)
    daemon.ready(pulse.status)
    while not daemon.stopping:
        if not thread.is_alive():
            raise ServerStoppedError("the HTTP server has stopped by itself") from pulse.failure
        if pulse.is_young():
            daemon.progress(pulse.status)
        daemon.pause(POLL_SECONDS, alive=False)
    server.should_exit = True
    thread.join(GRACE_SECONDS + 1)


def _run(server: uvicorn.Server, listener: socket.socket, pulse: "_Pulse") -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(server, listener, pulse))


async def _serve(server: uvicorn.Server, listener: socket.socket, pulse: "_Pulse") -> None:
    """Serve while the pulse beats: a server whose regular work has broken shall end, not live on half."""
    beating = asyncio.create_task(pulse.beat())
    beating.add_done_callback(lambda _: setattr(server, "should_exit", True))
    await server.serve(sockets=[listener])
    if beating.done():
        pulse.failure = beating.exception()
    beating.cancel()


def _await_start(server: uvicorn.Server, thread: threading.Thread, daemon: Daemon) -> None:
    for _ in range(int(START_SECONDS / 0.01)):
        if server.started or daemon.stopping:
            return
        if not thread.is_alive():
            break
        daemon.pause(daemon.clock.simulated_seconds(0.01))
    raise ServerStoppedError("the HTTP server did not start")


class _Pulse:
    """The regular work inside the server's loop, and when it was last done."""

    def __init__(self, daemon: Daemon, tick: Callable[[], str]) -> None:
        self._clock = daemon.clock
        self._tick = tick
        self._at = self._clock.monotonic()
        self.status = tick()
        self.failure: BaseException | None = None

    def is_young(self) -> bool:
        return self._clock.monotonic() - self._at < YOUNG_SECONDS

    async def beat(self) -> None:
        while True:
            self.status = self._tick()
            self._at = self._clock.monotonic()
            await asyncio.sleep(self._clock.real_seconds(TICK_SECONDS))

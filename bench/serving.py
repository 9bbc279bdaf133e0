"""How a server of the bench lives: it prints its port, then answers until a signal ends it."""

import asyncio
from collections.abc import Iterable

from aiohttp import web

BACKLOG = 1024


async def serve(routes: Iterable[web.RouteDef]) -> None:
    """Serve on a free port of loopback."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=BACKLOG)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

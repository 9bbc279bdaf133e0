"""A client of the simulator's application."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from volspike.simulator import server
from volspike.simulator.exchange import Exchange

Client = TestClient[Request, Application]


def within(exchange: Exchange, scenario: Callable[[Client], Awaitable[None]]) -> None:
    """Run a scenario against the application on a free port."""

    async def run() -> None:
        async with TestClient(TestServer(server.application(exchange))) as client:
            await scenario(client)

    asyncio.run(run())

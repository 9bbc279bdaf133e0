"""The life of the process, without the process."""

import asyncio
import json
import socket
from pathlib import Path

import pytest
from aiohttp import web

from volspike.runtime.sockets import PortInUseError
from volspike.simulator import server
from volspike.simulator.exchange import Exchange, Options


def test_announcing_writes_port_and_process_whole(tmp_path: Path) -> None:
    path = tmp_path / "announce.json"

    server.announce(Options(announce=path), 4711)

    assert json.loads(path.read_text()).keys() == {"port", "pid"}
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_announced_unless_asked_for(tmp_path: Path) -> None:
    server.announce(Options(), 4711)


def test_port_0_picks_a_free_one_and_a_taken_port_is_named(exchange: Exchange) -> None:
    async def scenario() -> None:
        runner = web.AppRunner(server.application(exchange))
        await runner.setup()
        try:
            port = await server.listen(runner, Options(port=0))
            assert port > 0
            with pytest.raises(PortInUseError, match=str(port)):
                await server.listen(runner, Options(port=port))
        finally:
            await runner.cleanup()

    asyncio.run(scenario())


def test_a_foreign_address_cannot_be_listened_on(exchange: Exchange) -> None:
    async def scenario() -> None:
        runner = web.AppRunner(server.application(exchange))
        await runner.setup()
        try:
            with pytest.raises((OSError, socket.gaierror)):
                await server.listen(runner, Options(host="203.0.113.1", port=0))
        finally:
            await runner.cleanup()

    asyncio.run(scenario())


def test_the_error_of_the_heartbeat_ends_the_server() -> None:
    async def breaks() -> None:
        raise ZeroDivisionError

    async def scenario() -> None:
        with pytest.raises(ZeroDivisionError):
            await server.until(asyncio.Event(), asyncio.create_task(breaks()))

    asyncio.run(scenario())


def test_the_event_ends_the_heartbeat() -> None:
    async def scenario() -> None:
        stop = asyncio.Event()
        stop.set()
        work: asyncio.Task[None] = asyncio.create_task(asyncio.sleep(60))
        await server.until(stop, work)
        await asyncio.wait((work,))
        assert work.cancelled()

    asyncio.run(scenario())

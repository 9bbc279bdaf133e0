"""The life of the process, without the process."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from aiohttp import web

from volspike.simulator import server
from volspike.simulator.exchange import Exchange, Options
from volspike.simulator.server import StartError


def test_announcing_writes_port_and_process_whole(tmp_path: Path) -> None:
    path = tmp_path / "announce.json"

    server.announce(Options(announce=path), 4711)

    assert json.loads(path.read_text()).keys() == {"port", "pid"}
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_announced_unless_asked_for(tmp_path: Path) -> None:
    server.announce(Options(), 4711)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "announce.json"

    with pytest.raises(StartError, match=f"^--announce {path}: "):
        server.announce(Options(announce=path), 4711)


@pytest.mark.parametrize(("error", "kept"), [(ConnectionResetError(), False), (ZeroDivisionError(), True)])
def test_only_the_traceback_of_a_bug_is_logged(error: Exception, kept: bool) -> None:
    record = logging.makeLogRecord({"exc_info": (type(error), error, None), "msg": "Error handling request"})

    assert server.Foreseeable().filter(record)

    assert (record.exc_info is not None) == kept


def test_port_0_picks_a_free_one_and_a_taken_port_is_named(exchange: Exchange) -> None:
    async def scenario() -> None:
        runner = web.AppRunner(server.application(exchange))
        await runner.setup()
        try:
            port = await server.listen(runner, Options(port=0))
            assert port > 0
            with pytest.raises(StartError, match=str(port)):
                await server.listen(runner, Options(port=port))
        finally:
            await runner.cleanup()

    asyncio.run(scenario())


def test_a_foreign_address_cannot_be_listened_on(exchange: Exchange) -> None:
    async def scenario() -> None:
        runner = web.AppRunner(server.application(exchange))
        await runner.setup()
        try:
            with pytest.raises(StartError, match=r"^cannot listen on 203\.0\.113\.1:0: "):
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

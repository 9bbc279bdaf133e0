"""The market stream when its connection is replaced before its time: no gap, whatever the new one does."""

import asyncio
import itertools
import logging
from collections.abc import Iterator

import pytest
from aiohttp import web

from tests.unit.clients.binance.conftest import Exchange, deliver, mark_frame
from tests.unit.clients.binance.streams import FASTER, Start, events
from tests.unit.clocks import MovedClock
from volspike.clients.binance import stream as stream_module
from volspike.clients.binance.stream import Event, Frame, Lost
from volspike.runtime.clock import Clock

pytestmark = pytest.mark.usefixtures("busy_machine")


def numbered(event: Event) -> int:
    assert isinstance(event, Frame), event
    return event.connection


def rotating(start: Start, clock: Clock) -> Iterator[Event]:
    """Have a stream that has delivered replace its connection; return what happens from then on."""
    stream = start(clock)
    seen = events(stream)
    next(seen)
    stream.rotate()
    return seen


@pytest.mark.usefixtures("unhurried")
def test_rotation_takes_over_without_a_gap(
    exchange: Exchange, start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(stream_module, "ROTATE_SECONDS", 30.0)
    exchange.behave = deliver()
    stream = start(FASTER)

    numbers = [numbered(event) for event in itertools.takewhile(lambda e: numbered(e) < 4, events(stream))]

    assert set(numbers) == {1, 2, 3}
    assert exchange.most_open == 2
    last_of_first, first_of_second = max(i for i, n in enumerate(numbers) if n == 1), numbers.index(2)
    assert last_of_first < first_of_second or numbers[first_of_second - 1] == 1
    assert "rotated to a new connection" in caplog.messages


def test_the_old_connection_is_closed_only_after_the_new_one_has_delivered(exchange: Exchange, start: Start) -> None:
    release = asyncio.Event()
    number = itertools.count(1)

    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        if next(number) == 2:
            await release.wait()
        await deliver()(served, request)

    exchange.behave = behave
    seen = rotating(start, Clock(2.0))

    while exchange.open < 2:
        assert numbered(next(seen)) == 1
    assert [numbered(next(seen)) for _ in range(5)] == [1] * 5
    exchange.call(release.set)
    while numbered(next(seen)) == 1:
        pass

    assert [numbered(next(seen)) for _ in range(5)] == [2] * 5


def test_a_new_connection_that_stays_silent_does_not_cost_the_present_one(
    exchange: Exchange, start: Start, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    number = itertools.count(1)

    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        if next(number) == 1:
            await deliver()(served, request)
        await served.receive()

    exchange.behave = behave
    seen = rotating(start, clock)

    while "cannot rotate yet; the present connection stays" not in caplog.messages:
        clock.move(1)
        assert numbered(next(seen)) == 1
    assert caplog.records[-1].__dict__["problem"] == "connected but silent: wrong route?"
    assert [numbered(next(seen)) for _ in range(5)] == [1] * 5


def test_a_new_connection_that_is_refused_is_tried_again_after_a_minute(
    exchange: Exchange, start: Start, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    exchange.behave = deliver()
    stream = start(clock)
    seen = events(stream)
    next(seen)
    exchange.status = 503
    stream.rotate()

    while len(exchange.paths) < 2 or not caplog.records:
        assert numbered(next(seen)) == 1
    assert caplog.records[0].__dict__["problem"] == "handshake refused with HTTP 503"
    exchange.status = 101
    for _ in range(4):
        clock.move(10)
        assert numbered(next(seen)) == 1
    assert len(exchange.paths) == 2, "40 s later"
    for _ in range(2):
        clock.move(10)
        next(seen)
    while numbered(next(seen)) == 1:
        pass

    assert len(exchange.paths) == 3


def test_the_new_connection_takes_over_when_the_old_one_dies_first(exchange: Exchange, start: Start) -> None:
    number = itertools.count(1)
    die, go = asyncio.Event(), asyncio.Event()

    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        if next(number) == 1:
            await served.send_str(mark_frame(1000))
            await die.wait()
            return
        die.set()
        await go.wait()
        await deliver()(served, request)

    exchange.behave = behave
    seen = rotating(start, Clock(2.0))

    assert isinstance(next(seen), Lost)
    exchange.call(go.set)
    assert numbered(next(seen)) == 2
    assert len(exchange.paths) == 2

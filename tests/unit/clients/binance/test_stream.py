"""The market stream against a server with every fault of the real one, on a clock that makes hours short."""

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from aiohttp import web

from tests.unit.clients.binance.conftest import Behaviour, Exchange, deliver, drop, mark_frame
from tests.unit.clients.binance.streams import FASTER, Start, events, losses
from tests.unit.clocks import MovedClock
from volspike.clients.binance import stream as stream_module
from volspike.clients.binance.stream import Frame, Lasted, Lost, StuckError, market_url
from volspike.rules import pacing
from volspike.runtime.clock import Clock

pytestmark = pytest.mark.usefixtures("busy_machine")


def test_the_address_names_the_route_and_both_streams() -> None:
    assert market_url("wss://fstream.binance.com") == (
        "wss://fstream.binance.com/market/stream?streams=!ticker@arr/!markPrice@arr@1s"
    )


def test_it_rotates_at_23_hours_and_knows_silence_after_15_seconds() -> None:
    assert (stream_module.ROTATE_SECONDS, stream_module.SILENCE_SECONDS) == (82_800, 15)
    assert pacing.FORGIVE_AFTER_SECONDS == 60


def test_frames_come_with_the_number_of_their_connection(exchange: Exchange, start: Start, clock: MovedClock) -> None:
    exchange.behave = deliver()

    first, second = itertools.islice(events(start(clock)), 2)

    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert (first.connection, second.connection) == (1, 1)
    assert exchange.paths == ["/market/stream?streams=!ticker@arr/!markPrice@arr@1s"]


def test_an_open_socket_that_never_delivered_is_dropped_as_a_wrong_route(exchange: Exchange, start: Start) -> None:
    lost = next(losses(start()))

    assert lost == Lost("connected but silent: wrong route?", 1, 1.0)


def test_a_socket_that_stops_delivering_is_dropped_as_silent(
    exchange: Exchange, start: Start, clock: MovedClock
) -> None:
    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        await served.send_str(mark_frame(1000))
        await served.receive()

    exchange.behave = behave
    seen = events(start(clock))
    assert isinstance(next(seen), Frame)

    clock.move(15)

    assert next(seen) == Lost("silent for 15 s after delivering", 1, 1.0)


def test_pings_are_no_proof_of_life(exchange: Exchange, start: Start) -> None:
    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        while True:
            await served.ping()
            await asyncio.sleep(0.01)

    exchange.behave = behave

    assert next(losses(start())).reason == "connected but silent: wrong route?"


def test_tickers_alone_are_no_proof_of_life(exchange: Exchange, start: Start) -> None:
    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        while True:
            await served.send_str('{"stream":"!ticker@arr","data":[]}')
            await asyncio.sleep(0.01)

    exchange.behave = behave

    assert next(losses(start())).reason == "connected but silent: wrong route?"


def test_frames_whose_time_stands_still_are_silence(exchange: Exchange, start: Start, clock: MovedClock) -> None:
    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        while True:
            await served.send_str(mark_frame(1000))
            await asyncio.sleep(0.01)

    exchange.behave = behave
    seen = events(start(clock))
    assert isinstance(next(seen), Frame)

    clock.move(8)
    assert isinstance(next(seen), Frame)
    clock.move(7)

    assert next(seen) == Lost("silent for 15 s after delivering", 1, 1.0)


def test_data_of_a_connection_that_is_gone_changes_nothing(exchange: Exchange, start: Start) -> None:
    stream = start()
    next(losses(stream))

    stream.delivered(1, 10**13)

    assert next(losses(stream)).reason == "connected but silent: wrong route?"


@pytest.mark.usefixtures("unhurried")
def test_a_server_that_accepts_and_drops_meets_growing_pauses(exchange: Exchange, start: Start) -> None:
    exchange.behave = drop

    lost = list(itertools.islice(losses(start(Clock(2000.0))), 9))

    assert [event.attempts for event in lost] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert [event.retry_seconds for event in lost] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert {event.reason for event in lost} == {"closed by the exchange (1001 going away)"}
    assert len(exchange.paths) == 9


def test_some_data_is_not_enough_to_forgive(exchange: Exchange, start: Start, clock: MovedClock) -> None:
    exchange.behave = deliver(frames=4)
    seen = []

    for event in itertools.islice(events(start(clock)), 15):
        seen.append(event.attempts if isinstance(event, Lost) else type(event))
        clock.move(event.retry_seconds if isinstance(event, Lost) else 10)

    assert seen == [*[Frame] * 4, 1, *[Frame] * 4, 2, *[Frame] * 4, 3], "40 s of data each time"


@pytest.mark.usefixtures("unhurried")
def test_a_minute_of_data_forgives_the_attempts_before_it(exchange: Exchange, start: Start) -> None:
    behaviours: Iterator[Behaviour] = iter([drop, drop, deliver(frames=30), drop, drop])

    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        await next(behaviours)(served, request)

    exchange.behave = behave
    changes = (event for event in events(start(FASTER)) if not isinstance(event, Frame))

    kinds = [(type(event), event.attempts if isinstance(event, Lost) else 0) for event in itertools.islice(changes, 5)]

    assert kinds == [(Lost, 1), (Lost, 2), (Lasted, 0), (Lost, 1), (Lost, 2)]


def test_the_wait_between_attempts_is_kept(exchange: Exchange, start: Start) -> None:
    exchange.behave = drop
    started = time.monotonic()
    lost = losses(start(Clock(10.0)))

    next(lost)
    next(lost)

    assert 0.1 <= time.monotonic() - started < 20


def test_a_refused_handshake_is_a_loss_with_its_reason(exchange: Exchange, start: Start) -> None:
    exchange.status = 451

    assert next(losses(start())).reason == "HTTP 451: Binance refuses connections from this country or network"


def test_a_new_connection_that_delivers_only_the_past_is_as_good_as_silent(
    exchange: Exchange, start: Start, clock: MovedClock
) -> None:
    times = iter([2000, 1000, 2000, 2001])

    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        await served.send_str(mark_frame(next(times)))
        await served.receive()

    exchange.behave = behave
    reasons = []

    for event in itertools.islice(events(start(clock)), 8):
        if isinstance(event, Lost):
            reasons.append(event.reason)
        clock.move(event.retry_seconds if isinstance(event, Lost) else 15)

    assert reasons == [
        "silent for 15 s after delivering",
        "connected but silent: wrong route?",
        "connected but silent: wrong route?",
        "silent for 15 s after delivering",
    ]


def test_waiting_ends_at_a_wake_up_from_a_signal_handler(exchange: Exchange, start: Start) -> None:
    stream = start(Clock(0.02))  # a whole step of waiting takes 50 s
    woken = threading.Event()

    def wake() -> None:
        woken.set()
        stream.wake()

    threading.Timer(0.05, wake).start()
    started = time.monotonic()

    while not woken.is_set():
        stream.wait(1.0)

    assert time.monotonic() - started < 20


def test_closing_cuts_everything_off_at_once(exchange: Exchange, start: Start, clock: MovedClock) -> None:
    exchange.behave = deliver()
    stream = start(clock)
    assert isinstance(next(events(stream)), Frame)
    started = time.monotonic()

    stream.close()

    while exchange.open and time.monotonic() - started < 20:
        time.sleep(0.002)
    assert time.monotonic() - started < 20


def test_an_attempt_that_hangs_is_given_up_after_20_seconds_and_ten_of_them_need_a_fresh_process(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "CONNECT_SECONDS", 20.0)
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # accepts, and never answers the handshake
        stream = start(Clock(2000.0), f"ws://127.0.0.1:{deaf.getsockname()[1]}")
        seen: list[Lost] = []

        with pytest.raises(StuckError, match="10 attempts to connect"):
            seen.extend(losses(stream))

    assert [lost.attempts for lost in seen] == list(range(1, 10))


def test_an_attempt_that_hangs_says_so(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "CONNECT_SECONDS", 20.0)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        lost = next(losses(start(Clock(1000.0), f"ws://127.0.0.1:{deaf.getsockname()[1]}")))

    assert lost.reason == "no connection within 20 s"

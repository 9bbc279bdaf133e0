"""One WebSocket in its thread, against a real server."""

import socket
import time
from queue import SimpleQueue

import pytest
from aiohttp import WSMsgType, web

from tests.unit.clients.binance.conftest import Exchange, drop, transport_of
from volspike.clients.binance.connection import Closed, Connection, Message, Opened, Received


@pytest.fixture
def inbox() -> SimpleQueue[Message]:
    return SimpleQueue()


def messages(inbox: SimpleQueue[Message]) -> list[Message]:
    """Return all messages of a connection until its end."""
    told = []
    while True:
        told.append(inbox.get(timeout=30))
        if isinstance(told[-1], Closed):
            return told


def test_frames_arrive_in_order_between_the_opening_and_the_end(
    exchange: Exchange, inbox: SimpleQueue[Message]
) -> None:
    async def behave(served: web.WebSocketResponse, _: web.Request) -> None:
        await served.send_str("first 币安人生USDT")
        await served.send_bytes(b"second")

    exchange.behave = behave
    Connection(7, exchange.url + "/market/stream?streams=!ticker@arr", inbox)

    assert messages(inbox) == [
        Opened(7),
        Received(7, "first 币安人生USDT".encode()),
        Received(7, b"second"),
        Closed(7, "closed by the exchange (1001 going away)"),
    ]
    assert exchange.paths == ["/market/stream?streams=!ticker@arr"]


def test_a_frame_in_pieces_arrives_whole(exchange: Exchange, inbox: SimpleQueue[Message]) -> None:
    async def behave(_: web.WebSocketResponse, request: web.Request) -> None:
        transport_of(request).write(b"\x01\x03abc" + b"\x89\x00" + b"\x80\x03def")  # text, a ping between, the rest

    exchange.behave = behave
    Connection(1, exchange.url, inbox)

    assert Received(1, b"abcdef") in messages(inbox)


def test_a_large_frame_with_broken_utf8_is_passed_on_for_the_parser_to_judge(
    exchange: Exchange, inbox: SimpleQueue[Message]
) -> None:
    broken = b"\xff" * 60_000

    async def behave(_: web.WebSocketResponse, request: web.Request) -> None:
        transport_of(request).write(b"\x81\x7e" + len(broken).to_bytes(2, "big") + broken)

    exchange.behave = behave
    Connection(1, exchange.url, inbox)

    assert messages(inbox)[1] == Received(1, broken)


def test_pings_are_answered(exchange: Exchange, inbox: SimpleQueue[Message]) -> None:
    answers: list[tuple[WSMsgType, bytes]] = []

    async def behave(served: web.WebSocketResponse, _: web.Request) -> None:
        await served.ping(b"3 minutes")
        message = await served.receive(timeout=30)
        answers.append((message.type, bytes(message.data)))

    exchange.behave = behave
    Connection(1, exchange.url, inbox)
    messages(inbox)

    assert answers == [(WSMsgType.PONG, b"3 minutes")]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"\x88\x00", "closed by the exchange (no reason given)"),
        (b"\x88\x02\x03\xe8", "closed by the exchange (1000)"),
        (b"\x88\x05\x03\xf0bye", "closed by the exchange (1008 bye)"),
        (b"\x88\x03\x03\xf0\xff", "closed by the exchange (1008 \ufffd)"),
    ],
)
def test_the_exchange_s_reason_for_closing_is_told(
    exchange: Exchange, inbox: SimpleQueue[Message], frame: bytes, reason: str
) -> None:
    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        transport_of(request).write(frame)
        await served.receive()

    exchange.behave = behave
    Connection(1, exchange.url, inbox)

    assert messages(inbox)[-1] == Closed(1, reason)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (451, "HTTP 451: Binance refuses connections from this country or network"),
        (403, "handshake refused with HTTP 403"),
        (503, "handshake refused with HTTP 503"),
    ],
)
def test_a_refused_handshake_says_why(
    exchange: Exchange, inbox: SimpleQueue[Message], status: int, reason: str
) -> None:
    exchange.status = status

    Connection(1, exchange.url, inbox)

    assert messages(inbox) == [Closed(1, reason)]


def test_a_connection_that_is_cut_off_is_closed_with_a_reason(exchange: Exchange, inbox: SimpleQueue[Message]) -> None:
    async def behave(served: web.WebSocketResponse, request: web.Request) -> None:
        transport_of(request).abort()
        await served.receive()

    exchange.behave = behave
    Connection(1, exchange.url, inbox)

    opened, closed = messages(inbox)
    assert opened == Opened(1)
    assert isinstance(closed, Closed)
    assert closed.reason not in ("", "aborted")


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/", "http://127.0.0.1/", "ws://exchange.invalid/"])
def test_an_address_that_leads_nowhere_is_closed_with_a_reason(inbox: SimpleQueue[Message], url: str) -> None:
    Connection(1, url, inbox)

    (closed,) = messages(inbox)
    assert isinstance(closed, Closed)
    assert closed.reason


def test_an_error_of_the_system_is_told_in_its_words_without_its_number(inbox: SimpleQueue[Message]) -> None:
    Connection(1, "ws://127.0.0.1:1/", inbox)

    assert messages(inbox) == [Closed(1, "Connection refused")]


def test_an_abort_is_prompt_and_says_so(exchange: Exchange, inbox: SimpleQueue[Message]) -> None:
    connection = Connection(1, exchange.url, inbox)
    assert inbox.get(timeout=30) == Opened(1)
    started = time.monotonic()

    connection.abort()

    assert messages(inbox) == [Closed(1, "aborted")]
    assert time.monotonic() - started < 20


def test_an_abort_while_connecting_takes_effect_when_the_handshake_is_done(
    exchange: Exchange, inbox: SimpleQueue[Message]
) -> None:
    connection = Connection(1, exchange.url, inbox)
    connection.abort()

    assert messages(inbox)[-1] == Closed(1, "aborted")


def test_a_server_that_accepts_and_drops_is_open_and_closed(exchange: Exchange, inbox: SimpleQueue[Message]) -> None:
    exchange.behave = drop

    Connection(1, exchange.url, inbox)

    assert [type(message) for message in messages(inbox)] == [Opened, Closed]


def test_the_kernel_watches_over_a_connection_whose_other_end_is_gone(
    exchange: Exchange, inbox: SimpleQueue[Message]
) -> None:
    connection = Connection(1, exchange.url, inbox)
    inbox.get(timeout=30)

    under = connection._socket.sock
    assert under is not None
    assert under.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    connection.abort()
    messages(inbox)

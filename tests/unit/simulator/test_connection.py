"""A connection's commands and its last words; the rest needs a socket and is tested over one."""

import json

import pytest
from aiohttp.test_utils import make_mocked_request

from volspike.simulator import connection
from volspike.simulator.connection import Command, Connection
from volspike.simulator.exchange import Exchange


@pytest.fixture
def opened(exchange: Exchange) -> Connection:
    return Connection(exchange, make_mocked_request("GET", "/market/ws"), "market", wrapped=False)


def test_connections_are_numbered(exchange: Exchange, opened: Connection) -> None:
    later = Connection(exchange, make_mocked_request("GET", "/ws"), "", wrapped=False)

    assert (opened.number, later.number) == (1, 2)
    assert later.describe()["path"] == "/ws"


def test_a_stream_of_another_route_is_listed_but_has_no_source(exchange: Exchange, opened: Connection) -> None:
    unrouted = Connection(exchange, make_mocked_request("GET", "/ws"), "", wrapped=False)

    assert opened.subscribe(["!ticker@arr", ""])
    assert unrouted.subscribe(["!ticker@arr"])

    assert opened.streams["!ticker@arr"] is not None
    assert unrouted.streams == {"!ticker@arr": None}


def test_too_many_streams_change_nothing(opened: Connection) -> None:
    opened.subscribe(["!ticker@arr"])

    assert not opened.subscribe([f"{number}usdt@ticker" for number in range(connection.MOST_STREAMS)])
    assert list(opened.streams) == ["!ticker@arr"]


def test_a_reader_too_slow_is_cut_off(opened: Connection) -> None:
    for _ in range(connection.QUEUED_FRAMES + 1):
        opened.push(b"x", b"y")

    assert opened.reason == "cut"


def test_commands_have_sensible_defaults() -> None:
    command = Command("SUBSCRIBE")

    assert (command.id, command.params) == (None, [])


@pytest.mark.parametrize(("form", "path"), [("bare", []), ("event", ["event"]), ("wrapped", ["data"])])
def test_a_shutdown_is_announced_in_three_forms(form: str, path: list[str]) -> None:
    event = json.loads(connection.shutdown_event(form, 12.5))

    for key in path:
        event = event[key]
    assert event == {"e": "serverShutdown", "E": 12500}

"""Every symbol of the stream against REST."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.cli.conftest import Command
from tests.unit.examples import DUE_MS, funding_document, funding_row
from volspike.clients.binance import weight
from volspike.runtime.clock import Clock
from volspike.state import documents, file


@pytest.fixture
def exchange(volspike: Command) -> Iterator[AnsweringServer]:
    contract = {"symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}
    row = {"symbol": "BTCUSDT", "markPrice": "91725.878", "lastFundingRate": "0.0001", "nextFundingTime": DUE_MS}
    with AnsweringServer() as server:
        server.answers["/fapi/v1/exchangeInfo"] = Answer(body=json.dumps({"symbols": [contract]}).encode())
        server.answers["/fapi/v1/premiumIndex"] = Answer(body=json.dumps([row]).encode())
        volspike.environment["BINANCE_REST_URL"] = server.url
        yield server


def publish(volspike: Command, mark: float = 91725.878, symbol: str = "BTCUSDT") -> None:
    rows = {symbol: funding_row(mark=mark)}
    file.write(volspike.runtime_dir / documents.FUNDING, documents.encode(funding_document(rows)))


def test_a_stream_that_agrees_is_exit_zero_and_costs_eleven(volspike: Command, exchange: AnsweringServer) -> None:
    publish(volspike)

    result = volspike("compare")

    assert (result.exit_code, result.stdout) == (0, "1 of 1 symbols agree with REST; 0 do not\n")
    account = weight.peek(volspike.runtime_dir)
    assert account is not None
    assert account.used == 11


def test_a_difference_is_shown_and_exit_one(volspike: Command, exchange: AnsweringServer) -> None:
    publish(volspike, mark=4463.0)

    result = volspike("compare")

    assert result.exit_code == 1
    for words in ("BTCUSDT", "mark prices differ", "4463", "91725.878", "0 of 1 symbols agree"):
        assert words in result.stdout


def test_machines_get_one_object(volspike: Command, exchange: AnsweringServer) -> None:
    publish(volspike, symbol="ETHUSDT")

    result = volspike("compare", "--json")

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["compared"], told["agreeing"]) == (0, 0)
    assert told["differences"][0]["problem"] == "missing in the stream"


def test_without_data_it_cannot_be_told(volspike: Command, exchange: AnsweringServer) -> None:
    result = volspike("compare")

    assert result.exit_code == 2
    assert "no funding data yet" in result.stderr


def test_without_binance_it_cannot_be_told(volspike: Command, exchange: AnsweringServer) -> None:
    publish(volspike)
    exchange.answers["/fapi/v1/exchangeInfo"] = Answer(451)

    result = volspike("compare")

    assert result.exit_code == 2
    assert result.stderr == "volspike: HTTP 451: Binance refuses requests from this country or network\n"


def test_a_ban_is_told_with_its_end_and_the_next_command_does_not_ask(
    volspike: Command, exchange: AnsweringServer
) -> None:
    publish(volspike)
    until = int(Clock().now()) + 600
    said = f"Way too many requests; IP(127.0.0.1) banned until {until}000. Please use the websocket"
    exchange.answers["/fapi/v1/exchangeInfo"] = Answer(418, json.dumps({"code": -1003, "msg": said}).encode())

    banned, again = volspike("compare"), volspike("compare")

    ends = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M:%S} UTC"
    for told in (banned, again):
        assert (told.exit_code, told.stderr) == (2, f"volspike: Binance has shut this machine out until {ends}\n")
    assert len(exchange.asked) == 1


def test_where_no_suite_runs_is_one_line(volspike: Command, exchange: AnsweringServer) -> None:
    volspike.environment["VOLSPIKE_RUNTIME_DIR"] = str(volspike.place / "missing")

    result = volspike("compare")

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1

"""Answers of the REST API: every promise of their parsers, with what the exchange answers and with anything else."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.clients.binance.strange_json import anything
from volspike.clients.binance import answers
from volspike.clients.binance.wire import Malformed
from volspike.model.market import Candle, Contract, PremiumIndex

E, T = 1_764_724_344_000, 1_764_748_800_000
PREMIUM = {
    "symbol": "BTCUSDT", "markPrice": "91725.87", "indexPrice": "91769.87", "estimatedSettlePrice": "1.0",
    "lastFundingRate": "0.00001280", "interestRate": "0.0001", "nextFundingTime": T, "time": E,
}  # fmt: skip


@pytest.mark.parametrize("hours", [0, -8, None, "soon"])
def test_an_interval_of_funding_that_cannot_be_is_left_out(hours: object) -> None:
    rows = [{"symbol": "ETHUSDT", "fundingIntervalHours": hours}, {"symbol": "BTCUSDT", "fundingIntervalHours": 4}]

    assert answers.parse_funding_intervals(json.dumps(rows).encode()) == {"BTCUSDT": 4}


@pytest.mark.parametrize("answer", [PREMIUM, [PREMIUM]])
def test_premium_index_answers_one_or_all(answer: object) -> None:
    assert answers.parse_premium_index(json.dumps(answer).encode()) == [PremiumIndex("BTCUSDT", 91725.87, 0.0000128, T)]


@pytest.mark.parametrize(
    ("rate", "due", "told"), [("0.0", T, 0.0), ("0.00000000", 0, None), ("", T, None), ("x", T, None), ("nan", T, None)]
)
def test_a_premium_index_without_funding_has_no_rate(rate: str, due: int, told: float | None) -> None:
    (row,) = answers.parse_premium_index(
        json.dumps({**PREMIUM, "lastFundingRate": rate, "nextFundingTime": due}).encode()
    )

    assert (row.funding_rate, row.next_funding_time_ms) == (told, due)


def test_a_broken_premium_index_costs_only_itself() -> None:
    rows = [{"symbol": "X"}, PREMIUM, 7, {**PREMIUM, "markPrice": "1e999"}, None]

    assert [row.symbol for row in answers.parse_premium_index(json.dumps(rows).encode())] == ["BTCUSDT"]


@pytest.mark.parametrize("content", [b"", b"{", b"[", b"<html>", b"null", b"7", b"[" * 100_000, b"\xff"])
def test_what_is_no_premium_index_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed, match="neither a row nor a list of rows"):
        answers.parse_premium_index(content)


CONTRACT = {
    "symbol": "币安人生USDT", "contractType": "PERPETUAL", "status": "TRADING_HALT", "quoteAsset": "USDT", "x": [],
}  # fmt: skip


def test_an_unknown_status_or_a_broken_row_never_loses_the_other_contracts() -> None:
    info = {"timezone": "UTC", "symbols": [CONTRACT, {"symbol": 5}, None, {**CONTRACT, "symbol": "BTCUSDT"}]}

    contracts = answers.parse_exchange_info(json.dumps(info, ensure_ascii=False).encode())

    assert contracts[0] == Contract("币安人生USDT", "PERPETUAL", "TRADING_HALT", "USDT")
    assert [contract.symbol for contract in contracts] == ["币安人生USDT", "BTCUSDT"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"symbols":7}', b"<html>", b'{"x":' * 100_000])
def test_what_is_no_exchange_info_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed, match="not an exchangeInfo answer"):
        answers.parse_exchange_info(content)


CANDLE = [
    T, "91725.8", "92000.1", "91000.0", "91800.5", "1200.125", T + 3_599_999, "110160012.55", 5021, "600.0", "5e7", "0",
]  # fmt: skip


def test_candles_keep_their_order_and_no_more_than_the_rules_ask_for() -> None:
    later = [T + 3_600_000, *CANDLE[1:]]

    candles = answers.parse_candles(json.dumps([CANDLE, later]).encode())

    assert candles == [Candle(T, 91725.8, 91800.5, 110160012.55), Candle(T + 3_600_000, 91725.8, 91800.5, 110160012.55)]


def test_a_symbol_without_a_candle_yet_has_none() -> None:
    assert answers.parse_candles(b"[]") == []


@pytest.mark.parametrize(
    "broken", [None, 7, {}, CANDLE[:7], [*CANDLE[:7], "nan"], [*CANDLE[:7], "-1"], [T, "0", *CANDLE[2:]]]
)
def test_a_broken_candle_costs_itself_and_the_answer_only_when_it_is_alone(broken: object) -> None:
    assert len(answers.parse_candles(json.dumps([broken, CANDLE]).encode())) == 1

    with pytest.raises(Malformed, match="not a candle in it"):
        answers.parse_candles(json.dumps([broken]).encode())


@pytest.mark.parametrize("content", [b"", b"<html>", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_list_of_candles_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        answers.parse_candles(content)


@pytest.mark.parametrize(("told", "contracts"), [('"91.250"', 91.25), ("91.25", 91.25), ('"0"', 0.0)])
def test_open_interest_is_a_number_of_contracts(told: str, contracts: float) -> None:
    answer = f'{{"symbol":"1000PEPEUSDT","openInterest":{told},"time":{E}}}'

    assert answers.parse_open_interest(answer.encode()) == contracts


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"openInterest":"-1"}', b'{"openInterest":"inf"}', b"\xff"])
def test_what_is_no_open_interest_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed, match="not an openInterest answer"):
        answers.parse_open_interest(content)


def test_volumes_and_prices_come_by_symbol_and_a_broken_row_costs_only_itself() -> None:
    rows = [{"symbol": "币安人生USDT", "quoteVolume": "4000000.5", "price": "0.25"}, {"symbol": "BTCUSDT"}, 7, None]
    content = json.dumps(rows).encode()

    assert answers.parse_quote_volumes(content) == {"币安人生USDT": 4000000.5}
    assert answers.parse_last_prices(content) == {"币安人生USDT": 0.25}


def test_a_volume_may_be_zero_and_a_price_may_not() -> None:
    content = b'[{"symbol":"NEWUSDT","quoteVolume":"0.00","price":"0.0000"}]'

    assert answers.parse_quote_volumes(content) == {"NEWUSDT": 0.0}
    assert answers.parse_last_prices(content) == {}


@pytest.mark.parametrize("parse_rows", [answers.parse_quote_volumes, answers.parse_last_prices])
def test_what_is_no_ticker_answer_is_malformed(parse_rows: Callable[[bytes], dict[str, float]]) -> None:
    with pytest.raises(Malformed, match="neither a row nor a list of rows"):
        parse_rows(b"<html>")


def test_the_server_s_time_is_in_seconds() -> None:
    assert answers.parse_server_time(b'{"serverTime":1764724344150}') == 1764724344.15


@pytest.mark.parametrize("content", [b"", b"{}", b'{"serverTime":""}', b'{"serverTime":-1}', b'{"serverTime":9e30}'])
def test_what_is_no_time_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed, match="not a time answer"):
        answers.parse_server_time(content)


def test_the_exchange_s_own_error_is_read() -> None:
    error = answers.parse_error(b'{"code":-1121,"msg":"Invalid symbol."}')

    assert error is not None
    assert (error.code, error.msg) == (-1121, "Invalid symbol.")


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b"[]", b'{"code":"x","msg":1}', b'{"code":1,"msg":"\xff"}'])
def test_a_body_that_is_something_else_is_no_error_of_the_exchange(content: bytes) -> None:
    assert answers.parse_error(content) is None


@given(st.binary(max_size=60) | anything.map(lambda message: json.dumps(message).encode()))
def test_any_answer_is_read_or_malformed(content: bytes) -> None:
    parsers: tuple[Any, ...] = (
        answers.parse_premium_index,
        answers.parse_exchange_info,
        answers.parse_server_time,
        answers.parse_candles,
        answers.parse_open_interest,
        answers.parse_quote_volumes,
        answers.parse_last_prices,
    )
    for parse_answer in parsers:
        with suppress(Malformed):
            parse_answer(content)
    assert isinstance(answers.parse_error(content), msgspec.Struct | None)

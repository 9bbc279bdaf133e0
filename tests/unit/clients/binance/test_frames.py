"""Frames of the market stream: every promise of their parser, with real rows and with anything else."""

import json
import math
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.clients.binance.strange_json import anything, scalars
from volspike.clients.binance import frames
from volspike.clients.binance.frames import Frame
from volspike.clients.binance.wire import Malformed

E, T = 1_764_724_344_000, 1_764_748_800_000
MARK = {
    "e": "markPriceUpdate", "E": E, "s": "BTCUSDT", "p": "91725.87800000", "ap": "91727.1", "P": "91753.50191406",
    "i": "91769.87500000", "r": "0.00001280", "T": T, "st": 1,
}  # fmt: skip
TICKER = {
    "e": "24hrTicker", "E": E, "s": "BTCUSDT", "p": "-4463.10", "P": "-4.650", "w": "93000.10", "c": "91520.10",
    "Q": "0.002", "o": "95983.20", "h": "96000.00", "l": "91000.00", "v": "120000.000", "q": "11160012000.55",
    "O": 1, "C": 2, "F": 3, "L": 4, "n": 5, "st": 1,
}  # fmt: skip


def mark_row(**changes: Any) -> dict[str, Any]:
    """Return a mark-price row; `...` for a value leaves its key out."""
    return {key: value for key, value in {**MARK, **changes}.items() if value is not ...}


def ticker_row(**changes: Any) -> dict[str, Any]:
    """Return a ticker row; `...` for a value leaves its key out."""
    return {key: value for key, value in {**TICKER, **changes}.items() if value is not ...}


def parse(*rows: object, stream: str = "!markPrice@arr@1s") -> Frame:
    return frames.parse_frame(json.dumps({"stream": stream, "data": rows}).encode())


def test_a_mark_price_row_is_read_by_its_event_type() -> None:
    frame = parse(mark_row())

    (row,) = frame.mark_prices
    assert (row.symbol, row.event_time_ms, row.next_funding_time_ms) == ("BTCUSDT", E, T)
    assert (row.mark_price, row.index_price, row.funding_rate) == (91725.878, 91769.875, 0.0000128)
    assert (frame.tickers, frame.rejected, frame.notice) == ([], 0, "")


def test_the_price_change_of_a_ticker_is_never_a_mark_price() -> None:
    frame = parse(ticker_row(), stream="!ticker@arr")

    (row,) = frame.tickers
    assert (row.last_price, row.price_change_pct_24h, row.quote_volume_24h) == (91520.10, -4.65, 11_160_012_000.55)
    assert frame.mark_prices == []


def test_both_kinds_in_one_frame_stay_apart() -> None:
    frame = parse(mark_row(), ticker_row(), mark_row(s="ETHUSDT"))

    assert [row.symbol for row in frame.mark_prices] == ["BTCUSDT", "ETHUSDT"]
    assert [row.symbol for row in frame.tickers] == ["BTCUSDT"]


@pytest.mark.parametrize(
    "message",
    [
        {"stream": "!markPrice@arr@1s", "data": [MARK]},
        {"stream": "btcusdt@markPrice@1s", "data": MARK},
        [MARK],
        MARK,
    ],
)
def test_rows_come_wrapped_or_raw_as_a_list_or_alone(message: object) -> None:
    frame = frames.parse_frame(json.dumps(message).encode())

    assert [row.symbol for row in frame.mark_prices] == ["BTCUSDT"]


def test_a_frame_as_the_exchange_sends_it_is_read_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_parse_slowly", lambda content: pytest.fail(f"seven times slower: {content!r}"))

    frame = parse(mark_row(), mark_row(st=...), mark_row(s="BTCUSDT_261225", r="0.00000000", T=0), ticker_row())

    assert (len(frame.mark_prices), len(frame.tickers)) == (3, 1)


@pytest.mark.parametrize("strange", [{"E": "x"}, {}])
def test_the_careful_way_reads_what_the_fast_way_reads(strange: dict[str, object]) -> None:
    fast = parse(mark_row(), ticker_row())

    slow = parse(mark_row(), ticker_row(), mark_row(s="XUSDT", e=...) | strange)

    assert (slow.mark_prices, slow.tickers, slow.rejected) == (fast.mark_prices, fast.tickers, 1)


@pytest.mark.parametrize("alias", ["r", "R", "fr", "lastFundingRate", "fundingRate", "estimatedSettlePriceRate"])
def test_the_funding_rate_is_known_by_many_names(alias: str) -> None:
    frame = parse(mark_row(**{"r": ..., alias: "0.0002"}))

    assert frame.mark_prices[0].funding_rate == 0.0002


def test_the_first_of_several_names_for_the_rate_counts() -> None:
    frame = parse(mark_row(r=..., R="0.0002", fundingRate="0.0009"))

    assert frame.mark_prices[0].funding_rate == 0.0002


def test_the_mark_price_has_a_second_name() -> None:
    assert parse(mark_row(p=..., markPrice="7.5")).mark_prices[0].mark_price == 7.5


@pytest.mark.parametrize("rate", ["", None, ...])
def test_an_empty_or_missing_rate_is_unknown(rate: object) -> None:
    assert parse(mark_row(r=rate)).mark_prices[0].funding_rate is None


@pytest.mark.parametrize("index", ["", None, ...])
def test_an_empty_or_missing_index_is_unknown(index: object) -> None:
    assert parse(mark_row(i=index)).mark_prices[0].index_price is None


def test_numbers_may_come_as_numbers_too() -> None:
    row = parse(mark_row(p=91725.5, r=0, E=str(E), T=str(T))).mark_prices[0]

    assert (row.mark_price, row.funding_rate, row.event_time_ms, row.next_funding_time_ms) == (91725.5, 0.0, E, T)


@pytest.mark.parametrize(
    ("symbol", "margin", "passes"),
    [
        ("BTCUSDT", 1, True),
        ("BTCUSDT", 2, False),
        ("BTCUSDT", "2", False),
        ("BTCUSD_PERP", 2, False),
        ("BTCUSD_PERP", ..., False),
        ("BTCUSD_260925", ..., False),
        ("BTCUSDT_260925", ..., True),
        ("BTCUSDT", ..., True),
        ("币安人生USDT", ..., True),
        ("4USDT", 1, True),
    ],
)
@pytest.mark.parametrize("row", [mark_row, ticker_row])
def test_coin_margined_rows_never_pass(row: Any, symbol: str, margin: object, passes: bool) -> None:
    for frame in (parse(row(s=symbol, st=margin)), parse(row(s=symbol, st=margin), "broken")):
        assert bool(frame.mark_prices or frame.tickers) is passes


BROKEN_ROWS: list[tuple[object, str]] = [
    (mark_row(p="garbage"), "BTCUSDT: Expected `float`"),
    (mark_row(p=...), "BTCUSDT: Expected `float`, got `null`"),
    (mark_row(p=""), "BTCUSDT: Expected `float`, got `str`"),
    (mark_row(p="nan"), "BTCUSDT"),
    (mark_row(p="inf"), "BTCUSDT"),
    (mark_row(p="-1e300"), "BTCUSDT"),
    (mark_row(p=True), "BTCUSDT"),
    (mark_row(r="-Infinity"), "BTCUSDT"),
    (mark_row(r=[]), "BTCUSDT"),
    (mark_row(E=...), "BTCUSDT: Object missing required field `E`"),
    (mark_row(E=-1), "BTCUSDT: Expected `int` >= 0"),
    (mark_row(E=1.5), "BTCUSDT"),
    (mark_row(T="soon"), "BTCUSDT"),
    (mark_row(T=...), "BTCUSDT"),
    (mark_row(s=...), "a row without a symbol: Object missing required field `s`"),
    (mark_row(s=""), ": Expected `str` of length >= 1"),
    (mark_row(s="X" * 65), "X" * 64),
    (mark_row(s=5), "a row without a symbol"),
    (mark_row(e="kline"), "BTCUSDT: event type 'kline' is not known"),
    (mark_row(e=...), "BTCUSDT: event type None is not known"),
    (mark_row(e=["markPriceUpdate"]), "BTCUSDT: event type"),
    (mark_row(st="one"), "BTCUSDT"),
    (ticker_row(c=...), "BTCUSDT: Object missing required field `c`"),
    (ticker_row(q="much"), "BTCUSDT"),
    (None, "a row without a symbol: a row is an object, not NoneType"),
    ([], "a row is an object, not list"),
    ("row", "a row is an object, not str"),
    (7, "a row is an object, not int"),
]


@pytest.mark.parametrize(("broken", "problem"), BROKEN_ROWS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_row_is_counted_and_named_and_costs_only_itself(broken: object, problem: str, place: int) -> None:
    rows: list[object] = [mark_row(s="ETHUSDT"), ticker_row(s="SOLUSDT")]
    rows.insert(place, broken)

    frame = parse(*rows)

    assert [row.symbol for row in frame.mark_prices] == ["ETHUSDT"]
    assert [row.symbol for row in frame.tickers] == ["SOLUSDT"]
    assert frame.rejected == 1
    assert problem in frame.problem


@pytest.mark.parametrize(
    "broken",
    [
        b'{"e":"markPriceUpdate","E":1,"s":"B","p":1e999,"T":1}',
        b'{"e":"markPriceUpdate","E":' + b"9" * 5000 + b',"s":"B","p":"1","T":1}',
        b'{"e":"markPriceUpdate","E":1,"s":"\xff\xfe","p":"1","T":1}',
        b'{"e":"markPriceUpdate","E":1,"s":"B","p":"1","T":1,"x":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"e":"markPriceUpdate","E":1,"s":' + b"[" * 500 + b"]" * 500 + b',"p":"1","T":1}',
    ],
)
def test_not_even_what_python_cannot_hold_costs_the_other_rows(broken: bytes) -> None:
    good = json.dumps(MARK).encode()

    frame = frames.parse_frame(b'{"stream":"!markPrice@arr@1s","data":[' + broken + b"," + good + b"]}")

    assert frame.mark_prices[-1].symbol == "BTCUSDT"
    assert len(frame.mark_prices) + frame.rejected == 2


def test_the_first_of_several_problems_is_told() -> None:
    frame = parse(mark_row(s="AUSDT", p="x"), mark_row(s="BUSDT", p="y"))

    assert frame.rejected == 2
    assert frame.problem.startswith("AUSDT")


@pytest.mark.parametrize(
    ("message", "notice"),
    [
        ({"e": "serverShutdown", "E": E}, "serverShutdown"),
        ({"event": "serverShutdown"}, "serverShutdown"),
        ({"event": {"e": "serverShutdown", "E": E}}, "serverShutdown"),
        ({"stream": "x", "data": {"e": "serverShutdown", "E": E}}, "serverShutdown"),
        ({"result": None, "id": 1}, ""),
        ({"error": {"code": 2, "msg": "Invalid request"}, "id": 1}, ""),
        ({"e": []}, ""),
        ({"event": {"e": {}}}, ""),
        ({"event": 7}, ""),
        ({"e": None}, ""),
        ({}, ""),
    ],
)
def test_what_is_no_row_is_a_notice(message: object, notice: str) -> None:
    assert frames.parse_frame(json.dumps(message).encode()) == Frame([], [], 0, "", notice)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"stream":"x","data":[', "not JSON"),
        (b'[{"e":"markPriceUpdate"}', "not JSON"),
        (b'{"\xff":1}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b"7", "neither rows nor an event"),
        (b'"rows"', "neither rows nor an event"),
        (b"null", "neither rows nor an event"),
        (b'{"stream":"x","data":"rows"}', "neither rows nor an event"),
        (b'{"stream":"x","data":null}', "neither rows nor an event"),
    ],
)
def test_what_is_no_frame_at_all_is_malformed_and_quoted(content: bytes, problem: str) -> None:
    with pytest.raises(Malformed, match=problem) as refused:
        frames.parse_frame(content)

    assert repr(content[:60]) in str(refused.value)
    assert len(str(refused.value)) < 400


fields = st.sampled_from([*MARK, "c", "q", "P", "R", "markPrice"])
strange_rows = st.builds(
    lambda row, changes: {**row, **changes},
    st.sampled_from([MARK, TICKER]),
    st.dictionaries(fields, scalars | st.just([]) | st.just({}), min_size=1, max_size=3),
)


def is_sound(frame: Frame) -> bool:
    numbers = [
        number
        for row in frame.mark_prices
        for number in (row.mark_price, row.index_price, row.funding_rate, row.event_time_ms)
        if number is not None
    ] + [number for row in frame.tickers for number in (row.last_price, row.quote_volume_24h, row.price_change_pct_24h)]
    return all(math.isfinite(number) for number in numbers)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_malformed(content: bytes) -> None:
    with suppress(Malformed):
        assert is_sound(frames.parse_frame(content))


@given(anything)
def test_any_json_is_a_frame_or_malformed(message: object) -> None:
    with suppress(Malformed):
        assert is_sound(frames.parse_frame(json.dumps(message).encode()))


@given(st.lists(anything, max_size=3), st.integers(0, 3))
def test_whatever_stands_beside_it_a_good_row_lives(strangers: list[object], place: int) -> None:
    rows = [*strangers[:place], mark_row(s="GOODUSDT"), *strangers[place:]]

    frame = parse(*rows)

    assert "GOODUSDT" in {row.symbol for row in frame.mark_prices}
    assert is_sound(frame)


@given(st.lists(strange_rows | st.just(MARK) | st.just(TICKER), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[object], chance: random.Random) -> None:
    shuffled = rows[:]
    chance.shuffle(shuffled)

    frame, other = parse(*rows), parse(*shuffled)

    assert sorted(map(repr, frame.mark_prices)) == sorted(map(repr, other.mark_prices))
    assert sorted(map(repr, frame.tickers)) == sorted(map(repr, other.tickers))
    assert frame.rejected == other.rejected


@given(st.lists(strange_rows, max_size=5))
def test_no_ticker_row_ever_reaches_the_mark_prices(rows: list[dict[str, object]]) -> None:
    frame = parse(*[{**row, "e": "24hrTicker"} for row in rows])

    assert frame.mark_prices == []


@given(st.lists(st.tuples(strange_rows, st.sampled_from(["BTCUSD_PERP", "ETHUSD_260925", "BTCUSDT"])), max_size=5))
def test_no_coin_margined_row_passes_whatever_is_in_it(rows: list[tuple[dict[str, object], str]]) -> None:
    marked = [{**row, "s": symbol, "st": 2 if symbol == "BTCUSDT" else 0} for row, symbol in rows]

    frame = parse(*marked)

    assert (frame.mark_prices, frame.tickers) == ([], [])

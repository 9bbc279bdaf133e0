"""What streams send."""

import json
from typing import Any

import pytest

from volspike.simulator.frames import Distortion, Frames
from volspike.simulator.market import Market
from volspike.simulator.streams import Stream
from volspike.simulator.tickers import Tickers

MARKS = Stream("!markPrice@arr@1s", "!markPrice@arr", 1)
TICKERS = Stream("!ticker@arr", "!ticker@arr", 1)


@pytest.fixture(scope="module")
def frames(market: Market, tickers: Tickers) -> Frames:
    return Frames(market, tickers)


def rows(frames: Frames, stream: Stream, second: int, distortion: Distortion | None = None) -> list[list[Any]]:
    return [json.loads(payload) for payload in frames.payloads(stream, second, distortion or Distortion())]


def test_a_tick_of_mark_prices_comes_in_two_frames_of_todays_size(frames: Frames, noon: int) -> None:
    assert [len(frame) for frame in rows(frames, MARKS, noon)] == [745, 217]


def test_a_row_has_todays_keys_as_strings_and_numbers(frames: Frames, noon: int) -> None:
    row = rows(frames, MARKS, noon)[0][0]

    assert list(row) == ["e", "E", "s", "p", "ap", "P", "i", "r", "T", "st"]
    assert (row["e"], row["E"], row["st"]) == ("markPriceUpdate", noon * 1000, 1)
    assert all(isinstance(row[key], str) for key in ("p", "ap", "P", "i", "r"))


def test_tradfi_travels_apart_and_coin_margined_rows_are_mixed_into_both(frames: Frames, noon: int) -> None:
    crypto, tradfi = rows(frames, MARKS, noon)

    assert "BTCUSDT" in {row["s"] for row in crypto}
    assert "TSLAUSDT" in {row["s"] for row in tradfi}
    assert {row["st"] for row in crypto} == {row["st"] for row in tradfi} == {1, 2}
    assert crypto[-1]["st"] == 1


def test_every_listed_symbol_is_there_once(frames: Frames, market: Market, noon: int) -> None:
    names = [row["s"] for frame in rows(frames, MARKS, noon) for row in frame if row["st"] == 1]

    assert sorted(names) == sorted(each.symbol for each in market.instruments if each.contract)


def test_one_row_a_frame_is_broken_each_second_in_another_way(frames: Frames, noon: int) -> None:
    seen = set()
    for second in range(noon, noon + 5):
        clean = rows(frames, MARKS, second)
        broken = rows(frames, MARKS, second, Distortion(broken_row=True))
        for before, after in zip(clean, broken, strict=True):
            different = [mine for mine, theirs in zip(after, before, strict=True) if mine != theirs]
            assert len(different) == 1
        seen.add(json.dumps(different[0])[:40])
    assert len(seen) == 5


def test_a_symbol_can_lose_its_rate(frames: Frames, noon: int) -> None:
    frame = rows(frames, MARKS, noon, Distortion(without_rate="ADAUSDT"))[0]

    assert {row["s"]: row["r"] for row in frame if row["r"] == ""} == {"ADAUSDT": ""}


def test_delivery_contracts_can_be_sent_as_in_2025(frames: Frames, noon: int) -> None:
    today = {row["s"]: (row["r"], row["T"]) for frame in rows(frames, MARKS, noon) for row in frame}
    then = {
        row["s"]: row["r"] for frame in rows(frames, MARKS, noon, Distortion(legacy_delivery=True)) for row in frame
    }

    assert today["BTCUSDT_260925"] == ("0.00000000", 0)
    assert then["BTCUSDT_260925"] == ""
    assert then["BTCUSDT"] != ""


def test_in_a_ticker_p_is_the_change_of_the_price(frames: Frames, noon: int) -> None:
    (frame,) = rows(frames, TICKERS, noon)
    row = frame[0]

    assert row["e"] == "24hrTicker"
    assert float(row["p"]) == pytest.approx(float(row["c"]) - float(row["o"]), abs=1e-6)
    assert {"P", "w", "c", "o", "h", "l", "v", "q", "O", "C", "n", "st"} <= row.keys()


def test_ticker_and_mark_price_agree(frames: Frames, noon: int) -> None:
    (marks,) = (rows(frames, Stream("", "markPrice", 1, "BTCUSDT"), noon),)
    (ticker,) = rows(frames, Stream("", "ticker", 1, "BTCUSDT"), noon)
    (kline,) = rows(frames, Stream("", "kline_1h", 1, "BTCUSDT"), noon)

    assert ticker["c"] == kline["k"]["c"]  # type: ignore[call-overload]
    assert float(marks[0]["p"]) == pytest.approx(float(ticker["c"]), abs=0.051)  # type: ignore[call-overload]


def test_mini_tickers_have_few_keys(frames: Frames, noon: int) -> None:
    (frame,) = rows(frames, Stream("", "!miniTicker@arr", 1), noon)

    assert set(frame[0]) == {"e", "E", "s", "c", "o", "h", "l", "v", "q", "st"}


def test_a_symbol_that_does_not_trade_has_no_ticker_event(frames: Frames, noon: int) -> None:
    assert frames.payloads(Stream("", "ticker", 1, "OMGUSDT"), noon) == []


def test_symbols_outside_ascii_are_sent_as_utf8(frames: Frames, noon: int) -> None:
    (payload,) = frames.payloads(Stream("", "markPrice", 1, "币安人生USDT"), noon)

    assert '"s":"币安人生USDT"'.encode() in payload

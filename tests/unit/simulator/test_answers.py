"""REST answers."""

from typing import Any, cast

import pytest

from volspike.simulator.answers import Answers, ApiError
from volspike.simulator.frames import Frames
from volspike.simulator.market import Market
from volspike.simulator.streams import Stream
from volspike.simulator.tickers import Tickers


@pytest.fixture(scope="module")
def answers(market: Market, tickers: Tickers) -> Answers:
    return Answers(market, tickers)


def ask(answers: Answers, path: str, now: float, **query: str) -> Any:
    return cast("Any", answers.answer(path, query, now))


def test_time_is_in_milliseconds(answers: Answers, noon: int) -> None:
    assert ask(answers, "/fapi/v1/time", noon + 0.25) == {"serverTime": noon * 1000 + 250}


def test_premium_index_says_what_the_stream_said_for_the_same_second(
    answers: Answers, market: Market, tickers: Tickers, noon: int
) -> None:
    import json

    frames = Frames(market, tickers).payloads(Stream("", "!markPrice@arr", 1), noon)
    streamed = {row["s"]: row for frame in frames for row in json.loads(frame) if row["st"] == 1}

    rows = ask(answers, "/fapi/v1/premiumIndex", noon + 0.9)

    assert len(rows) == 823
    for row in rows:
        if row["symbol"] in streamed:
            told = streamed[row["symbol"]]
            assert (row["markPrice"], row["lastFundingRate"], row["nextFundingTime"], row["indexPrice"]) == (
                told["p"], told["r"], told["T"], told["i"],
            )  # fmt: skip


def test_tradfi_rows_have_an_older_time_of_their_own(answers: Answers, noon: int) -> None:
    assert ask(answers, "/fapi/v1/premiumIndex", noon, symbol="TSLAUSDT")["time"] == noon * 1000 - 1061


def test_klines_end_with_the_running_candle(answers: Answers, noon: int) -> None:
    rows = ask(answers, "/fapi/v1/klines", noon + 1800, symbol="BTCUSDT", interval="1h", limit="3")

    assert [row[0] for row in rows] == [(noon - 7200) * 1000, (noon - 3600) * 1000, noon * 1000]
    assert rows[-1][4] == ask(answers, "/fapi/v2/ticker/price", noon + 1800, symbol="BTCUSDT")["price"]


def test_klines_between_two_times_begin_with_the_first(answers: Answers, noon: int) -> None:
    span = {"startTime": str((noon - 36_000) * 1000), "endTime": str((noon - 3600) * 1000)}

    everything = ask(answers, "/fapi/v1/klines", noon, symbol="BTCUSDT", interval="1h", **span)
    first = ask(answers, "/fapi/v1/klines", noon, symbol="BTCUSDT", interval="1h", limit="2", **span)
    last = ask(answers, "/fapi/v1/klines", noon, symbol="BTCUSDT", interval="1h", limit="2", endTime=span["endTime"])

    assert len(everything) == 10
    assert first == everything[:2]
    assert last == everything[-2:]


def test_klines_do_not_begin_before_the_listing(answers: Answers, market: Market) -> None:
    contract = market.by_symbol["龙虾USDT"].contract
    assert contract is not None
    listed = contract.onboard_ms // 1000

    rows = ask(answers, "/fapi/v1/klines", listed + 7200, symbol="龙虾USDT", interval="1h", limit="100")

    assert rows[0][0] == listed // 3600 * 3600 * 1000
    assert len(rows) in {2, 3}


def test_open_interest_now_and_then_agree(answers: Answers, noon: int) -> None:
    now = ask(answers, "/fapi/v1/openInterest", noon, symbol="BTCUSDT")
    past = ask(answers, "/futures/data/openInterestHist", noon + 100, symbol="BTCUSDT", period="5m", limit="3")

    assert float(past[-1]["sumOpenInterest"]) == pytest.approx(float(now["openInterest"]))
    assert [row["timestamp"] for row in past] == [(noon + step) * 1000 for step in (-600, -300, 0)]


def test_funding_history_lies_behind_and_bears_jittered_stamps(answers: Answers, noon: int) -> None:
    rows = ask(answers, "/fapi/v1/fundingRate", noon, symbol="BTCUSDT", limit="5")

    assert len(rows) == 5
    assert all(0 < row["fundingTime"] % 28_800_000 < 10 for row in rows)
    assert rows[-1]["fundingTime"] < noon * 1000
    assert rows[0]["rateType"] == "Regular"
    assert ask(answers, "/fapi/v1/fundingRate", noon, symbol="BTCUSDT_260925") == []


def test_funding_history_can_begin_at_a_time(answers: Answers, noon: int) -> None:
    start = str((noon - 86_400) * 1000)

    rows = ask(answers, "/fapi/v1/fundingRate", noon, symbol="BTCUSDT", startTime=start)

    assert len(rows) == 3


def test_tickers_and_prices_come_alone_or_all(answers: Answers, tickers: Tickers, noon: int) -> None:
    alone = ask(answers, "/fapi/v1/ticker/24hr", noon, symbol="BTCUSDT")
    everyone = {row["symbol"]: row for row in ask(answers, "/fapi/v1/ticker/24hr", noon)}

    assert everyone["BTCUSDT"] == alone
    assert len(everyone) == len(tickers.trading) == len(ask(answers, "/fapi/v1/ticker/price", noon))


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/fapi/v1/openInterest", {}, -1102),
        ("/fapi/v1/openInterest", {"symbol": ""}, -1102),
        ("/fapi/v1/openInterest", {"symbol": "NOPE"}, -1121),
        ("/fapi/v1/openInterest", {"symbol": "btcusdt"}, -1121),
        ("/fapi/v1/openInterest", {"symbol": "OMGUSDT"}, -4108),
        ("/fapi/v1/premiumIndex", {"symbol": "NOPE"}, -1121),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT"}, -1102),
        ("/fapi/v1/klines", {"interval": "1h"}, -1102),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1h", "limit": "1501"}, -1130),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1h", "limit": "0"}, -1130),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1h", "limit": "-3"}, -1100),
        ("/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1h", "startTime": "9", "endTime": "8"}, -1023),
        ("/futures/data/openInterestHist", {"symbol": "BTCUSDT"}, -1102),
        ("/futures/data/openInterestHist", {"symbol": "BTCUSDT", "period": "1m"}, -1130),
    ],
)
def test_a_bad_request_gets_the_code_of_the_exchange(
    answers: Answers, noon: int, path: str, query: dict[str, str], code: int
) -> None:
    with pytest.raises(ApiError) as refused:
        answers.answer(path, query, noon)

    assert (refused.value.status, refused.value.code) == (400, code)


def test_unknown_paths_are_not_known(answers: Answers) -> None:
    assert answers.knows("/fapi/v1/time")
    assert not answers.knows("/fapi/v9/time")

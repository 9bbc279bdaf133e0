"""REST against a real HTTP server: what is asked, what it costs and what comes back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clients.binance.rest_answers import PREMIUM_INDEX, ROW, TIME, TIME_ANSWER, json_answer
from tests.unit.clocks import MovedClock
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, Transient
from volspike.model.market import Candle, PremiumIndex


def test_the_server_s_time(rest: Rest, rest_server: AnsweringServer, account: WeightAccount) -> None:
    rest_server.answers[TIME] = Answer(body=TIME_ANSWER)

    assert rest.server_time() == 1_790_856_015.25
    assert account.read().used == 1


def test_one_premium_index_is_asked_for_by_its_percent_encoded_name(rest: Rest, rest_server: AnsweringServer) -> None:
    rest_server.answers[PREMIUM_INDEX] = json_answer(200, ROW)

    assert rest.premium_index("币安人生USDT") == PremiumIndex("币安人生USDT", 0.25, 0.0001, 1_790_870_400_000)
    assert rest_server.asked == [f"{PREMIUM_INDEX}?symbol=币安人生USDT"]


def test_all_premium_indexes_cost_ten(rest: Rest, rest_server: AnsweringServer, account: WeightAccount) -> None:
    rest_server.answers[PREMIUM_INDEX] = json_answer(200, [ROW, {"strange": 1}, {**ROW, "symbol": "BTCUSDT"}])

    assert [row.symbol for row in rest.premium_indexes()] == ["币安人生USDT", "BTCUSDT"]
    assert account.read().used == 10


def test_everything_that_is_listed(rest: Rest, rest_server: AnsweringServer) -> None:
    row = {"symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}
    rest_server.answers["/fapi/v1/exchangeInfo"] = json_answer(200, {"symbols": [row, {"symbol": "ODD"}]})

    assert [contract.symbol for contract in rest.contracts()] == ["BTCUSDT"]


def test_a_proxy_in_the_place_of_binance_has_the_listing_under_a_path_of_its_own(
    rest: Rest, rest_server: AnsweringServer
) -> None:
    row = {"symbol": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING", "quoteAsset": "USDT"}
    rest_server.answers["/api/binance/futures/info"] = json_answer(200, {"symbols": [row]})

    assert [contract.symbol for contract in rest.contracts("/api/binance/futures/info")] == ["BTCUSDT"]


def test_the_latest_hours_of_a_symbol(rest: Rest, rest_server: AnsweringServer, account: WeightAccount) -> None:
    row = [1_790_852_400_000, "1.5", "2", "1", "1.75", "80", 1_790_855_999_999, "125.5", 7, "40", "60", "0"]
    rest_server.answers["/fapi/v1/klines"] = json_answer(200, [row])

    assert rest.candles("牛来USDT") == [Candle(1_790_852_400_000, 1.5, 1.75, 125.5)]
    assert rest_server.asked == ["/fapi/v1/klines?symbol=牛来USDT&interval=1h&limit=3"]
    assert account.read().used == 1


@pytest.mark.parametrize(
    ("limit", "weight"), [(1, 1), (99, 1), (100, 2), (499, 2), (500, 5), (1000, 5), (1001, 10), (1500, 10)]
)
def test_candles_are_paid_for_by_their_number(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount, limit: int, weight: int
) -> None:
    rest_server.answers["/fapi/v1/klines"] = json_answer(200, [])

    assert rest.candles("BTCUSDT", limit) == []
    assert account.read().used == weight


def test_open_interest_comes_in_contracts(rest: Rest, rest_server: AnsweringServer, account: WeightAccount) -> None:
    rest_server.answers["/fapi/v1/openInterest"] = json_answer(200, {"symbol": "BTCUSDT", "openInterest": "91.25"})

    assert rest.open_interest("BTCUSDT") == 91.25
    assert account.read().used == 1


def test_the_open_interest_of_a_symbol_that_settles_is_refused_for_good(
    rest: Rest, rest_server: AnsweringServer
) -> None:
    rest_server.answers["/fapi/v1/openInterest"] = json_answer(400, {"code": -4108, "msg": "Symbol is on settling."})

    with pytest.raises(Permanent) as refused:
        rest.open_interest("OLDUSDT")

    assert refused.value.code == -4108


def test_the_volumes_of_a_day_cost_forty(rest: Rest, rest_server: AnsweringServer, account: WeightAccount) -> None:
    rest_server.answers["/fapi/v1/ticker/24hr"] = json_answer(200, [{"symbol": "BTCUSDT", "quoteVolume": "12.5"}, {}])

    assert rest.quote_volumes_24h() == {"BTCUSDT": 12.5}
    assert account.read().used == 40


def test_the_intervals_of_funding_cost_nothing(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount
) -> None:
    rest_server.answers["/fapi/v1/fundingInfo"] = json_answer(200, [{"symbol": "BTCUSDT", "fundingIntervalHours": 4}])

    assert rest.funding_intervals() == {"BTCUSDT": 4}
    assert account.read().used == 0


def test_last_prices_cost_two_whatever_their_answer_counts(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount
) -> None:
    rows = [{"symbol": "BTCUSDT", "price": "65000.5"}]
    rest_server.answers["/fapi/v2/ticker/price"] = json_answer(200, rows, X_MBX_USED_WEIGHT_1M="1999")

    assert rest.last_prices() == {"BTCUSDT": 65000.5}
    assert account.read().used == 2


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        (PREMIUM_INDEX, Rest.premium_indexes),
        ("/fapi/v1/ticker/24hr", Rest.quote_volumes_24h),
        ("/fapi/v2/ticker/price", Rest.last_prices),
    ],
)
def test_a_market_in_which_nothing_decodes_is_transient(
    rest: Rest, rest_server: AnsweringServer, path: str, ask: Callable[[Rest], object]
) -> None:
    rest_server.answers[path] = json_answer(200, [{"symbol": "BTCUSDT"}])

    with pytest.raises(Transient, match=f"{path} of all symbols does not decode"):
        ask(rest)


def test_many_threads_ask_over_one_client_and_pay_for_each_request(
    rest_server: AnsweringServer, clock: MovedClock, account: WeightAccount
) -> None:
    rest_server.answers[TIME] = Answer(body=TIME_ANSWER, headers={"X-MBX-USED-WEIGHT-1M": "1"})
    rest = Rest(rest_server.url, clock, account, connections=32)

    with ThreadPoolExecutor(32) as threads:
        times = list(threads.map(lambda _: rest.server_time(), range(96)))

    assert times == [1_790_856_015.25] * 96
    assert account.read().used == 96

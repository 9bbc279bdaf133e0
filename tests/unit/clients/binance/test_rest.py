"""REST against a real HTTP server that refuses in all of Binance's ways."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.model.market import Candle, PremiumIndex
from volspike.rules.weight import WeightClass

NOW = 1_790_856_015.0
TIME = "/fapi/v1/time"
PREMIUM_INDEX = "/fapi/v1/premiumIndex"
ROW = {"symbol": "币安人生USDT", "markPrice": "0.25", "lastFundingRate": "0.0001", "nextFundingTime": 1_790_870_400_000}
TIME_ANSWER = b'{"serverTime":1790856015250}'


def json_answer(status: int, body: object, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(anchor=NOW)


@pytest.fixture
def account(tmp_path: Path, clock: MovedClock) -> Iterator[WeightAccount]:
    with WeightAccount(tmp_path, clock) as made:
        yield made


@pytest.fixture
def rest(rest_server: AnsweringServer, clock: MovedClock, account: WeightAccount) -> Rest:
    return Rest(rest_server.url, clock, account)


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


def test_an_unknown_symbol_is_permanent_with_the_exchange_s_code(rest: Rest, rest_server: AnsweringServer) -> None:
    rest_server.answers[PREMIUM_INDEX] = json_answer(400, {"code": -1121, "msg": "Invalid symbol."})

    with pytest.raises(Permanent, match=r"answered HTTP 400: -1121 Invalid symbol\.") as refused:
        rest.premium_index("NOPE")

    assert refused.value.code == -1121


def test_a_refusal_without_words_is_permanent_without_a_code(rest: Rest, rest_server: AnsweringServer) -> None:
    rest_server.answers[TIME] = Answer(404, b"")

    with pytest.raises(Permanent, match="HTTP 404: no reason given") as refused:
        rest.server_time()

    assert refused.value.code is None


BAN_END_MS = int((NOW + 300) * 1000)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (json_answer(418, {"code": -1003, "msg": f"Way too many requests; IP banned until {BAN_END_MS}."}), 300),
        (json_answer(418, {"code": -1003, "msg": f"banned until {BAN_END_MS}."}, Retry_After="7"), 300),
        (json_answer(429, {"code": -1003, "msg": "Too many requests."}, Retry_After="7"), 7),
        (json_answer(429, {"code": -1003, "msg": "Too many requests."}), 60),
        (json_answer(418, {"code": -1003, "msg": "Too many requests."}, Retry_After="Wed, 21 Oct 2026"), 60),
        (Answer(429, b"<html>slow down</html>", {"Retry-After": "\u00b2"}), 60),
        (Answer(418, b""), 60),
    ],
)
def test_a_refusal_shuts_everyone_out_until_its_end(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount, answer: Answer, seconds: float
) -> None:
    rest_server.answers[TIME] = answer

    with pytest.raises(ShutOut, match=f"HTTP {answer.status}") as refused:
        rest.server_time()

    assert refused.value.retry_after == refused.value.seconds == pytest.approx(seconds)
    assert account.read().closed_until == pytest.approx(NOW + seconds)


def test_a_ban_of_more_than_four_days_is_taken_for_four(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount
) -> None:
    rest_server.answers[TIME] = json_answer(418, {"code": -1003, "msg": "banned until 99999999999999."})

    with pytest.raises(ShutOut) as refused:
        rest.server_time()

    assert refused.value.seconds == 4 * 86_400
    assert account.read().closed_until == NOW + 4 * 86_400


def test_while_shut_out_nothing_is_asked(rest: Rest, rest_server: AnsweringServer, account: WeightAccount) -> None:
    account.close_until(NOW + 300)

    with pytest.raises(Transient, match="shut this machine out"):
        rest.server_time()

    assert rest_server.asked == []


def test_refusals_in_a_row_close_for_longer_until_an_answer_forgives(
    rest: Rest, rest_server: AnsweringServer, clock: MovedClock
) -> None:
    pauses = []
    for answer in (Answer(429), Answer(429), Answer(body=TIME_ANSWER), Answer(429)):
        rest_server.answers[TIME] = answer
        try:
            rest.server_time()
        except Transient as refused:
            pauses.append(refused.retry_after or 0)
            clock.move(refused.retry_after or 0)

    assert pauses == [60, 120, 60]


def test_without_an_account_a_refusal_is_told_and_nobody_is_shut_out(
    rest_server: AnsweringServer, clock: MovedClock, tmp_path: Path
) -> None:
    rest_server.answers[TIME] = json_answer(429, {"code": -1003, "msg": "Too many."}, Retry_After="7")

    with pytest.raises(ShutOut) as refused:
        Rest(rest_server.url, clock, account=None).server_time()
    assert refused.value.seconds == 7

    rest_server.answers[TIME] = Answer(429)
    with pytest.raises(ShutOut) as refused:
        Rest(rest_server.url, clock, account=None).server_time()
    assert refused.value.seconds == 60
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("header", "used"), [("1234", 1234), ("0", 1), ("", 1), ("many", 1), ("-5", 1), ("\u00b2", 1), ("9" * 30, 1)]
)
def test_the_server_s_count_corrects_the_account_upward(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount, header: str, used: int
) -> None:
    rest_server.answers[TIME] = Answer(body=TIME_ANSWER, headers={"X-MBX-USED-WEIGHT-1M": header})

    rest.server_time()

    assert account.read().used == used


class Slowly(dict[str, Answer]):
    """Answers during which the clock moves on."""

    def __init__(self, clock: MovedClock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, seconds

    def get(self, path: str, default: Any = None) -> Any:
        self._clock.move(self._seconds)
        return super().get(path, default)


@pytest.mark.parametrize(("seconds", "used"), [(44, 2000), (45, 0)])
def test_a_count_that_comes_in_the_next_minute_is_not_taken_for_that_minute(
    rest_server: AnsweringServer, account: WeightAccount, clock: MovedClock, seconds: float, used: int
) -> None:
    rest_server.answers = Slowly(clock, seconds)
    rest_server.answers[TIME] = Answer(body=TIME_ANSWER, headers={"X-MBX-USED-WEIGHT-1M": "2000"})

    Rest(rest_server.url, clock, account).server_time()

    assert account.read().used == used


def test_refused_requests_correct_the_account_too(
    rest: Rest, rest_server: AnsweringServer, account: WeightAccount
) -> None:
    rest_server.answers[TIME] = Answer(503, b"", {"x-mbx-used-weight-1m": "2399"})

    with pytest.raises(Transient):
        rest.server_time()

    assert account.read().used == 2399


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(451, b"<html>restricted location</html>"), Permanent, "HTTP 451: Binance refuses requests from this"),
        (Answer(403, b"<html>firewall</html>"), Transient, "answered HTTP 403: no reason given"),
        (Answer(302, b"", {"Location": "/login"}), Transient, "answered HTTP 302"),
        (Answer(500, b""), Transient, "HTTP 500"),
        (json_answer(503, {"code": -1008, "msg": "Overloaded"}), Transient, "HTTP 503: -1008 Overloaded"),
        (Answer(200, b"<html>maintenance</html>"), Transient, "answered 200 with something else"),
        (Answer(200, b""), Transient, "answered 200 with something else"),
        (Answer(200, b"{}"), Transient, "answered 200 with something else"),
    ],
)
def test_every_refusal_is_of_its_kind(
    rest: Rest, rest_server: AnsweringServer, answer: Answer, kind: type[Exception], words: str
) -> None:
    rest_server.answers[TIME] = answer

    with pytest.raises(kind, match=words):
        rest.server_time()


def test_a_premium_index_that_does_not_decode_is_transient(rest: Rest, rest_server: AnsweringServer) -> None:
    rest_server.answers[PREMIUM_INDEX] = json_answer(200, {"symbol": "BTCUSDT"})

    with pytest.raises(Transient, match="premiumIndex of BTCUSDT does not decode"):
        rest.premium_index("BTCUSDT")


def test_an_answer_that_does_not_come_is_transient(rest_server: AnsweringServer, clock: MovedClock) -> None:
    rest_server.answers[TIME] = Answer(after=0.2)

    with pytest.raises(Transient, match=f"cannot be reached at {rest_server.url}: no answer in time"):
        Rest(rest_server.url, clock, None, timeout=(1.0, 0.05)).server_time()


def test_a_port_where_nobody_listens_is_transient_in_a_few_words(clock: MovedClock) -> None:
    with pytest.raises(Transient, match=r"cannot be reached at http://127\.0\.0\.1:1: connection refused$"):
        Rest("http://127.0.0.1:1", clock, None).server_time()


def test_a_name_that_does_not_resolve_is_transient_in_a_few_words(clock: MovedClock) -> None:
    with pytest.raises(Transient, match=r"its name cannot be resolved$"):
        Rest("http://exchange.invalid", clock, None).server_time()


def test_a_sweep_leaves_the_alerts_their_share(
    rest_server: AnsweringServer, clock: MovedClock, account: WeightAccount
) -> None:
    account.correct(1900, NOW)
    rest_server.answers[TIME] = Answer(body=TIME_ANSWER)
    options: dict[str, Any] = {"patience_seconds": 0}

    with pytest.raises(Transient, match="used up"):
        Rest(rest_server.url, clock, account, WeightClass.SWEEP, **options).server_time()

    assert Rest(rest_server.url, clock, account, WeightClass.ALERT, **options).server_time()

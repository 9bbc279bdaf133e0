"""REST against a real HTTP server that refuses in all of Binance's ways, and what the weight account hears of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clients.binance.rest_answers import NOW, PREMIUM_INDEX, TIME, TIME_ANSWER, json_answer
from tests.unit.clocks import MovedClock
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.rules.weight import WeightClass


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
    rest_server.answers[TIME] = Answer(after=30)

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

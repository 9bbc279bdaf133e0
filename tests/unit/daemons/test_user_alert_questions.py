"""What Binance is asked: nothing in vain, and not for ever while it does not answer."""

import json
from collections.abc import Callable

import pytest

from tests.unit.answers import Answer as Said
from tests.unit.answers import AnsweringServer
from tests.unit.clocks import MovedClock
from volspike.daemons.user_alert_questions import FUNDING, OPEN_INTEREST, PRICES, Answer, Questions
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings

PRICES_PATH, FUNDING_PATH = "/fapi/v2/ticker/price", "/fapi/v1/premiumIndex"
OPEN_INTEREST_PATH = "/fapi/v1/openInterest"


@pytest.fixture
def questions(daemon: Daemon, settings: Callable[..., Settings], server: AnsweringServer) -> Questions:
    """Questions to the test's server."""
    return Questions(daemon, settings(binance_rest_url=server.url))


def ask(questions: Questions, *symbols: str) -> list[Answer]:
    """Return the answers to these questions for open interest, asked one after the other."""
    return [call() for call in questions.open_interest(list(symbols))]


def test_one_answer_holds_all_symbols(questions: Questions, server: AnsweringServer) -> None:
    rows = [{"symbol": "BTCUSDT", "price": "2.5"}, {"symbol": "ETHUSDT", "price": "1"}]
    server.answers[PRICES_PATH] = Said(body=json.dumps(rows).encode())

    assert questions.last_prices(["BTCUSDT", "ETHUSDT"]).values == {"BTCUSDT": 2.5, "ETHUSDT": 1.0}
    assert server.asked == [PRICES_PATH]
    assert questions.last_prices([]) == Answer()
    assert server.asked == [PRICES_PATH]


def test_a_contract_without_funding_has_no_rate(questions: Questions, server: AnsweringServer) -> None:
    rows = [
        {"symbol": "BTCUSDT", "markPrice": "1", "lastFundingRate": "-0.0001", "nextFundingTime": 1},
        {"symbol": "BTCUSDT_260925", "markPrice": "1", "lastFundingRate": "", "nextFundingTime": 0},
    ]
    server.answers[FUNDING_PATH] = Said(body=json.dumps(rows).encode())

    assert questions.funding_rates(["BTCUSDT"]).values == {"BTCUSDT": -0.0001}


def test_what_is_known_already_is_not_missing(questions: Questions) -> None:
    assert questions.missing(PRICES, ["BTCUSDT", "ETHUSDT"], {"BTCUSDT": 1.0}) == ["ETHUSDT"]


def test_a_symbol_that_is_in_no_answer_is_missing_again_after_five_minutes(
    questions: Questions, server: AnsweringServer, clock: MovedClock
) -> None:
    server.answers[PRICES_PATH] = Said(body=b'[{"symbol":"BTCUSDT","price":"2.5"}]')
    questions.last_prices(["BTCUSDT", "GONEUSDT"])

    assert questions.missing(PRICES, ["BTCUSDT", "GONEUSDT"], {}) == ["BTCUSDT"]
    assert questions.missing(FUNDING, ["GONEUSDT"], {}) == ["GONEUSDT"]
    clock.move(300)
    assert questions.missing(PRICES, ["GONEUSDT"], {}) == ["GONEUSDT"]


@pytest.mark.parametrize("code", [-4108, -1121])
def test_a_symbol_that_binance_refuses_is_missing_again_after_an_hour(
    questions: Questions, server: AnsweringServer, clock: MovedClock, code: int
) -> None:
    server.answers[OPEN_INTEREST_PATH] = Said(400, b'{"code":%d,"msg":"no"}' % code)

    assert ask(questions, "BTCUSDT") == [Answer()]
    assert questions.missing(OPEN_INTEREST, ["BTCUSDT"], {}) == []
    clock.move(3600)
    assert questions.missing(OPEN_INTEREST, ["BTCUSDT"], {}) == ["BTCUSDT"]


@pytest.mark.parametrize("status", [451, 503])
def test_a_refusal_of_everything_is_a_problem_and_says_nothing_of_the_symbols(
    questions: Questions, server: AnsweringServer, status: int
) -> None:
    for path in (PRICES_PATH, OPEN_INTEREST_PATH):
        server.answers[path] = Said(status)

    for answer in (questions.last_prices(["BTCUSDT"]), *ask(questions, "BTCUSDT")):
        assert answer.values == {}
        assert f"HTTP {status}" in answer.problem
    for kind in (PRICES, OPEN_INTEREST):
        assert questions.missing(kind, ["BTCUSDT"], {}) == ["BTCUSDT"]


def test_an_exchange_that_is_not_there_is_not_asked_for_every_symbol(
    questions: Questions, server: AnsweringServer
) -> None:
    server.answers[OPEN_INTEREST_PATH] = Said(503)
    symbols = [f"S{number}USDT" for number in range(50)]

    answers = ask(questions, *symbols)

    assert len(server.asked) == 20
    assert [bool(answer.problem) for answer in answers] == [True] * 20 + [False] * 30
    ask(questions, "BTCUSDT")
    assert len(server.asked) == 21


def test_open_interest_of_nothing_is_no_value(questions: Questions, server: AnsweringServer) -> None:
    server.answers[OPEN_INTEREST_PATH] = Said(body=b'{"openInterest":"0"}')

    assert ask(questions, "BTCUSDT") == [Answer()]

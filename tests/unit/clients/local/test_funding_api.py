"""Asking the suite's own API: every answer, and no answer, is an answer."""

import json

import msgspec
import pytest

from tests.unit.answers import Answer, AnsweringServer, saying
from volspike.clients.errors import Transient
from volspike.clients.local import funding_api
from volspike.model.health import ApiAnswer
from volspike.model.market import FundingRow
from volspike.rules.funding import Quote

FOREIGN = "the answer is not that of a funding API"


def health(code: int, **body: object) -> Answer:
    return Answer(code, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (health(200, status="healthy", symbolCount=648), ApiAnswer(200, True, 648, "healthy")),
        (
            health(503, status="unhealthy", symbolCount=648, error="WebSocket disconnected"),
            ApiAnswer(503, False, 648, "WebSocket disconnected"),
        ),
        (health(503, status="unhealthy"), ApiAnswer(503, False, None, "unhealthy")),
        (health(503, status="healthy"), ApiAnswer(503, False, None, "healthy")),
        (health(200, status="unhealthy"), ApiAnswer(200, False, None, "unhealthy")),
        (Answer(200, b"<html>"), ApiAnswer(200, False, None, FOREIGN)),
        (Answer(404, b""), ApiAnswer(404, False, None, FOREIGN)),
        (Answer(200, b'{"status":"\xff"}'), ApiAnswer(200, False, None, FOREIGN)),
        (
            Answer(200, b'{"x":' + b"[" * 100_000),
            ApiAnswer(200, False, None, FOREIGN),
        ),
    ],
)
def test_the_api_is_healthy_only_when_it_says_so_with_200(
    api: AnsweringServer, answer: Answer, told: ApiAnswer
) -> None:
    api.answers["/funding/health"] = answer

    assert funding_api.ask_health(api.url) == told


def test_no_api_is_an_answer_that_names_the_address() -> None:
    assert funding_api.ask_health("http://127.0.0.1:1") == ApiAnswer(
        None, problem="no connection to http://127.0.0.1:1"
    )


def test_an_api_that_hangs_is_an_answer_too(api: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funding_api, "TIMEOUT_SECONDS", 0.05)
    api.answers["/funding/health"] = Answer(after=30)

    assert funding_api.ask_health(api.url).problem == "nothing within 0 s"


def test_an_api_that_redirects_for_ever_is_an_answer_too(api: AnsweringServer) -> None:
    api.answers["/funding/health"] = Answer(302, b"", {"Location": "/funding/health"})

    assert funding_api.ask_health(api.url) == ApiAnswer(None, problem="TooManyRedirects")


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    api: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    api.answers["/funding/health"] = health(200, status="healthy")

    assert funding_api.ask_health(api.url).healthy


def test_all_fresh_rows_come_by_symbol(api: AnsweringServer) -> None:
    quotes = [
        Quote("BTCUSDT", 1.5, 0.0001, 1_790_870_400_000, 1.25, 1_790_856_000.5, 0.5),
        Quote("BTCUSDT_261225", 1.5, None, None, None, 1_790_856_000.5, 0.5),
    ]
    api.answers["/funding/all"] = Answer(200, msgspec.json.encode({"data": quotes, "found": 2}))

    assert funding_api.ask_all(api.url) == {
        "BTCUSDT": FundingRow(0.0001, 1.5, 1.25, 1_790_870_400_000, 1_790_856_000.5),
        "BTCUSDT_261225": FundingRow(None, 1.5, None, 0, 1_790_856_000.5),
    }


@pytest.mark.parametrize(
    ("answer", "words"),
    [(Answer(503), "answered HTTP 503"), (Answer(200, b"<html>"), "answered with something else than funding")],
)
def test_an_api_without_rows_is_transient(api: AnsweringServer, answer: Answer, words: str) -> None:
    api.answers["/funding/all"] = answer

    with pytest.raises(Transient, match=words):
        funding_api.ask_all(api.url)


def test_rows_are_not_waited_for_for_long(api: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funding_api, "ALL_TIMEOUT_SECONDS", 0.05)
    api.answers["/funding/all"] = Answer(after=30)

    with pytest.raises(Transient, match="no answer in time"):
        funding_api.ask_all(api.url)


def test_the_dead_man_s_switch_is_fetched(api: AnsweringServer) -> None:
    api.answers["/ping/secret"] = Answer(200, b"OK")

    funding_api.ping(f"{api.url}/ping/secret")

    assert api.asked == ["/ping/secret"]


@pytest.mark.parametrize(("path", "why"), [("/ping/secret", "HTTP 404"), ("/broken", "HTTP 500")])
def test_a_switch_that_fails_is_reported_without_its_secret_address(api: AnsweringServer, path: str, why: str) -> None:
    api.answers["/broken"] = Answer(500)

    with pytest.raises(Transient) as failed:
        funding_api.ping(f"{api.url}{path}")

    assert str(failed.value) == f"HEALTHCHECK_PING_URL cannot be fetched: {why}"


def test_a_switch_that_cannot_be_reached_is_reported_in_words() -> None:
    with pytest.raises(Transient, match="HEALTHCHECK_PING_URL cannot be fetched: connection refused"):
        funding_api.ping("http://127.0.0.1:1/secret")


@pytest.mark.timeout(20)
def test_a_switch_that_drips_does_not_hold_the_monitor_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funding_api, "TIMEOUT_SECONDS", 0.05)

    with saying(b"", b"H") as url, pytest.raises(Transient, match="no answer in time"):
        funding_api.ping(url)


def test_what_a_switch_says_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funding_api, "TIMEOUT_SECONDS", 20.0)

    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"") as url:
        funding_api.ping(url)

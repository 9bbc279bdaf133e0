"""What is noted of the way to a service."""

import logging
from collections.abc import Iterator

import pytest
import requests

from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.apprise import exchanges


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    exchanges.prepare()
    with AnsweringServer() as running:
        yield running


def test_outside_an_exchange_requests_are_what_they_were(server: AnsweringServer) -> None:
    server.answers = {"/a": Answer(302, b"", {"Location": "/b"}), "/b": Answer(200, b"there")}

    assert requests.get(f"{server.url}/a", timeout=10).content == b"there"


def test_within_one_no_redirect_is_followed(server: AnsweringServer) -> None:
    server.answers = {"/a": Answer(302, b"", {"Location": "/b"}), "/b": Answer(200, b"there")}

    with exchanges.witnessed() as exchange:
        requests.post(f"{server.url}/a", timeout=10)

    assert (exchange.status, server.asked) == (302, ["/a"])


def test_of_several_answers_a_failure_is_what_counts(server: AnsweringServer) -> None:
    server.answers = {"/good": Answer(200, b"fine"), "/bad": Answer(403, b"forbidden")}

    with exchanges.witnessed() as exchange:
        for path in ("/good", "/bad", "/good"):
            requests.post(server.url + path, timeout=10)

    assert (exchange.status, exchange.body) == (403, b"forbidden")


def test_no_proxy_is_asked_for_this_machine(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.answers["/a"] = Answer()

    with exchanges.witnessed() as exchange:
        requests.post(f"{server.url}/a", timeout=10)

    assert exchange.status == 200


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Socket Exception: (535, b'5.7.8 Bad')", 535),
        ("Socket Exception: {'a@b.org': (550, b'No')}", 550),
        ("SMTP recipient a@b.org was refused: 550 b'No'", 550),
        ("Socket Exception: [Errno 111] Connection refused", None),
    ],
)
def test_the_code_of_a_mail_server_is_in_the_log_that_goes_nowhere(
    line: str, code: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "apprise")
    exchanges.prepare()

    with exchanges.witnessed() as exchange:
        logging.getLogger("apprise").debug(line)
    logging.getLogger("apprise").debug("afterwards")

    assert (exchange.mail_code, exchange.log, caplog.text) == (code, [line], "")

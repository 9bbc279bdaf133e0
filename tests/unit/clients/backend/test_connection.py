"""What the answers of a backend mean, and that its key is told to nobody else, whatever goes wrong."""

import json
import logging
import traceback
from urllib.parse import quote

import pytest

from tests.unit.answers import Answer, AnsweringServer, saying
from volspike.clients import limits
from volspike.clients.backend import wire
from volspike.clients.backend.connection import Connection
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered

KEY = 'k"e/y%1'
LONG_SECONDS, SHORT_SECONDS = 20.0, 0.1
"""How long an answer may take: one that comes, and one that never does."""
PATH = "/api/volume-alerts/ingest"


def connect(url: str, patience_seconds: float = LONG_SECONDS) -> Connection:
    return Connection(url, KEY, (10.0, patience_seconds), 2)


def everything_of(error: BaseException) -> str:
    """Return all that a log could show of an error, its causes and contexts among it, suppressed ones too."""
    told = [repr(error), str(error), *traceback.format_exception(error)]
    return "".join(told + [everything_of(other) for other in (error.__cause__, error.__context__) if other])


def is_told(text: str) -> bool:
    return any(form in text for form in (KEY, quote(KEY, safe=""), quote(KEY), json.dumps(KEY)[1:-1]))


def test_every_request_carries_the_key_and_a_post_its_episode(server: AnsweringServer) -> None:
    server.answers[PATH] = Answer()
    connection = connect(server.url)

    connection.post(PATH, b'{"a":1}', "volume:币安人生USDT:2026-01-02T14:SPIKE")
    connection.get(PATH, {"symbol": "币安人生USDT"})
    connection.delete(PATH)
    connection.close()

    posted, asked, deleted = server.requests
    assert {request.headers["x-api-key"] for request in server.requests} == {KEY}
    assert posted.headers["idempotency-key"] == f"volume:{quote('币安人生')}USDT:2026-01-02T14:SPIKE"
    assert (posted.headers["content-type"], posted.body) == ("application/json", b'{"a":1}')
    assert asked.path == f"{PATH}?symbol=币安人生USDT"
    assert "idempotency-key" not in asked.headers
    assert deleted.method == "DELETE"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Permanent), (405, Permanent), (409, Permanent), (410, Permanent), (413, Permanent), (422, Permanent),
        (401, Misdirected), (403, Misdirected), (404, Misdirected), (301, Misdirected), (307, Misdirected),
        (408, Transient), (425, Transient), (429, Transient), (501, Transient), (502, Transient), (503, Transient),
        (504, Transient), (522, Transient), (500, Faulted),
    ],
)  # fmt: skip
def test_each_status_is_an_error_of_its_kind(server: AnsweringServer, status: int, kind: type[Exception]) -> None:
    server.answers[PATH] = Answer(status, b'{"error":"so it is"}', {"Location": "/elsewhere"})
    connection = connect(server.url)

    error = connection.refusal(connection.post(PATH, b"{}"))

    assert type(error) is kind
    assert str(error) == f"{PATH} answered HTTP {status}: so it is"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("999999", 900.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)]
)
def test_the_backend_may_say_when_to_come_back(server: AnsweringServer, header: str, seconds: float | None) -> None:
    server.answers[PATH] = Answer(429, b"{}", {"Retry-After": header})
    connection = connect(server.url)

    error = connection.refusal(connection.post(PATH, b"{}"))

    assert isinstance(error, Transient)
    assert error.retry_after == seconds


@pytest.mark.parametrize(("content", "kind"), [(b"<!doctype html>", Transient), (b'{"succ', Unanswered)])
def test_an_answer_that_is_not_the_backend_s_is_a_web_page_for_a_while_or_was_cut_off(
    server: AnsweringServer, content: bytes, kind: type[Exception]
) -> None:
    server.answers[PATH] = Answer(200, content)
    connection = connect(server.url)

    with pytest.raises(kind) as failed:
        connection.parsed(wire.parse_success, connection.post(PATH, b"{}"))

    assert type(failed.value) is kind
    assert repr(content) in str(failed.value)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("said", [KEY, quote(KEY, safe=""), json.dumps(KEY)])
def test_a_key_that_an_answer_quotes_goes_no_further(server: AnsweringServer, said: str, status: int) -> None:
    server.answers[PATH] = Answer(status, b"x" * 495 + said.encode())
    connection = connect(server.url)

    with pytest.raises((Transient, Permanent)) as failed:
        connection.parsed(wire.parse_success, connection.get(PATH, {"apiKey": KEY}))

    assert not is_told(everything_of(failed.value))
    assert said[:5] not in str(failed.value)


@pytest.mark.parametrize("spelling", [r"k\"e\/y%1", r"\u006b\"e/y\u00251"])
def test_a_key_that_an_answer_spells_in_its_own_way_goes_no_further(server: AnsweringServer, spelling: str) -> None:
    server.answers[PATH] = Answer(400, f'{{"error":"not {spelling}"}}'.encode())
    connection = connect(server.url)

    error = connection.refusal(connection.post(PATH, b"{}"))

    assert str(error) == f"{PATH} answered HTTP 400: not (key)"


def test_a_backend_that_is_not_there_is_told_without_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "volspike")

    with pytest.raises(Transient, match=r"cannot be reached at http://127\.0\.0\.1:1: connection refused") as failed:
        connect("http://127.0.0.1:1").get(PATH, {"apiKey": KEY})

    assert not isinstance(failed.value, Unanswered)
    assert not is_told(everything_of(failed.value) + caplog.text)


@pytest.mark.parametrize(
    ("said", "then", "problem"),
    [
        (b"", b"", "no answer in time"),
        (b"", None, "the connection was cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", None, "the connection was cut off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", None, "the connection was cut off"),
    ],
)
def test_a_backend_that_hangs_or_hangs_up_is_told_without_the_key(
    said: bytes, then: bytes | None, problem: str
) -> None:
    patience_seconds = LONG_SECONDS if then is None else SHORT_SECONDS
    with saying(said, then) as url, pytest.raises(Unanswered, match=problem) as failed:
        connect(url, patience_seconds).get(PATH, {"apiKey": KEY})

    assert not is_told(everything_of(failed.value))


def test_an_answer_to_a_payload_is_small_and_a_list_may_be_large(server: AnsweringServer) -> None:
    server.answers[PATH] = Answer(200, b"x" * (limits.LARGEST + 1))
    connection = connect(server.url)

    assert len(connection.get(PATH, {}).content) == limits.LARGEST + 1
    with pytest.raises(Unanswered, match="its answer is too large"):
        connection.post(PATH, b"{}")


def test_a_backend_that_drips_is_given_up() -> None:
    with (
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x") as url,
        pytest.raises(Unanswered) as failed,
    ):
        connect(url, SHORT_SECONDS).post(PATH, b"{}")

    assert str(failed.value) == f"the backend cannot be reached at {url}: no answer in time"


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answers[PATH] = Answer()

    assert connect(server.url).get(PATH, {}).status == 200

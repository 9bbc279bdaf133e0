"""HTTP to one host, against real servers and real proxies."""

import gzip

import pytest

from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.binance.transport import Transport
from volspike.clients.errors import Permanent, Transient

EXCHANGE = "http://exchange.invalid"
TIMEOUT = (1.0, 5.0)


def ask(url: str, *, compressed: bool = False) -> bytes:
    return Transport(url, TIMEOUT, 1).get("/path?symbol=%E7%89%9B", compressed=compressed).data


def test_an_answer_comes_whatever_its_status_and_no_redirection_is_followed(rest_server: AnsweringServer) -> None:
    rest_server.answers["/path"] = Answer(302, b"elsewhere", {"Location": "/other"})

    answer = Transport(rest_server.url, TIMEOUT, 1).get("/path", compressed=False)

    assert (answer.status, answer.data) == (302, b"elsewhere")
    assert rest_server.asked == ["/path"]


def test_an_address_with_a_path_keeps_it(rest_server: AnsweringServer) -> None:
    rest_server.answers["/api/path"] = Answer(body=b"here")

    assert ask(f"{rest_server.url}/api") == b"here"
    assert rest_server.asked == ["/api/path?symbol=牛"]


def test_a_compressed_answer_is_unpacked(rest_server: AnsweringServer) -> None:
    rest_server.answers["/path"] = Answer(body=gzip.compress(b"large"), headers={"Content-Encoding": "gzip"})

    assert ask(rest_server.url, compressed=True) == b"large"


def test_a_proxy_of_the_environment_is_used(rest_server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", rest_server.url.replace("http://", "http://user:p%40ss@"))
    rest_server.answers["http://exchange.invalid/path"] = Answer(body=b"by proxy")

    assert ask(EXCHANGE) == b"by proxy"


def test_a_proxy_may_be_given_without_its_scheme_and_for_all(
    rest_server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", rest_server.url.removeprefix("http://"))
    rest_server.answers["http://exchange.invalid/path"] = Answer(body=b"by proxy")

    assert ask(EXCHANGE) == b"by proxy"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_leads_to_this_machine(
    rest_server: AnsweringServer, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    rest_server.answers["/path"] = Answer(body=b"directly")

    assert ask(rest_server.url.replace("127.0.0.1", host)) == b"directly"


def test_a_host_that_the_environment_excepts_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", ".invalid")

    with pytest.raises(Transient, match="its name cannot be resolved"):
        ask(EXCHANGE)


def test_a_proxy_where_nobody_listens_is_told_apart_from_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")

    with pytest.raises(Transient, match=r"at https://exchange\.invalid: the proxy cannot be reached$"):
        ask("https://exchange.invalid")


def test_a_proxy_that_is_not_spoken_to_in_http_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")

    with pytest.raises(Permanent, match="must be an http:// or https:// address"):
        Transport("https://exchange.invalid", TIMEOUT, 1)


def test_a_server_without_tls_is_transient_in_a_few_words(rest_server: AnsweringServer) -> None:
    with pytest.raises(Transient, match="cannot be reached at https"):
        ask(rest_server.url.replace("http", "https"))

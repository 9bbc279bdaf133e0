"""Answers that drip, and answers without an end."""

import time

import pytest
import requests

from tests.unit.answers import saying
from volspike.clients.limits import Limited, TooLarge, content, session
from volspike.clients.reasons import reason, was_sent

SHORT_SECONDS = 0.05
"""For answers that never end; what does come may take its time."""
HEAD = b"HTTP/1.1 200 OK\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\n{}"
MOST = 1000


def ask(url: str, proxy: str = "", *, patience_seconds: float = 20.0) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", Limited())
        proxies = {"http": proxy} if proxy else {}
        return content(session.get(url, stream=True, timeout=(10.0, patience_seconds), proxies=proxies), MOST)


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        (b"", b"H"),
        (HEAD, b"X"),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
)
def test_an_answer_that_drips_is_given_up_in_time(begin: bytes, drip: bytes) -> None:
    before = time.monotonic()
    with saying(begin, drip) as url, pytest.raises(requests.RequestException) as failed:
        ask(url, patience_seconds=SHORT_SECONDS)

    assert time.monotonic() - before < 10
    assert (reason(failed.value), was_sent(failed.value)) == ("no answer in time", True)


def test_a_proxy_that_drips_is_given_up_too() -> None:
    with saying(b"", b"H") as proxy, pytest.raises(requests.RequestException, match="Read timed out"):
        ask("http://telegram.invalid/", proxy, patience_seconds=SHORT_SECONDS)


@pytest.mark.parametrize("length", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
def test_an_answer_without_an_end_is_not_kept(length: bytes) -> None:
    begin = HEAD + length + b"\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 2 + b"0\r\n\r\n"
    with saying(begin, b"x" * 10_000, pause=0.0) as url, pytest.raises(TooLarge) as failed:
        ask(url)

    assert (reason(failed.value), was_sent(failed.value)) == ("its answer is too large", True)


def test_every_other_answer_comes_as_it_is() -> None:
    with saying(WHOLE) as url:
        assert ask(url) == b"{}"


@pytest.mark.parametrize(
    ("url", "by_proxy"),
    [
        ("http://127.0.0.1:3001", False),
        ("http://127.0.0.53", False),
        ("http://[::1]:80/x", False),
        ("http://Localhost:3001", False),
        ("https://discord.com", True),
        ("https://localhost.example.org", True),
    ],
)
def test_a_session_goes_by_the_proxy_of_the_environment_but_to_this_machine(url: str, *, by_proxy: bool) -> None:
    with session(url, pool_maxsize=3) as made:
        assert made.trust_env is by_proxy
        assert isinstance(made.get_adapter(url), Limited)

"""Why requests fail, as real ones do."""

import pytest
import requests
import urllib3

from tests.unit.answers import saying
from volspike.clients.reasons import reason, was_sent

SECRET = "123:secret"  # noqa: S105 - stands for one


def failure_of(url: str, patience_seconds: float = 20.0) -> requests.RequestException:
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as failed:
            session.post(url, data=b"{}", timeout=(10.0, patience_seconds))
    return failed.value


@pytest.mark.parametrize(
    ("answer", "then", "words"),
    [
        (b"", b"", "no answer in time"),
        (b"", None, "the connection was cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", None, "the connection was cut off"),
    ],
)
def test_a_request_that_went_out_may_have_been_taken(answer: bytes, then: bytes | None, words: str) -> None:
    with saying(answer, then) as url:
        error = failure_of(f"{url}/bot{SECRET}", 20.0 if then is None else 0.05)

    assert (reason(error), was_sent(error)) == (words, True)


@pytest.mark.parametrize(
    ("host", "words"),
    [("127.0.0.1:1", "connection refused"), ("telegram.invalid", "its name cannot be resolved")],
)
def test_where_nobody_listens_nothing_was_sent(host: str, words: str) -> None:
    error = failure_of(f"http://{host}/bot{SECRET}")

    assert (reason(error), was_sent(error)) == (words, False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout("Connection to 203.0.113.1 timed out. (connect timeout=1)"), "no answer in time"),
        (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"), "its certificate cannot be verified"),
        (requests.exceptions.ProxyError("Unable to connect to proxy: Connection refused"), "the proxy cannot be"),
        (requests.ConnectionError("[Errno 101] Network is unreachable"), "the network is unreachable"),
        (urllib3.exceptions.HTTPError("[Errno 113] No route to host"), "the network is unreachable"),
        (requests.TooManyRedirects(f"30 at /bot{SECRET}"), "TooManyRedirects"),
    ],
)
def test_every_other_way_to_fail_has_its_few_words_too(error: Exception, words: str) -> None:
    assert reason(error).startswith(words)
    assert not was_sent(error)

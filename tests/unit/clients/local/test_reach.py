"""Whether somebody answers."""

import socket

import pytest

from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.local import reach


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hc-ping.com/a-secret?b=c", "https://hc-ping.com"),
        ("https://user:secret@example.org:8443/x", "https://example.org:8443"),
        ("wss://fstream.binance.com", "https://fstream.binance.com"),
        ("ws://[::1]:8890/market", "http://[::1]:8890"),
    ],
)
def test_scheme_and_host_are_all_that_is_asked_and_told(url: str, host: str) -> None:
    assert reach.origin(url) == host


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_any_answer_is_one_and_no_secret_is_sent(api: AnsweringServer, status: int) -> None:
    api.answers["/"] = Answer(status, headers={"Location": "http://127.0.0.1:9/"})

    assert reach.problem(f"{api.url}/a-secret") == ""
    assert api.asked == ["/"]


def test_where_nobody_listens_that_is_the_problem() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))

        assert reach.problem(f"http://127.0.0.1:{probe.getsockname()[1]}") == "connection refused"


def test_who_does_not_answer_in_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "TIMEOUT_SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        assert reach.problem(f"http://127.0.0.1:{silent.getsockname()[1]}") == "no answer in time"

"""The API daemon on a real socket."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.processes import until
from tests.unit.examples import NOW, funding_document, funding_row
from volspike.daemons import funding_api
from volspike.daemons.launch import CannotStartError
from volspike.runtime import sockets
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, file


def test_it_serves_the_state_file_until_a_signal_comes(
    daemon: Daemon, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    file.write(
        runtime_dir / documents.FUNDING, documents.encode(funding_document({"币安人生USDT": funding_row(NOW - 1)}))
    )
    port = free_port()
    answers: list[requests.Response] = []

    def ask() -> None:
        url = f"http://127.0.0.1:{port}/funding/"
        until(lambda: sockets.holder(port).endswith(f"(pid {os.getpid()})"))
        with requests.Session() as session:
            answers.extend(session.get(url + path, timeout=30) for path in ("币安人生usdt", "health", "NOPE"))
            answers.append(session.head(url + "health", timeout=30))
        os.kill(os.getpid(), signal.SIGTERM)

    client = threading.Thread(target=ask)
    client.start()
    funding_api.run(daemon, settings(funding_api_port=port), False)
    client.join()

    assert [answer.status_code for answer in answers] == [200, 200, 404, 200]
    assert answers[0].json()["ageSeconds"] == 1.0
    assert answers[3].content == b""
    assert "server" not in answers[0].headers
    beat = documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes()
    assert f"listening on 127.0.0.1:{port}, serving 1 symbol, all well".encode() in beat


def test_a_port_in_use_is_one_line_that_names_it_and_what_to_do(
    daemon: Daemon, settings: Callable[..., Settings]
) -> None:
    with sockets.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotStartError) as refused:
            funding_api.run(daemon, settings(funding_api_port=port), False)

    message = str(refused.value)
    assert f"port {port} on 127.0.0.1 is in use by" in message
    assert f"(pid {os.getpid()}); stop it or set FUNDING_API_PORT" in message
    assert "\n" not in message


def test_an_address_of_another_machine_names_the_setting(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    with pytest.raises(CannotStartError, match=r"cannot listen on 192\.0\.2\.1:8888 .*; set FUNDING_API_HOST"):
        funding_api.run(daemon, settings(funding_api_host="192.0.2.1"), False)


def test_once_has_no_meaning_for_a_server(daemon: Daemon, settings: Callable[..., Settings]) -> None:
    with pytest.raises(CannotStartError, match="--once has no meaning"):
        funding_api.run(daemon, settings(), True)

"""The WS daemon's loop against a stream on loopback."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.clients.binance.conftest import Exchange, deliver
from volspike.clients.binance.stream import MarketStream, StuckError
from volspike.daemons import funding_ws
from volspike.daemons.launch import CannotStartError, launch
from volspike.model.documents import FundingDocument
from volspike.runtime.clock import Clock
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

FAST = Clock(20.0, 1_790_856_000.0)


@pytest.fixture
def stream() -> Iterator[Exchange]:
    made = Exchange()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def fast_daemon(runtime_dir: Path) -> Iterator[Daemon]:
    with Daemon("funding-ws", FAST, runtime_dir) as running:
        yield running


def feed(runtime_dir: Path) -> FundingDocument:
    return documents.decode((runtime_dir / documents.FUNDING).read_bytes(), FundingDocument)


def test_once_ends_when_the_first_ticks_are_in_the_files(
    fast_daemon: Daemon, stream: Exchange, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    stream.behave = deliver()

    funding_ws.run(fast_daemon, settings(binance_ws_url=stream.url), True)

    assert stream.paths == ["/market/stream?streams=!ticker@arr/!markPrice@arr@1s"]
    assert feed(runtime_dir).funding_state.keys() == {"BTCUSDT"}
    assert feed(runtime_dir).connection_status.messages_received > 1
    assert not feed(runtime_dir).connection_status.connected


def test_a_signal_ends_it_whatever_the_stream_does(
    fast_daemon: Daemon, stream: Exchange, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()

    funding_ws.run(fast_daemon, settings(binance_ws_url=stream.url), False)

    assert fast_daemon.stopping
    assert not feed(runtime_dir).connection_status.connected


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every attempt to connect hang, and that have been noticed."""

    def wait(_: MarketStream, __: float) -> None:
        raise StuckError("10 attempts to connect hang; starting afresh")

    monkeypatch.setattr(MarketStream, "wait", wait)


@pytest.mark.usefixtures("stuck")
def test_attempts_that_hang_without_end_end_the_daemon_in_order(
    fast_daemon: Daemon, stream: Exchange, settings: Callable[..., Settings], runtime_dir: Path
) -> None:
    with pytest.raises(CannotStartError, match="10 attempts to connect hang"):
        funding_ws.run(fast_daemon, settings(binance_ws_url=stream.url), False)

    assert not feed(runtime_dir).connection_status.connected


@pytest.mark.usefixtures("stuck", "root_logger")
def test_attempts_that_hang_without_end_are_one_line_and_exit_one(
    stream: Exchange, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["volspike"])
    monkeypatch.setenv("BINANCE_WS_URL", stream.url)
    monkeypatch.setenv("VOLSPIKE_RUNTIME_DIR", str(runtime_dir))

    assert launch("funding-ws", funding_ws.run) == 1

    (line,) = [line for line in capsys.readouterr().err.splitlines() if "hang" in line]
    assert line.endswith("10 attempts to connect hang; starting afresh")

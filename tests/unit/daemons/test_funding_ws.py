"""The WS daemon's loop against a stream on loopback."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.clients.binance.conftest import Exchange, deliver
from volspike.daemons import funding_ws
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

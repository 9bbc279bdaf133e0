"""What the daemons' tests share: a daemon on a clock that the test moves, and settings for a place of its own."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.answers import AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.daemons.feeds import Bench
from tests.unit.examples import NOW
from volspike import settings as settings_module
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings


@pytest.fixture(autouse=True)
def own_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Only what this test's threads say is in its log: some of the one before may not have ended."""
    strangers = set(threading.enumerate()) - {threading.current_thread()}

    def is_ours(_: logging.LogRecord) -> bool:
        return threading.current_thread() not in strangers

    caplog.handler.addFilter(is_ours)
    yield
    caplog.handler.removeFilter(is_ours)


@pytest.fixture
def clock() -> MovedClock:
    """A clock that stands at NOW until the test moves it."""
    return MovedClock(anchor=NOW)


@pytest.fixture
def runtime_dir(tmp_path: Path) -> Path:
    """The suite's runtime directory, with the monitor's beside it."""
    for name in ("run", "run-health", "state", "state-health"):
        (tmp_path / name).mkdir()
    return tmp_path / "run"


@pytest.fixture
def daemon(runtime_dir: Path, clock: MovedClock) -> Iterator[Daemon]:
    """A running daemon."""
    with Daemon("funding-ws", clock, runtime_dir) as running:
        yield running


@pytest.fixture
def settings(runtime_dir: Path, clock: MovedClock) -> Callable[..., Settings]:
    """Settings of a suite that lives in the test's own place."""
    places = {"VOLSPIKE_RUNTIME_DIR": str(runtime_dir), "VOLSPIKE_STATE_DIR": str(runtime_dir.with_name("state"))}

    def made(**changes: Any) -> Settings:
        return replace(settings_module.load(places), clock=clock, **changes)

    return made


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    """A server in the place of Binance's REST, or of the suite's own API."""
    with AnsweringServer() as running:
        yield running


@pytest.fixture
def bench(daemon: Daemon, runtime_dir: Path, clock: MovedClock) -> Bench:
    """A feed of the WS daemon, with its source and its files at hand."""
    return Bench(daemon, runtime_dir, clock)

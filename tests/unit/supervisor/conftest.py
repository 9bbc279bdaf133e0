"""A suite over real children, in an environment for them that looks at an exchange where nobody answers."""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.locks import held
from volspike.model.suite import DaemonInfo, daemon_named
from volspike.runtime.clock import Clock
from volspike.state import documents
from volspike.supervisor.loop import ForegroundSuite

FUNDING = tuple(daemon_named(name) for name in ("funding-ws", "funding-api", "health-monitor"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The variables of a suite in the test's own place."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.getcwd(),
        "BINANCE_WS_URL": "ws://127.0.0.1:1",
        "VOLSPIKE_RUNTIME_DIR": str(tmp_path),
        "VOLSPIKE_STATE_DIR": str(tmp_path / "state"),
    }


@pytest.fixture
def signals() -> Iterator[None]:
    """The handlers of this process, given back afterwards."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[None]:
    """The lock that says that a suite lives here; who runs the loop holds it."""
    with held(tmp_path / documents.SUPERVISION_LOCK):
        yield


def ran(
    runtime_dir: Path, environment: dict[str, str], *, daemons: Sequence[DaemonInfo] = FUNDING, **others: Any
) -> ForegroundSuite:
    """Run a suite to its end."""
    said = {"simulated": True, "say": lambda *_: None, "on_change": lambda _: None}
    suite = ForegroundSuite(daemons, runtime_dir, environment, Clock(), **{**said, **others})
    suite.run()
    for child in suite.children:
        child.notifications.close()
    return suite

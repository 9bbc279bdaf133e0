"""An environment for children that look at an exchange where nobody answers."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


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

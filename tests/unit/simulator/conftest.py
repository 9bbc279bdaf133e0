"""What the simulator's unit tests share: the bundled recording and a market built on it."""

import pytest

from volspike.runtime.clock import Clock
from volspike.simulator import recording
from volspike.simulator.exchange import Exchange, Options
from volspike.simulator.market import Market
from volspike.simulator.recording import Recording
from volspike.simulator.tickers import Tickers

NOON = 1_790_856_000
"""2026-10-01 12:00 UTC: the clock hour in which the recorded hour 24 plays."""


@pytest.fixture(scope="session")
def bundled() -> Recording:
    return recording.load()


@pytest.fixture(scope="session")
def market(bundled: Recording) -> Market:
    return Market(bundled, seed=1, origin=NOON)


@pytest.fixture(scope="session")
def tickers(market: Market) -> Tickers:
    return Tickers(market)


@pytest.fixture(scope="session")
def noon() -> int:
    return NOON


@pytest.fixture
def exchange(bundled: Recording) -> Exchange:
    return Exchange(Options(), Clock(), bundled)

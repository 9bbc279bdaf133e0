"""What the integration tests share: a simulated exchange, and daemons as real processes around it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends import BackendServer
from tests.integration.deliveries import Delivery
from tests.integration.sweeps import INGEST, RATE, SENSITIVE, with_backend
from tests.processes import Suite, clock_rate
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is opened here is closed when the test ends."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def exchange() -> Iterator[SimulatorProcess]:
    """A simulated Binance of the test's own."""
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def suite(exchange: SimulatorProcess, tmp_path: Path) -> Iterator[Suite]:
    """A place for daemons that look at the simulated exchange; ended when the test ends."""
    with Suite(tmp_path, exchange) as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatorProcess]:
    """A simulated Binance at ten times the speed, for all tests of a module."""
    with SimulatorProcess(env={"VOLSPIKE_CLOCK_RATE": "10"}) as process:
        yield process


@pytest.fixture
def simulator(shared: SimulatorProcess) -> Iterator[SimulatorProcess]:
    """The shared one; the faults of a test end with it."""
    yield shared
    shared.clear()


@pytest.fixture
def delivery(tmp_path: Path, stack: ExitStack) -> Delivery:
    """An outbox, and a backend of its own."""
    return Delivery(tmp_path, stack.enter_context(BackendServer()), stack)


@pytest.fixture
def backend() -> Iterator[AnsweringServer]:
    """A backend that takes every sample."""
    with AnsweringServer() as server:
        server.answers[INGEST] = Answer(body=b'{"success":true,"inserted":100}')
        yield server


@pytest.fixture
def polled(suite: Suite, exchange: SimulatorProcess, backend: AnsweringServer) -> Suite:
    """A place whose backend names forty symbols; real time."""
    return with_backend(suite, exchange, backend)


@pytest.fixture
def fast_exchange() -> Iterator[SimulatorProcess]:
    """A simulated Binance at sixty times the speed."""
    with SimulatorProcess(env={"VOLSPIKE_CLOCK_RATE": clock_rate(RATE)}) as simulator:
        yield simulator


@pytest.fixture
def fast(fast_exchange: SimulatorProcess, backend: AnsweringServer, tmp_path: Path) -> Iterator[Suite]:
    """The same, where a minute passes in a second, and any move alerts."""
    with Suite(tmp_path, fast_exchange, VOLSPIKE_CLOCK_RATE=clock_rate(RATE), **SENSITIVE) as running:
        yield with_backend(running, fast_exchange, backend)

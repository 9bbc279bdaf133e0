"""What the browser tests share: one running suite against the simulator, and a real headless Chromium."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.window import Window, chromium
from tests.processes import DaemonProcess, Suite, until
from tests.simulation import SimulatorProcess

REQUIRED = os.environ.get("VOLSPIKE_REQUIRE_BROWSER") == "1"
PROGRAMS = ("chromium", "chromedriver")
KEY = "browser-test"
DAEMONS = ("funding-ws", "funding-api", "courier", "oi-poller", "volume-alerts", "user-alerts", "dashboard")
START_SECONDS = 120.0
TEST_SECONDS = 400
"""The first test starts the whole suite and a browser, on a machine that may be busy."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests more time than others."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.fixture(scope="session", autouse=True)
def _browser_is_there() -> None:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing and REQUIRED:
        pytest.fail(f"no {' and no '.join(missing)}: apt-get install chromium chromium-driver")
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} (apt-get install chromium chromium-driver)")


@pytest.fixture(scope="session")
def exchange() -> Iterator[SimulatorProcess]:
    """The simulated Binance that all browser tests share: a fault must be cleared by the test that starts it."""
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def place(exchange: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """Where the suite lives."""
    directory = tmp_path_factory.mktemp("suite")
    chat = {"TELEGRAM_TOKEN": "1:demo", "CHAT_ID": "-1001", "TELEGRAM_API_URL": exchange.rest_url}
    with Suite(directory, exchange, VOLSPIKE_API_KEY=KEY, **chat) as made:
        yield made


@pytest.fixture(scope="session")
def daemons(place: Suite) -> dict[str, DaemonProcess]:
    """The running daemons of the suite, by name."""
    backend = place.start("backend")
    until(lambda: "READY=1" in backend.told(), START_SECONDS, "READY of backend")
    place.start("liquid-universe").wait(START_SECONDS)
    started = {name: place.start(name) for name in DAEMONS}
    for name, daemon in started.items():
        until(lambda daemon=daemon: "READY=1" in daemon.told(), START_SECONDS, f"READY of {name}")  # type: ignore[misc]
    return {"backend": backend, **started}


@pytest.fixture(scope="session")
def suite(place: Suite, daemons: dict[str, DaemonProcess]) -> Suite:
    """The suite that all browser tests share, with data on every page."""
    until(lambda: len(place.rows()) > 800, START_SECONDS, "800 symbols in the state file")
    until(lambda: place.document(".hourly_volume.json"), START_SECONDS, "a scan of the volumes")
    until(lambda: place.document(".open_interest.json"), START_SECONDS, "a sweep of open interest")
    return place


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    """One Chromium for all tests; each test opens its pages with a fresh localStorage."""
    with tempfile.TemporaryDirectory(prefix="volspike-chromium-") as profile:
        made = chromium(Path(profile))
        try:
            yield made
        finally:
            made.quit()


@pytest.fixture
def window(driver: Any, suite: Suite) -> Iterator[Window]:
    """A window on the dashboard; at the end nothing may stand in its console, and nothing may be from elsewhere."""
    opened = Window(driver, f"http://127.0.0.1:{suite.dashboard_port}")
    opened.start()
    yield opened
    opened.be_a_desk()
    assert opened.complaints() == []
    assert opened.foreign_addresses() == []


@pytest.fixture
def eventually() -> Callable[..., float]:
    """Wait for a condition, as long as a busy machine may need."""
    return lambda condition, what="the condition": until(condition, 30.0, what)

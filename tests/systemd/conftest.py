"""What the tests under a real systemd share: one installed server, and two more on which daemons hang meanwhile."""

import os
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from tests.systemd.machine import CannotError, Done, Image, eventually, image
from tests.systemd.server import (
    A_CHAT,
    API,
    FEED,
    FUNDING,
    POINTED_AT_THE_EXCHANGE,
    TIMER,
    Server,
    build_wheel,
    changed_wheel,
)

HERE = Path(__file__).parent
NEXT_VERSION = "9.9.0"
RECOVERY_SECONDS = 240.0
"""The monitor looks once a minute and the watchdog waits for half of one; all of it takes longer on a busy machine."""
TIMEOUT_SECONDS = 900
"""Of one test; the first one also waits for the cached root when that has to be made."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests on machines more time than the others."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


def cannot(error: CannotError) -> NoReturn:
    """Skip in one line, or fail where a skip is not allowed."""
    if os.environ.get("VOLSPIKE_REQUIRE_SYSTEMD") == "1":
        raise error
    pytest.skip(f"no machine with systemd can be made here: {error}")


@pytest.fixture(scope="session")
def base() -> Image:
    """What machines are made from."""
    try:
        found = image()
        with Server(found, "first"):
            return found
    except CannotError as error:
        cannot(error)


@pytest.fixture(scope="session")
def wheel(base: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("dist"), base.wheels)


@pytest.fixture(scope="session")
def next_wheel(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a later version."""
    return changed_wheel(wheel, tmp_path_factory.mktemp("next"), NEXT_VERSION)


class Installed(NamedTuple):
    """A server on which the suite was installed from scratch, and what the installation said."""

    server: Server
    installation: Done


@pytest.fixture(scope="session")
def installed(base: Image, wheel: Path) -> Iterator[Installed]:
    """The server that most tests share; each leaves it with the suite up."""
    with Server(base, "server") as server:
        server.start_exchange()
        server.write("/root/first.env", POINTED_AT_THE_EXCHANGE + A_CHAT)
        yield Installed(server, server.install(wheel, "--env", "/root/first.env"))


@pytest.fixture
def server(installed: Installed, request: pytest.FixtureRequest) -> Iterator[Server]:
    """The shared server, up; what it has logged meanwhile is shown when the test fails."""
    server, _ = installed
    started = time.time()
    yield server
    if request.node.stash.get(FAILED, False):
        print(server.run("journalctl", "--no-pager", f"--since=@{started:.0f}").out)  # noqa: T201


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for the fixtures whether the test has failed; let all that are skipped share one line."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (str(HERE), 0, report.longrepr[2])
    return report


# --- what takes a minute costs no minute --------------------------------------------------------------------------


class Recovery(NamedTuple):
    """How a daemon that hung came back."""

    seconds: float
    journal: str


class Recoveries(NamedTuple):
    """Recoveries that go on in the background."""

    feed_by_watchdog: "Future[Recovery]"
    api_by_watchdog: "Future[Recovery]"
    feed_by_monitor: "Future[Recovery]"


@pytest.fixture(scope="session", autouse=True)
def patience(base: Image, installed: Installed, request: pytest.FixtureRequest) -> Iterator[Recoveries | None]:
    """Two servers like the installed one, on which daemons hang from the beginning, if a test asks for them."""
    if not any("recoveries" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    shared = installed.server
    with (
        Server(base, "watched", like=shared) as watched,
        Server(base, "monitored", like=shared) as monitored,
        ThreadPoolExecutor(3) as background,
    ):
        yield Recoveries(
            background.submit(hang_the_feed, watched),
            background.submit(hang_the_api, watched),
            background.submit(hang_the_feed_without_watchdog, monitored),
        )


@pytest.fixture
def recoveries(patience: Recoveries | None) -> Recoveries:
    """The recoveries; a test waits for the one it judges."""
    assert patience is not None
    return patience


def hang_the_feed(server: Server) -> Recovery:
    """Stop the feed in its tracks, with nobody but the watchdog to notice."""
    server.run("systemctl", "stop", TIMER)
    eventually(lambda: time.time() - server.written_at() < 5, RECOVERY_SECONDS, "data after the boot")
    stopped = server.signal(FEED, "STOP")
    took = eventually(lambda: server.written_at() > stopped + 1, RECOVERY_SECONDS, "fresh data after a hung feed")
    return Recovery(took, server.journal(FEED))


def hang_the_api(server: Server) -> Recovery:
    """Stop the API in its tracks, with nobody but the watchdog to notice."""
    server.run("systemctl", "stop", TIMER)
    eventually(server.updated_at, RECOVERY_SECONDS, "an answer after the boot")
    server.signal(API, "STOP")
    took = eventually(lambda: server.ask(f"{FUNDING}/ready")[0] == 200, RECOVERY_SECONDS, "answers after a hung API")
    return Recovery(took, server.journal(API))


def hang_the_feed_without_watchdog(server: Server) -> Recovery:
    """Stop the feed in its tracks, with nobody but the health monitor and its timer to notice."""
    server.write(f"/etc/systemd/system/{FEED}.d/override.conf", "[Service]\nWatchdogSec=0\n")
    server.run("systemctl", "daemon-reload")
    server.run("systemctl", "restart", FEED)
    restarted = time.time()
    server.wait_for_data_after(restarted, RECOVERY_SECONDS)
    stopped = server.signal(FEED, "STOP")
    took = server.wait_for_data_after(stopped + 1, RECOVERY_SECONDS)
    return Recovery(took, server.journal("funding-health-check.service"))

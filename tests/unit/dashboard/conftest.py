"""What the dashboard's tests share: the application with all its pages, served in this process without a browser.

NiceGUI keeps its routes in the module, so there is one application for all tests, over files that each test writes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, funding_document, funding_row
from volspike import settings as settings_module
from volspike.dashboard.app import build_app
from volspike.dashboard.place import Place
from volspike.settings import Settings
from volspike.state import documents, file


class Served(NamedTuple):
    """The application, and what it was built from."""

    client: TestClient
    place: Place
    clock: MovedClock
    settings: Settings

    def get(self, path: str) -> str:
        """Return a page of now: what other tests have left open is read anew first."""

        async def look_again() -> None:
            for topic in self.place._topics:
                await topic.refresh()

        assert self.client.portal is not None
        self.client.portal.call(look_again)
        return self.client.get(path).text


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application over a feed of two symbols."""
    directory = tmp_path_factory.mktemp("dashboard")
    for name in ("run", "run-health", "state", "state-health"):
        (directory / name).mkdir()
    clock = MovedClock(anchor=NOW)
    places = {"VOLSPIKE_RUNTIME_DIR": str(directory / "run"), "VOLSPIKE_STATE_DIR": str(directory / "state"),
              "BACKEND_PORT": "1"}  # fmt: skip
    settings = replace(settings_module.load(places), clock=clock)
    feed = funding_document({"BTCUSDT": funding_row(NOW - 1), "币安人生USDT": funding_row(NOW - 30, mark=0.25)})
    file.write(settings.runtime_dir / documents.FUNDING, documents.encode(feed))
    place = Place(settings, clock)
    with TestClient(build_app(place), base_url="http://127.0.0.1:8501") as client:
        yield Served(client, place, clock, settings)

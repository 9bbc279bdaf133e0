"""An embedded backend over a file of the test's own, asked by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.asgi import Reply, ask
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.backend.app import build_app
from volspike.backend.documentation import Documented
from volspike.backend.reception import Desk
from volspike.backend.store import Store
from volspike.rules.hysteresis import Thresholds
from volspike.rules.polling import Pace
from volspike.runtime.metrics import Metrics
from volspike.state import documents

KEY = "secret"


class Client:
    """Asks the application as one that knows the key."""

    def __init__(self, app: Documented) -> None:
        self.app = app

    def get(self, path: str, query: str = "", key: str = KEY) -> Reply:
        """Ask."""
        return ask(self.app, path, query, headers={"x-api-key": key})

    def post(self, path: str, body: object, key: str = KEY, episode: str = "", method: str = "POST") -> Reply:
        """Send a body, as it is or as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"x-api-key": key, **({"idempotency-key": episode} if episode else {})}
        return ask(self.app, path, method=method, body=content, headers=headers)

    def listed(self, query: str = "") -> list[Any]:
        """Return the latest alerts."""
        alerts: list[Any] = self.get("/api/alerts", query).json["alerts"]
        return alerts


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(anchor=NOW)


@pytest.fixture
def store(tmp_path: Path, clock: MovedClock) -> Iterator[Store]:
    opened = Store(tmp_path / documents.BACKEND, clock)
    yield opened
    opened.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("backend")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store, KEY)


@pytest.fixture
def app(desk: Desk, metrics: Metrics) -> Documented:
    return build_app(desk, metrics, Thresholds(4e6, 2e6), Pace())


@pytest.fixture
def client(app: Documented) -> Client:
    return Client(app)

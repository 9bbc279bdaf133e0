"""What the tests of delivery share: a place for the database, a clock that the test moves, and messages."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.delivery.routes import World
from tests.unit.examples import NOW
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import Road
from volspike.delivery.route import BackendRoute, ChatRoute
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Entry, Kind, Message, State
from volspike.runtime.clock import Clock

ROUTES = {
    Kind.VOLUME: (BACKEND, BACKEND_DEV, TELEGRAM),
    Kind.OPEN_INTEREST: (BACKEND,),
    Kind.TRIGGER: (BACKEND,),
    Kind.HEALTH: (),
}

WAITING = Entry(
    id=17,
    destination=TELEGRAM,
    key="volume:BTCUSDT:2026-10-01T12:SPIKE",
    kind=Kind.VOLUME,
    symbol="BTCUSDT",
    at=NOW,
    payload=b'{"symbol":"BTCUSDT"}',
    text="BTCUSDT happened",
    state=State.WAITING,
    since=NOW,
    settled_at=None,
    attempts=2,
    problem="",
)


def message(
    key: str = "volume:BTCUSDT:2026-10-01T12:SPIKE",
    symbol: str = "BTCUSDT",
    *,
    kind: Kind = Kind.VOLUME,
    at: float = NOW,
) -> Message:
    """Return a message."""
    return Message(key, kind, symbol, at, b'{"symbol":"BTCUSDT"}', f"{symbol} happened")


def put_alerts(path: Path, *keys: str, kind: Kind = Kind.VOLUME) -> None:
    """Put alerts with these keys, each of a symbol of that name."""
    with Outbox(path, Clock(), ROUTES) as outbox:
        outbox.put([message(key, f"{key}USDT", kind=kind) for key in keys])


def put_strange(path: Path, key: str, symbol: str = "BTCUSDT", destination: str = BACKEND) -> None:
    """Put a row as a later release might: of a kind that this one does not know."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO deliveries (key, destination, kind, symbol, at, payload, text, since)"
            " VALUES (?, ?, 'liquidation', ?, ?, ?, 'a cascade', ?)",
            (key, destination, symbol, NOW, b"{}", NOW),
        )


def put_into_state(path: Path, number: int, state: str, settled_at: float | None = NOW) -> None:
    """Give an entry a state, which may be one that only a later release knows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE deliveries SET state = ?, settled_at = ? WHERE id = ?", (state, settled_at, number))


@pytest.fixture
def clock() -> MovedClock:
    """A clock that stands at NOW until the test moves it."""
    return MovedClock(anchor=NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is, or will be."""
    return tmp_path / "state" / "outbox.db"


@pytest.fixture
def outbox(path: Path, clock: MovedClock) -> Iterator[Outbox]:
    """An outbox whose volume alerts have three destinations."""
    with Outbox(path, clock, ROUTES) as opened:
        yield opened


@pytest.fixture
def put(outbox: Outbox) -> Callable[..., int]:
    """Put messages with these keys, one symbol each unless it is named."""

    def put(*keys: str, symbol: str = "", kind: Kind = Kind.VOLUME, at: float = NOW) -> int:
        return outbox.put([message(key, symbol or key, kind=kind, at=at) for key in keys])

    return put


@pytest.fixture
def world(path: Path, clock: MovedClock) -> Iterator[World]:
    with Road(path) as road:
        yield World(road, clock)


@pytest.fixture
def backend(world: World) -> Iterator[BackendRoute]:
    route = world.backend()
    yield route
    route.close()


@pytest.fixture
def chat(world: World) -> Iterator[ChatRoute]:
    route = world.chat()
    yield route
    route.close()


@pytest.fixture
def ledger(path: Path, clock: MovedClock) -> Iterator[Ledger]:
    with Ledger(path, clock) as opened:
        yield opened

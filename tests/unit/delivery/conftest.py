"""What the tests of delivery share: a place for the database, a clock that the test moves, and messages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Kind, Message

ROUTES = {
    Kind.VOLUME: (BACKEND, BACKEND_DEV, TELEGRAM),
    Kind.OPEN_INTEREST: (BACKEND,),
    Kind.TRIGGER: (BACKEND,),
    Kind.HEALTH: (),
}


def message(
    key: str = "volume:BTCUSDT:2026-10-01T12:SPIKE",
    symbol: str = "BTCUSDT",
    *,
    kind: Kind = Kind.VOLUME,
    at: float = NOW,
) -> Message:
    """Return a message."""
    return Message(key, kind, symbol, at, b'{"symbol":"BTCUSDT"}', f"{symbol} happened")


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

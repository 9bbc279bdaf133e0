"""The outbox followed."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.unit.delivery.conftest import put_alerts
from volspike.delivery.ledger import Ledger, Told
from volspike.model.delivery import Kind
from volspike.readers.following import Following
from volspike.runtime.clock import Clock

Put = Callable[..., None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


@pytest.fixture
def put(path: Path) -> Put:
    return partial(put_alerts, path)


@pytest.fixture
def alerts(path: Path) -> Iterator[Following]:
    with Ledger(path, Clock()) as ledger:
        yield Following(ledger)


def keys(told: list[Told]) -> list[str]:
    return [item.message.key for item in told]


def test_following_goes_on_after_the_latest(alerts: Following, put: Put) -> None:
    put(*"ABC")

    assert keys(alerts.latest(2)) == ["B", "C"]
    assert alerts.following() == []

    put(*"DE")
    put("D")
    assert keys(alerts.following()) == ["D", "E"]
    assert alerts.following() == []


def test_following_without_a_look_back_begins_with_the_next(alerts: Following, put: Put) -> None:
    put(*"ABC")

    assert alerts.latest(0) == []
    put("D")

    assert keys(alerts.following()) == ["D"]


def test_following_one_kind_passes_over_the_others(path: Path, put: Put) -> None:
    put("A")
    with Ledger(path, Clock()) as ledger:
        alerts = Following(ledger, kinds=[Kind.TRIGGER])
        assert alerts.latest(10) == []
        put("B")
        assert alerts.following() == []
        put("C", kind=Kind.TRIGGER)
        put("D")
        assert keys(alerts.following()) == ["C"]
        assert alerts.following() == []


def test_an_outbox_that_has_begun_anew_is_followed_from_its_start(alerts: Following, path: Path, put: Put) -> None:
    put(*"AB")
    alerts.latest(10)
    for old in path.parent.glob("outbox.db*"):
        old.unlink()

    put("C")

    assert keys(alerts.following()) == ["C"]

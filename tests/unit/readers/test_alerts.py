"""The newest alerts of the outbox, as they come."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.delivery.conftest import ROUTES
from tests.unit.examples import NOW
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind, Message
from volspike.readers.alerts import Alert, AlertReader, Alerts, Figures
from volspike.readers.following import AT_ONCE
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents

Made = Callable[..., Settings]
Put = Callable[..., None]
VOLUME = b'{"symbol":"BTCUSDT","volumeRatio":3.5,"currentVolume":5e9,"price":65000,"fundingRate":0.0001,"extra":[1]}'


@pytest.fixture
def path(settings: Made) -> Path:
    return settings().state_dir / documents.OUTBOX


@pytest.fixture
def put(path: Path) -> Put:
    """Put alerts with these keys, each of a symbol of that name and with two destinations at least."""

    def put(*keys: str, kind: Kind = Kind.VOLUME, at: float = NOW, payload: bytes = VOLUME) -> None:
        messages = [Message(key, kind, f"{key}USDT", at, payload, f"{key} happened") for key in keys]
        with Outbox(path, Clock(), {**ROUTES, Kind.HEALTH: ROUTES[Kind.VOLUME]}) as outbox:
            outbox.put(messages)

    return put


@pytest.fixture
def reader(settings: Made) -> AlertReader:
    return AlertReader(settings(), kept=4)


def keys(alerts: Alerts) -> str:
    return "".join(alert.key for alert in alerts.newest_first)


def test_a_message_is_one_alert_whatever_its_destinations_with_the_figures_of_its_payload(
    reader: AlertReader, put: Put
) -> None:
    put("B")

    (alert,) = reader.read().newest_first

    figures = Figures(volume_ratio=3.5, current_volume=5e9, price=65000.0, funding_rate=0.0001)
    assert alert == Alert(1, "B", Kind.VOLUME, "BUSDT", NOW, "B happened", figures)


def test_new_ones_come_first_and_the_oldest_go(reader: AlertReader, put: Put) -> None:
    put(*"ABCDE")
    assert keys(reader.read()) == "EDCB"

    put(*"FG")

    assert keys(reader.read()) == "GFED"


def test_who_asks_seldom_gets_all_that_was_put_meanwhile(settings: Made, put: Put) -> None:
    reader = AlertReader(settings())
    put("A")
    reader.read()

    put(*(f"B{number}" for number in range(2 * AT_ONCE + 1)))

    assert [alert.key for alert in reader.read().newest_first[:: 2 * AT_ONCE + 1]] == [f"B{2 * AT_ONCE}", "A"]


def test_without_news_it_is_the_very_same_value(reader: AlertReader, put: Put) -> None:
    put("A")
    first = reader.read()

    assert reader.read() is first


@pytest.mark.parametrize("payload", [b"", b"{", b'{"volumeRatio":"much"}', b"\xff"])
def test_a_payload_without_figures_costs_only_these(reader: AlertReader, put: Put, payload: bytes) -> None:
    put("A", kind=Kind.HEALTH, payload=payload)

    assert [alert.figures for alert in reader.read().newest_first] == [Figures()]


def test_before_there_is_an_outbox_there_are_no_alerts_and_afterwards_all(reader: AlertReader, put: Put) -> None:
    assert reader.read() == Alerts()

    put(*"AB")

    assert keys(reader.read()) == "BA"


def test_an_outbox_that_cannot_be_read_is_told_beside_what_was_known(reader: AlertReader, put: Put, path: Path) -> None:
    put("A")
    reader.read()
    path.with_name("outbox.db-wal").unlink(missing_ok=True)
    path.with_name("outbox.db-shm").unlink(missing_ok=True)
    path.unlink()
    path.write_bytes(b"not a database" * 1000)

    seen = reader.read()

    assert keys(seen) == "A"
    assert "is damaged" in seen.problem


def test_an_outbox_that_has_begun_anew_is_read_from_its_start(reader: AlertReader, put: Put, path: Path) -> None:
    put(*"ABC")
    reader.read()
    for old in path.parent.glob("outbox.db*"):
        old.unlink()

    put(*"DE")

    assert keys(reader.read()) == "ED"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "DCBA"),
        ({"kinds": [Kind.TRIGGER, Kind.OPEN_INTEREST]}, "DC"),
        ({"symbols": ["AUSDT", "DUSDT"]}, "DA"),
        ({"since": NOW + 1}, "DC"),
        ({"since": NOW + 1, "kinds": [Kind.TRIGGER], "symbols": ["CUSDT"]}, ""),
    ],
)
def test_alerts_are_chosen_by_kind_symbol_and_time(
    reader: AlertReader, put: Put, wanted: dict[str, list[str]], found: str
) -> None:
    put(*"AB")
    put("C", kind=Kind.OPEN_INTEREST, at=NOW + 1)
    put("D", kind=Kind.TRIGGER, at=NOW + 2)

    assert "".join(alert.key for alert in reader.read().chosen(**wanted)) == found  # type: ignore[arg-type]

"""The past of one symbol: what the OI poller has saved, what came since, and what was told."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import spike
from tests.unit.examples import NOW
from volspike.delivery.messages import of_volume_alert
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind
from volspike.model.documents import VERSION, OpenInterestDocument
from volspike.model.market import OpenInterestRow
from volspike.readers.symbol import Point, SymbolPast, SymbolReader
from volspike.rules import history
from volspike.rules.history import History
from volspike.settings import Settings
from volspike.state import documents, file, histories

Made = Callable[..., Settings]


def save(place: Settings, symbol: str, *points: tuple[float, float]) -> None:
    """Write the history of one symbol, beside that of another."""
    kept = History()
    for at, value in points:
        kept = history.add(kept, at, value, 1.0, 10_800)
    other = history.add(History(), NOW, 1.0, 1.0, 10_800)
    file.write(place.state_dir / documents.OI_HISTORY, b"".join(histories.pieces({"OTHERUSDT": other, symbol: kept})))


def tell(place: Settings, symbol: str, value: float, at: float) -> None:
    """Write what the latest sweep has found."""
    document = OpenInterestDocument(VERSION, {symbol: OpenInterestRow(value, at)}, at)
    file.write(place.runtime_dir / documents.OPEN_INTEREST, documents.encode(document))


def test_of_what_is_not_there_nothing_is_known(settings: Made, clock: MovedClock) -> None:
    assert SymbolReader(settings(), clock, "BTCUSDT").read() == SymbolPast()


def test_what_was_saved_and_what_came_since_are_one_line(settings: Made, clock: MovedClock) -> None:
    place = settings()
    save(place, "币安人生USDT", (NOW - 600, 5.0), (NOW - 300, 6.0))
    reader = SymbolReader(place, clock, "币安人生USDT")

    tell(place, "币安人生USDT", 7.0, NOW)

    assert reader.read().open_interest == (Point(NOW - 600, 5.0), Point(NOW - 300, 6.0), Point(NOW, 7.0))


def test_samples_of_the_same_half_minute_are_one_point(settings: Made, clock: MovedClock) -> None:
    place = settings()
    save(place, "BTCUSDT", *((NOW - 300 + 5 * number, float(number)) for number in range(60)))

    points = SymbolReader(place, clock, "BTCUSDT").read().open_interest

    assert 10 <= len(points) <= 11
    assert points[-1].value == 59.0


def test_three_hours_are_kept_however_long_the_page_is_open(settings: Made, clock: MovedClock) -> None:
    place = settings()
    reader = SymbolReader(place, clock, "BTCUSDT")
    for number in range(300):
        tell(place, "BTCUSDT", float(number), clock.now())
        past = reader.read()
        clock.move(60)

    assert len(past.open_interest) == 181


def test_a_broken_history_costs_only_itself(settings: Made, clock: MovedClock) -> None:
    place = settings()
    (place.state_dir / documents.OI_HISTORY).write_bytes(b"nothing of ours")
    tell(place, "BTCUSDT", 7.0, NOW)

    assert SymbolReader(place, clock, "BTCUSDT").read().open_interest == (Point(NOW, 7.0),)


def test_the_alerts_are_those_of_the_symbol(settings: Made, clock: MovedClock) -> None:
    place = settings()
    with Outbox(place.state_dir / documents.OUTBOX, clock, place.routes) as outbox:
        outbox.put([of_volume_alert(spike())])

    (alert,) = SymbolReader(place, clock, "BTCUSDT").read().alerts

    assert (alert.kind, alert.text) == (Kind.VOLUME, "BTC …")
    assert alert.hour == spike().hour_timestamp.timestamp()
    assert SymbolReader(place, clock, "ETHUSDT").read().alerts == ()


def test_an_outbox_of_another_release_costs_only_the_alerts(settings: Made, clock: MovedClock) -> None:
    place = settings()
    with Outbox(place.state_dir / documents.OUTBOX, clock, place.routes) as outbox:
        outbox.put([of_volume_alert(spike())])
    with closing(sqlite3.connect(place.state_dir / documents.OUTBOX)) as database:
        database.execute("PRAGMA user_version = 99")

    assert SymbolReader(place, clock, "BTCUSDT").read().alerts == ()

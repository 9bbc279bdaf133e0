"""The market as the files tell it."""

from collections.abc import Callable
from pathlib import Path

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, funding_document, funding_row
from volspike.model.documents import (
    VERSION,
    EmergencyStop,
    FundingIntervalsDocument,
    HourlyVolumeDocument,
    OpenInterestDocument,
    TickerDocument,
)
from volspike.model.market import HourVolume, OpenInterestRow, TickerRow, VolumeRow
from volspike.readers.market import Market, MarketReader
from volspike.settings import Settings
from volspike.state import documents, emergency, file

Made = Callable[..., Settings]


def test_without_files_there_is_no_market_yet(settings: Made, clock: MovedClock) -> None:
    assert MarketReader(settings(), clock).read() == Market(at=int(NOW))


def test_every_file_has_its_part(settings: Made, clock: MovedClock) -> None:
    place = settings().runtime_dir
    rows = {"BTCUSDT": funding_row(NOW - 2), "ETHUSDT": funding_row(NOW - 1)}
    tickers = {"BTCUSDT": TickerRow(1.0, 2.0, 3.0, NOW)}
    interest = {"BTCUSDT": OpenInterestRow(5.0, NOW, 0.1)}
    volumes = {"BTCUSDT": VolumeRow((HourVolume(0, 1.0),), NOW)}
    for name, document in (
        (documents.FUNDING, funding_document(rows)),
        (documents.TICKERS, TickerDocument(VERSION, tickers, NOW)),
        (documents.OPEN_INTEREST, OpenInterestDocument(VERSION, interest, NOW)),
        (documents.HOURLY_VOLUME, HourlyVolumeDocument(VERSION, volumes, NOW)),
        (documents.FUNDING_INTERVALS, FundingIntervalsDocument(VERSION, {"BTCUSDT": 8}, NOW)),
    ):
        file.write(place / name, documents.encode(document))

    market = MarketReader(settings(), clock).read()

    assert market == Market(
        int(NOW), rows, tickers, interest, volumes, {"BTCUSDT": 8}, connected=True, newest_at=NOW - 1
    )


def test_an_emergency_stop_is_known_as_long_as_it_holds(settings: Made, clock: MovedClock) -> None:
    reader, stop = MarketReader(settings(), clock), EmergencyStop(VERSION, NOW - 60)

    emergency.begin(settings().state_dir, stop)
    assert reader.read().emergency_stop == stop

    emergency.end(settings().state_dir)
    assert reader.read().emergency_stop is None


def test_as_long_as_nothing_changes_within_a_second_the_market_is_the_same(settings: Made, clock: MovedClock) -> None:
    file.write(settings().runtime_dir / documents.FUNDING, documents.encode(funding_document()))
    reader = MarketReader(settings(), clock)

    assert reader.read() == reader.read()


def test_a_file_that_breaks_leaves_the_last_good_content(settings: Made, clock: MovedClock) -> None:
    path: Path = settings().runtime_dir / documents.FUNDING
    file.write(path, documents.encode(funding_document()))
    reader = MarketReader(settings(), clock)
    before = reader.read()

    file.write(path, b"torn")

    assert reader.read() == before

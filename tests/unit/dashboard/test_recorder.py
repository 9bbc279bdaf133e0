"""The day of funding that the charts show: a point each five minutes, kept over the end of the process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, funding_document, funding_row
from volspike import settings as settings_module
from volspike.dashboard.recorder import KEEP_SECONDS, Recorder
from volspike.model.market import FundingRow
from volspike.settings import Settings
from volspike.state import documents, file

Tell = Callable[..., None]


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(anchor=NOW)


@pytest.fixture
def settings(tmp_path: Path, clock: MovedClock) -> Settings:
    for name in ("run", "state"):
        (tmp_path / name).mkdir()
    places = {"VOLSPIKE_RUNTIME_DIR": str(tmp_path / "run"), "VOLSPIKE_STATE_DIR": str(tmp_path / "state")}
    return replace(settings_module.load(places), clock=clock)


@pytest.fixture
def tell(settings: Settings, clock: MovedClock) -> Tell:
    """Let the feed say this of BTCUSDT now."""

    def write(rate: float | None, *, age: float = 0.0) -> None:
        rows: dict[str, FundingRow] = {"BTCUSDT": funding_row(clock.now() - age, mark=50.0, rate=rate)}
        file.write(settings.runtime_dir / documents.FUNDING, documents.encode(funding_document(rows)))

    return write


def test_there_is_one_point_for_each_five_minutes(settings: Settings, clock: MovedClock, tell: Tell) -> None:
    recorder = Recorder(settings, clock)
    for rate in (0.0001, 0.0002, -0.0003):
        tell(rate)
        recorder.record()
        recorder.record()
        clock.move(300)

    assert [(rate, mark) for _, rate, mark in recorder.of("BTCUSDT")] == [(0.0001, 50), (0.0002, 50), (-0.0003, 50)]


def test_what_is_unknown_or_of_long_ago_is_no_point(settings: Settings, clock: MovedClock, tell: Tell) -> None:
    recorder = Recorder(settings, clock)
    assert recorder.record() == 0
    tell(None)
    recorder.record()
    tell(0.0001, age=181.0)
    recorder.record()

    assert recorder.of("BTCUSDT") == []


def test_a_day_is_kept(settings: Settings, clock: MovedClock, tell: Tell) -> None:
    recorder = Recorder(settings, clock)
    for _ in range(400):
        tell(0.0001)
        recorder.record()
        clock.move(300)

    points = recorder.of("BTCUSDT")
    assert len(points) == KEEP_SECONDS / 300 + 1
    assert points[-1][0] - points[0][0] == KEEP_SECONDS


def test_the_next_process_goes_on_where_this_one_ended(settings: Settings, clock: MovedClock, tell: Tell) -> None:
    tell(0.0001)
    first = Recorder(settings, clock)
    first.record()
    first.save()

    assert Recorder(settings, clock).of("BTCUSDT") == first.of("BTCUSDT") != []


def test_it_is_saved_every_half_hour(settings: Settings, clock: MovedClock, tell: Tell) -> None:
    recorder = Recorder(settings, clock)
    path = settings.state_dir / documents.FUNDING_HISTORY
    tell(0.0001)
    recorder.record()
    assert not path.exists()

    clock.move(1800)
    tell(0.0001)
    recorder.record()

    assert path.exists()

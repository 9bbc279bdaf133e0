"""The volume of the last hours: a day at the first look, three hours after that, kept over the end of a process."""

from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import HOUR, OPEN_HOUR
from volspike.daemons.volume_hours import KNOWN_HOURS, NEW_HOURS, Volumes
from volspike.model.documents import HourlyVolumeDocument
from volspike.model.market import Candle, HourVolume
from volspike.state import documents


@pytest.fixture
def path(runtime_dir: Path) -> Path:
    return runtime_dir / documents.HOURLY_VOLUME


def candle(hour: int, volume: float) -> Candle:
    return Candle(hour * 1000, 1.0, 1.0, volume)


def test_a_symbol_is_asked_for_a_day_first_and_then_for_what_may_have_changed(path: Path, clock: MovedClock) -> None:
    volumes = Volumes(path, clock)
    assert volumes.wanted("BTCUSDT") == NEW_HOURS

    volumes.take("BTCUSDT", [candle(OPEN_HOUR, 5.0)])

    assert volumes.wanted("BTCUSDT") == KNOWN_HOURS


def test_after_an_hour_without_a_look_the_day_is_asked_for_again(path: Path, clock: MovedClock) -> None:
    volumes = Volumes(path, clock)
    volumes.take("BTCUSDT", [candle(OPEN_HOUR, 5.0)])

    clock.move(3600)

    assert volumes.wanted("BTCUSDT") == NEW_HOURS


def test_the_next_process_goes_on_with_what_the_file_holds(path: Path, clock: MovedClock) -> None:
    first = Volumes(path, clock)
    first.take("币安人生USDT", [candle(OPEN_HOUR - HOUR, 5.0), candle(OPEN_HOUR, 1.0)])
    first.save({"币安人生USDT"})

    second = Volumes(path, clock)
    second.take("币安人生USDT", [candle(OPEN_HOUR, 2.0)])
    second.save({"币安人生USDT"})

    rows = documents.decode(path.read_bytes(), HourlyVolumeDocument).hourly_volume
    assert rows["币安人生USDT"].hours == (HourVolume(OPEN_HOUR - HOUR, 5.0), HourVolume(OPEN_HOUR, 2.0))


def test_a_symbol_that_has_left_the_list_leaves_the_file(path: Path, clock: MovedClock) -> None:
    volumes = Volumes(path, clock)
    volumes.take("BTCUSDT", [candle(OPEN_HOUR, 5.0)])
    volumes.take("GONEUSDT", [candle(OPEN_HOUR, 5.0)])

    volumes.save({"BTCUSDT"})

    assert list(documents.decode(path.read_bytes(), HourlyVolumeDocument).hourly_volume) == ["BTCUSDT"]

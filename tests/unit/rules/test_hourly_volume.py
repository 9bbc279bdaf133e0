"""Hours of volume: newer candles replace what was known, and two days are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.market import Candle, HourVolume
from volspike.rules import hourly_volume
from volspike.rules.hourly_volume import KEEP_HOURS

HOUR = 3600
hours = st.integers(0, 200).map(lambda number: number * HOUR)
candles = st.lists(
    st.builds(Candle, hours.map(lambda start: start * 1000), st.just(1.0), st.just(1.0), st.floats(0, 1e9))
)


@given(st.lists(candles))
def test_each_hour_is_there_once_in_order_with_its_latest_volume(scans: list[list[Candle]]) -> None:
    known: tuple[HourVolume, ...] = ()
    latest: dict[int, float] = {}
    for seen in scans:
        known = hourly_volume.step(known, seen)
        latest |= {candle.open_time_ms // 1000: candle.quote_volume for candle in seen}

    starts = [hour.start for hour in known]
    assert starts == sorted(set(starts))
    assert len(known) <= KEEP_HOURS
    assert all(latest[hour.start] == hour.quote_volume for hour in known)


def test_the_oldest_hours_are_forgotten() -> None:
    seen = [Candle(number * HOUR * 1000, 1.0, 1.0, float(number)) for number in range(60)]

    known = hourly_volume.step((), seen)

    assert (len(known), known[0].quote_volume, known[-1].quote_volume) == (48, 12.0, 59.0)


@pytest.mark.parametrize(
    ("volumes", "told"),
    [
        ([], None),
        ([HourVolume(0, 2.0)], None),
        ([HourVolume(0, 2.0), HourVolume(HOUR, 5.0)], 2.5),
        ([HourVolume(0, 2.0), HourVolume(2 * HOUR, 5.0)], None),
        ([HourVolume(0, 0.0), HourVolume(HOUR, 5.0)], None),
    ],
)
def test_the_ratio_is_that_of_two_hours_that_follow_each_other(volumes: list[HourVolume], told: float | None) -> None:
    assert hourly_volume.ratio(tuple(volumes)) == told


@pytest.mark.parametrize(
    ("seconds", "newest"),
    [(1, HOUR), (299.9, HOUR), (300, 2 * HOUR), (3599, 2 * HOUR), (4000, 2 * HOUR)],
)
def test_an_hour_tells_something_once_it_was_five_minutes_old_when_it_was_seen(seconds: float, newest: int) -> None:
    hours = (HourVolume(0, 3.0), HourVolume(HOUR, 6.0), HourVolume(2 * HOUR, 0.0))

    told = hourly_volume.telling(hours, 2 * HOUR + seconds)

    assert told[-1].start == newest
    assert told == hours[: len(told)]


def test_where_no_hour_is_known_none_tells_anything() -> None:
    assert hourly_volume.telling((), 0.0) == ()
    assert hourly_volume.telling((HourVolume(0, 1.0),), 1.0) == ()

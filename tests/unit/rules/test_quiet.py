"""Quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules.quiet import QuietHours, lasted, respite, until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7), BERLIN)
HOUR = 3600.0

minutes = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Tokyo"]
)
hours = st.builds(
    QuietHours, start=minutes, end=minutes, zone=zones.map(ZoneInfo)
).filter(lambda quiet: quiet.start != quiet.end)  # fmt: skip
instants = st.floats(1.0e9, 2.5e9)


def at(text: str) -> float:
    """Return an instant of Berlin's wall clock; `+02:00` at the end tells two of the same hour apart."""
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=BERLIN)).timestamp()


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-01-10T21:59:59", None),
        ("2026-01-10T22:00:00", "2026-01-11T07:00:00"),
        ("2026-01-11T00:00:00", "2026-01-11T07:00:00"),
        ("2026-01-11T06:59:59", "2026-01-11T07:00:00"),
        ("2026-01-11T07:00:00", None),
        ("2026-01-11T12:00:00", None),
    ],
)
def test_a_night_lasts_from_its_start_to_the_next_morning(now: str, end: str | None) -> None:
    assert until(NIGHT, at(now)) == (end and at(end))


def test_hours_of_one_day_end_on_it() -> None:
    noon = QuietHours(time(12), time(13, 30), BERLIN)

    assert until(noon, at("2026-01-10T12:10:00")) == at("2026-01-10T13:30:00")
    assert until(noon, at("2026-01-10T13:30:00")) is None
    assert until(noon, at("2026-01-10T00:10:00")) is None


@pytest.mark.parametrize(
    ("evening", "length"), [("2026-03-28T22:00", 8), ("2026-10-24T22:00", 10), ("2026-06-01T22:00", 9)]
)
def test_the_night_of_a_change_of_the_clocks_is_an_hour_shorter_or_longer(evening: str, length: int) -> None:
    end = until(NIGHT, at(evening))

    assert end is not None
    assert end - at(evening) == length * HOUR


def test_where_the_wall_shows_the_end_twice_the_first_time_ends_the_night() -> None:
    early = QuietHours(time(22), time(2, 30), BERLIN)

    assert until(early, at("2026-10-25T02:15:00+02:00")) == at("2026-10-25T02:30:00+02:00")
    assert until(early, at("2026-10-25T02:15:00+01:00")) is None


def test_an_end_that_the_wall_leaves_out_is_when_it_would_have_been() -> None:
    early = QuietHours(time(22), time(2, 30), BERLIN)

    assert until(early, at("2026-03-29T01:59:59+01:00")) == at("2026-03-29T03:30:00+02:00")


def test_hours_that_a_change_of_the_clocks_swallows_are_none() -> None:
    swallowed = QuietHours(time(2, 50), time(3, 10), BERLIN)

    assert all(until(swallowed, at("2026-03-29T01:00+01:00") + 60 * minute) is None for minute in range(180))


@given(quiet=hours, now=instants)
def test_the_end_is_to_come_within_a_day_and_is_the_same_until_then(quiet: QuietHours, now: float) -> None:
    end = until(quiet, now)

    if end is not None:
        assert now < end <= now + 25 * HOUR
        assert until(quiet, (now + end) / 2) == end
        assert until(quiet, end) is None


@given(quiet=hours, now=instants)
def test_on_days_without_a_change_the_wall_clock_tells_whether_it_is_quiet(quiet: QuietHours, now: float) -> None:
    wall = datetime.fromtimestamp(now, quiet.zone)
    offsets = {(wall + timedelta(days=days)).utcoffset() for days in (-2, 0, 2)}
    shown = wall.time()
    if quiet.start < quiet.end:
        expected = quiet.start <= shown < quiet.end
    else:
        expected = shown >= quiet.start or shown < quiet.end

    if len(offsets) == 1:
        assert (until(quiet, now) is not None) is expected


def awake(quiet: QuietHours, since: float, now: float) -> float:
    """Return how many of these seconds are not quiet, minute by minute."""
    return sum(60.0 for minute in range(round((now - since) / 60)) if until(quiet, since + 60 * minute) is None)


@given(quiet=hours, day=st.integers(12_000, 25_000), minute=st.integers(0, 1439), left=st.integers(1, 90))
def test_the_respite_makes_up_for_the_quiet_minutes_and_for_no_others(
    quiet: QuietHours, day: int, minute: int, left: int
) -> None:
    now = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute)).timestamp()

    found = respite(quiet, now, left * 60.0)

    assert found >= 0
    if found < 3 * 24 * HOUR:
        assert awake(quiet, now - left * 60.0 - found, now) == left * 60.0


@given(quiet=hours, day=st.integers(12_000, 25_000), minute=st.integers(0, 1439), age=st.integers(0, 3000))
def test_of_an_age_those_minutes_are_quiet_that_are_not_awake(
    quiet: QuietHours, day: int, minute: int, age: int
) -> None:
    now = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute)).timestamp()
    since = now - age * 60.0

    assert lasted(quiet, since, now) == age * 60.0 - awake(quiet, since, now)


def test_by_day_there_is_no_respite_and_at_dawn_that_of_the_night() -> None:
    assert respite(NIGHT, at("2026-01-10T21:59:00"), HOUR) == 0
    assert respite(NIGHT, at("2026-01-11T03:00:00"), HOUR) == 5 * HOUR
    assert respite(NIGHT, at("2026-01-11T07:30:00"), HOUR) == 9 * HOUR
    assert respite(NIGHT, at("2026-01-11T08:00:00"), HOUR) == 0

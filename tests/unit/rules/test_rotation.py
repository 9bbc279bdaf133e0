"""Which backups are kept."""

from hypothesis import given
from hypothesis import strategies as st

from volspike.rules.rotation import DAY_SECONDS, outdated

NOON = 20_000 * DAY_SECONDS + 43_200.0
stamps = st.lists(st.floats(0, NOON, allow_nan=False), max_size=40)


def days_ago(*days: float) -> list[float]:
    return [NOON - day * DAY_SECONDS for day in days]


def test_one_of_each_of_the_latest_days_is_kept() -> None:
    assert outdated(days_ago(0, 1, 2, 3, 4), 3, NOON) == days_ago(3, 4)


def test_of_a_day_the_newest_is_kept() -> None:
    assert outdated(days_ago(0, 2.1, 2.2), 7, NOON) == days_ago(2.2)


def test_what_is_younger_than_a_day_is_kept_in_any_case() -> None:
    assert outdated(days_ago(0, 0.01, 0.02, 0.9), 1, NOON) == []


def test_days_without_a_backup_do_not_count() -> None:
    assert outdated(days_ago(30, 60, 90), 2, NOON) == days_ago(90)


def test_what_is_dated_into_the_future_takes_no_day_s_place() -> None:
    assert outdated(days_ago(-3, -2, 0, 1, 2), 2, NOON) == days_ago(2)


@given(stamps, st.integers(1, 10))
def test_the_newest_is_never_outdated_and_no_more_remain_than_wanted(written_at: list[float], days: int) -> None:
    gone = outdated(written_at, days, NOON)
    left = set(written_at) - set(gone)

    assert max(written_at, default=None) not in gone
    assert len([at for at in left if NOON - at >= DAY_SECONDS]) <= days
    assert len({int(at // DAY_SECONDS) for at in written_at}) <= days or len(left) >= days


@given(stamps, st.integers(1, 10))
def test_what_was_cleaned_stays_as_it_is(written_at: list[float], days: int) -> None:
    left = set(written_at) - set(outdated(written_at, days, NOON))

    assert outdated(left, days, NOON) == []

"""The open interest of three hours: what is kept, and which sample is the baseline."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.market import OpenInterestSample
from volspike.rules import history
from volspike.rules.history import Baseline, History, Reach

NOW = 1_767_362_400.0
FIVE_MINUTES = Reach((300.0,))


def sample(at: float, open_interest: float = 1000.0, mark_price: float | None = None) -> OpenInterestSample:
    return OpenInterestSample("BTCUSDT", at, open_interest, mark_price)


def remembered(*times: float, reach: Reach = FIVE_MINUTES) -> History:
    memory = History()
    for at in times:
        memory, _ = history.step(memory, reach, sample(at))
    return memory


def baseline_at(memory: History, at: float, lookback: float = 300.0) -> float | None:
    _, (baseline,) = history.step(memory, Reach((lookback,)), sample(at))
    return baseline.at if baseline else None


@pytest.mark.parametrize(("lookback", "seconds"), [(60, 30), (300, 30), (900, 90), (1200, 120), (3600, 120)])
def test_the_tolerance_is_a_tenth_of_the_lookback_between_half_a_minute_and_two(
    lookback: float, seconds: float
) -> None:
    assert history.tolerance(lookback) == seconds


def test_the_baseline_is_the_sample_nearest_to_the_mark_of_the_lookback() -> None:
    memory = remembered(NOW - 325, NOW - 310, NOW - 295, NOW - 270)

    assert baseline_at(memory, NOW) == NOW - 295


def test_of_two_equally_near_the_older_is_the_baseline() -> None:
    assert baseline_at(remembered(NOW - 310, NOW - 290), NOW) == NOW - 310


@pytest.mark.parametrize(("age", "found"), [(330.0, True), (330.01, False), (270.0, True), (269.99, False)])
def test_beyond_the_tolerance_there_is_no_baseline(age: float, found: bool) -> None:
    assert (baseline_at(remembered(NOW - age), NOW) is not None) is found


def test_the_first_sample_has_no_baseline_not_even_itself() -> None:
    assert baseline_at(History(), NOW, lookback=20.0) is None


def test_a_baseline_tells_open_interest_and_the_mark_price_where_it_was_known() -> None:
    memory = History()
    for at, mark_price in ((NOW - 900, 65000.5), (NOW - 300, None)):
        memory, _ = history.step(memory, FIVE_MINUTES, sample(at, 93551.298, mark_price))

    _, baselines = history.step(memory, Reach((300.0, 900.0, 3600.0)), sample(NOW))

    assert baselines == (Baseline(NOW - 300, 93551.298, None), Baseline(NOW - 900, 93551.298, 65000.5), None)


@pytest.mark.parametrize("open_interest", [0.0, -1.0])
def test_open_interest_that_is_not_above_zero_is_dropped(open_interest: float) -> None:
    memory = remembered(NOW - 300)

    assert history.step(memory, Reach((300.0, 900.0)), sample(NOW, open_interest)) == (memory, (None, None))


def test_samples_older_than_three_hours_are_forgotten() -> None:
    memory = remembered(NOW - 10_801, NOW - 10_800, NOW - 5000, NOW)

    assert len(memory) == 3


def test_three_hours_at_ten_seconds_take_less_than_26_kilobytes_a_symbol() -> None:
    memory = remembered(*(NOW + 10 * number for number in range(1200)))

    assert len(memory) == 1081
    assert len(memory.records) == 1081 * 24


@pytest.mark.parametrize(
    ("back", "kept"),
    [(0.0, 3), (5.0, 2), (30.0, 1), (30.01, 0), (3600.0, 0)],
)
def test_a_clock_set_back_costs_the_samples_ahead_of_it_or_after_a_greater_step_all(back: float, kept: int) -> None:
    memory = remembered(NOW - 32, NOW - 20, NOW - 3, NOW)

    memory, _ = history.step(memory, FIVE_MINUTES, sample(NOW - back))

    assert len(memory) == kept + 1


def test_a_history_survives_a_restart() -> None:
    memory = remembered(NOW - 310, NOW - 10)

    assert msgspec.json.decode(msgspec.json.encode(memory), type=History) == memory


def test_a_symbol_that_has_not_been_asked_for_in_three_hours_is_forgotten() -> None:
    histories = {"OLDUSDT": remembered(NOW - 10_801), "BTCUSDT": remembered(NOW - 10_800), "NEWUSDT": History()}

    assert history.prune(histories, FIVE_MINUTES, NOW) == {"BTCUSDT": histories["BTCUSDT"]}


@given(
    st.lists(st.integers(1, 400), max_size=60),
    st.lists(st.sampled_from([20.0, 60.0, 300.0, 900.0, 3600.0]), min_size=1, max_size=3),
)
def test_whatever_the_rhythm_the_baseline_is_the_one_that_a_plain_search_finds(
    gaps: list[int], lookbacks: list[float]
) -> None:
    memory, reach = History(), Reach(tuple(lookbacks))
    times: list[float] = []
    now = NOW
    for gap in gaps:
        now += gap
        memory, baselines = history.step(memory, reach, sample(now))

        for lookback, baseline in zip(lookbacks, baselines, strict=True):
            near = [at for at in times if abs(at - now + lookback) <= history.tolerance(lookback)]
            expected = min(near, key=lambda at, mark=now - lookback: (abs(at - mark), at), default=None)  # type: ignore[misc]
            assert (baseline.at if baseline else None) == expected
        times.append(now)
        assert len(memory) == sum(at >= now - 10_800 for at in times)


def test_the_points_of_a_history_are_what_was_added_as_long_as_they_are_kept() -> None:
    kept = History()
    for at in range(5):
        kept = history.add(kept, float(at), -0.5 * at, 2.0, keep_seconds=2.0)

    assert history.points(kept) == [(2.0, -1.0, 2.0), (3.0, -1.5, 2.0), (4.0, -2.0, 2.0)]

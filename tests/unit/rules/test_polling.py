"""How often open interest is asked for, whom it is not asked of, and when the sweeps have become too slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules import polling
from volspike.rules.polling import Pace, Rhythm

NOW = 5000.0


def rhythm_of(*starts: float) -> Rhythm:
    rhythm = Rhythm()
    for start in starts:
        rhythm = polling.keep(rhythm, start)
    return rhythm


@pytest.mark.parametrize(
    ("symbols", "seconds"),
    [(100, 5), (200, 6), (300, 9), (342, 10), (350, 10), (400, 12), (534, 16), (600, 18), (650, 20), (0, 5), (820, 20)],
)
def test_the_interval_follows_the_number_of_symbols(symbols: int, seconds: int) -> None:
    assert polling.interval_seconds(Pace(), symbols) == seconds


@given(st.integers(0, 2000), st.integers(1, 2200), st.integers(1, 60), st.integers(0, 60))
def test_the_interval_keeps_its_bounds(symbols: int, requests: int, least: int, more: int) -> None:
    interval = polling.interval_seconds(Pace(requests, least, least + more), symbols)

    assert least <= interval <= least + more


def test_a_symbol_that_settles_is_left_alone_for_an_hour() -> None:
    parked = polling.park({}, ["OLDUSDT"], NOW)

    assert polling.to_ask(["BTCUSDT", "OLDUSDT", "ETHUSDT"], parked, NOW + 3599) == ["BTCUSDT", "ETHUSDT"]
    assert polling.to_ask(["BTCUSDT", "OLDUSDT"], parked, NOW + 3600) == ["BTCUSDT", "OLDUSDT"]


def test_the_hour_of_one_symbol_is_not_that_of_another() -> None:
    parked = polling.park(polling.park({}, ["OLDUSDT"], NOW), ["GONEUSDT"], NOW + 1800)

    assert polling.park(parked, [], NOW + 3600) == {"GONEUSDT": NOW + 1800 + 3600}


@pytest.mark.parametrize(("failures", "incomplete"), [(0, False), (53, False), (54, True), (534, True)])
def test_a_sweep_of_which_more_than_a_tenth_is_missing_is_a_failure(failures: int, incomplete: bool) -> None:
    assert polling.is_incomplete(534, failures) is incomplete


def test_the_mean_interval_is_unknown_until_ten_minutes_are_known() -> None:
    assert polling.mean_interval(Rhythm()) is None
    assert polling.mean_interval(rhythm_of(NOW)) is None
    assert polling.mean_interval(rhythm_of(NOW, NOW + 599)) is None
    assert polling.mean_interval(rhythm_of(NOW, NOW + 300, NOW + 600)) == 300.0


def test_the_mean_interval_is_that_of_the_last_ten_minutes() -> None:
    slow_then_fast = rhythm_of(NOW, NOW + 1000, *(NOW + 1000 + 20 * number for number in range(1, 31)))

    assert polling.mean_interval(slow_then_fast) == 20.0
    assert len(slow_then_fast.starts) == 31


@pytest.mark.parametrize(("seconds", "slow"), [(20.0, False), (40.0, False), (50.0, True)])
def test_sweeps_are_slow_when_they_take_more_than_twice_the_formula(seconds: float, slow: bool) -> None:
    assert polling.is_slow(rhythm_of(*(NOW + seconds * number for number in range(20))), 20) is slow


def test_a_single_slow_sweep_among_fast_ones_is_no_slowness() -> None:
    starts = [NOW + 20 * number for number in range(20)]

    assert not polling.is_slow(rhythm_of(*starts, starts[-1] + 60, *(starts[-1] + 80 + 20 * n for n in range(20))), 20)


@given(st.lists(st.floats(0.1, 400), min_size=1, max_size=200))
def test_no_more_is_remembered_than_ten_minutes_ask_for(gaps: list[float]) -> None:
    starts = [NOW]
    for gap in gaps:
        starts.append(starts[-1] + gap)

    kept = rhythm_of(*starts).starts

    assert kept == tuple(starts[len(starts) - len(kept) :])
    assert all(start > starts[-1] - 600 for start in kept[1:])
    assert len(kept) == len(starts) or starts[-1] - kept[0] >= 600 - 1e-6

"""Hours and the path of the price through them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.simulator import bars
from volspike.simulator.bars import Bar
from volspike.simulator.noise import Noise
from volspike.simulator.recording import Candles

FRACTIONS = st.floats(min_value=0, max_value=1)
PRICES = st.floats(min_value=1e-6, max_value=1e6)
SERIES = Candles(
    open=[10.0, 11.0, 12.0], high=[11.5, 13.0, 12.5], low=[9.0, 10.5, 9.5], close=[11.1, 12.0, 10.0],
    volume=[1.0, 2.0, 30.0], quote=[10.0, 20.0, 300.0], trades=[1, 2, 3],
)  # fmt: skip


@st.composite
def any_bar(draw: st.DrawFn) -> Bar:
    opened, closed = draw(PRICES), draw(PRICES)
    high = max(opened, closed) * draw(st.floats(min_value=1, max_value=2))
    low = min(opened, closed) / draw(st.floats(min_value=1, max_value=2))
    return Bar(opened, high, low, closed, 5.0, 7.0, 3, draw(st.booleans()))


@given(any_bar(), FRACTIONS)
def test_the_path_stays_between_low_and_high(bar: Bar, fraction: float) -> None:
    assert bar.low * (1 - 1e-12) <= bar.path(fraction) <= bar.high * (1 + 1e-12)


@given(any_bar())
def test_the_path_runs_from_open_to_close_and_touches_both_extremes(bar: Bar) -> None:
    assert bar.path(0.0) == bar.open
    assert bar.path(1.0) == pytest.approx(bar.close)
    assert bar.extent(0.0, 1.0) == pytest.approx((bar.low, bar.high))


@given(any_bar(), FRACTIONS, FRACTIONS)
def test_volume_only_grows_and_ends_whole(bar: Bar, one: float, other: float) -> None:
    earlier, later = sorted((one, other))

    assert 0 <= bar.share(earlier) <= bar.share(later) <= bar.share(1.0) == 1


def test_a_spiking_hour_trades_most_of_its_volume_within_five_minutes() -> None:
    calm, spiking = (Bar(1, 1, 1, 1, 1, 1, 1, spikes) for spikes in (False, True))

    assert calm.share(1 / 12) == pytest.approx(1 / 12)
    assert spiking.share(1 / 60) > 0.3
    assert spiking.share(1 / 12) > 0.85


def test_recorded_hours_repeat_and_close_at_the_open_of_the_next() -> None:
    play = bars.recorded(SERIES, shift=0)

    assert [play(hour).open for hour in range(6)] == [10, 11, 12, 10, 11, 12]
    assert [play(hour).close for hour in range(4)] == [11, 12, 10, 11]
    assert play(2).quote == 300.0


def test_a_shift_moves_the_recorded_hours_along_the_clock() -> None:
    assert bars.recorded(SERIES, shift=2)(497_000).open == SERIES.open[(497_000 + 2) % 3]


def test_an_hour_spikes_when_it_trades_three_times_the_hour_before() -> None:
    play = bars.recorded(SERIES, shift=0)

    assert [play(hour).spikes for hour in range(3)] == [False, False, True]


@given(st.integers(min_value=0, max_value=2**40), st.integers(min_value=0, max_value=10**6))
def test_generated_hours_join_stay_near_the_anchor_and_never_spike(key: int, hour: int) -> None:
    play = bars.generated(Noise(1), key, 50.0)

    now, after = play(hour), play(hour + 1)

    assert now.close == after.open
    assert 47 < now.low <= min(now.open, now.close) <= max(now.open, now.close) <= now.high < 53
    assert after.quote < 3 * now.quote
    assert not now.spikes


def test_a_motionless_symbol_has_no_volume() -> None:
    assert bars.motionless(5.0)(1) == Bar(5.0, 5.0, 5.0, 5.0, 0.0, 0.0, 0)

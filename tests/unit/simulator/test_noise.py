"""Seeded noise."""

from hypothesis import given
from hypothesis import strategies as st

from volspike.simulator import noise
from volspike.simulator.noise import Noise

KEYS = st.integers(min_value=0, max_value=2**64)


@given(KEYS, st.floats(min_value=-1e10, max_value=1e10))
def test_it_stays_between_minus_one_and_one(key: int, position: float) -> None:
    assert -1 <= Noise(1).smooth(key, position) <= 1


@given(KEYS, st.integers(min_value=-(10**9), max_value=10**9))
def test_smooth_noise_goes_through_the_whole_steps_without_a_jump(key: int, step: int) -> None:
    source = Noise(3)

    assert source.smooth(key, step) == source.at(key, step)
    assert abs(source.smooth(key, step - 1e-6) - source.at(key, step)) < 1e-4


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    first, again, other = ([Noise(seed).at(7, step) for step in range(50)] for seed in (1, 1, 2))

    assert first == again != other


def test_keys_are_the_same_in_every_process_and_differ_between_symbols() -> None:
    assert noise.key("BTCUSDT") == 7_684_669_003_111_556_307
    assert noise.key("BTCUSDT") != noise.key("ETHUSDT")
    assert noise.key("a", "b") != noise.key("ab")


def test_neighbouring_steps_do_not_repeat() -> None:
    source = Noise(1)

    assert len({source.at(5, step) for step in range(1000)}) > 900

"""Numbers and times as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.dashboard.views import words


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (7500, "2 h 5 min"),
        (86_400, "1 d"), (200_000, "2 d"),
    ],
)  # fmt: skip
def test_an_age_is_as_coarse_as_it_is_long(seconds: float, told: str) -> None:
    assert words.age(seconds) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"), (61956.45, "61,956.45"), (999.5, "999.50"), (78.432, "78.432"), (1.18461, "1.1846"),
        (0.0056414, "0.0056414"), (0.00001002, "0.00001002"), (0.00000179, "0.00000179"),
        (0.0000000123456, "0.0000000123"), (0.0, "0.00"),
    ],
)  # fmt: skip
def test_a_price_has_five_digits_that_count_within_two_decimals_and_those_of_the_exchange(
    value: float | None, told: str
) -> None:
    assert words.price(value) == told


@given(st.floats(1e-9, 1e9))
def test_no_price_is_told_as_nothing(value: float) -> None:
    assert float(words.price(value).replace(",", "")) == pytest.approx(value, rel=1e-1)


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (5.71e9, "5.71B"), (-2500.0, "-2.50K"), (0.0, "0.00"), (12.0, "12.00")],
)
def test_an_amount_has_its_unit(value: float | None, told: str) -> None:
    assert words.amount(value) == told


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ([91_735.0, 91_759.0], 3),
        ([91_040.0, 91_180.0], 2),
        ([5.7e9, 6.1e9], 2),
        ([999_990.0, 1_000_010.0], 6),
        ([0.5, 0.5001], 5),
        ([7.0, 7.0], 2),
        ([], 2),
        ([1.0, 1.0 + 1e-15], 12),
    ],
)
def test_an_axis_has_two_decimals_or_as_many_as_its_range_needs(values: list[float], digits: int) -> None:
    assert words.axis_digits(values) == digits


@given(st.floats(1e-3, 1e13), st.floats(1e-6, 10.0), st.sampled_from([1, 2, 3, 5, 10]))
def test_no_two_labels_of_an_axis_are_the_same(low: float, share: float, nice: int) -> None:
    high = low * (1 + share)
    step = nice * 10 ** math.floor(math.log10((high - low) / 5))
    first = math.ceil(low / step)
    unit = 1000.0 ** max(0, min(4, math.floor(math.log10(high) / 3)))

    labels = [f"{(first + tick) * step / unit:.{words.axis_digits([low, high])}f}" for tick in range(5)]

    assert len(set(labels)) == len(labels)


def test_a_fraction_is_told_in_percent() -> None:
    assert words.percent(None, 2) == "–"
    assert words.percent(0.0001, 4) == "0.0100%"
    assert words.percent(0.05, 2, signed=True) == "+5.00%"
    assert words.percent(-0.05, 2, signed=True) == "-5.00%"
    assert words.percent(0.0, 2, signed=True) == "0.00%"


@pytest.mark.parametrize("value", [0.00004, -0.00004, -0.0])
def test_what_is_told_as_nothing_has_no_sign(value: float) -> None:
    assert words.percent(value, 2, signed=True) == words.percent(value, 2) == "0.00%"


def test_a_multiple_and_an_instant() -> None:
    assert (words.times(3.0812), words.times(None)) == ("3.08×", "–")
    assert words.instant(1_790_856_123.0) == "2026-10-01 12:02:03"

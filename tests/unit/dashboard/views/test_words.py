"""Numbers and times as people read them."""

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
        (0.0056414, "0.0056414"), (0.00000123456, "0.0000012346"), (0.0, "0.00"),
    ],
)  # fmt: skip
def test_a_price_has_five_digits_that_count_and_two_decimals_at_least(value: float | None, told: str) -> None:
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


def test_a_fraction_is_told_in_percent() -> None:
    assert words.percent(None, 2) == "–"
    assert words.percent(0.0001, 4) == "0.0100%"
    assert words.percent(0.05, 2, signed=True) == "+5.00%"
    assert words.percent(-0.05, 2, signed=True) == "-5.00%"
    assert words.percent(0.0, 2, signed=True) == "0.00%"


def test_a_multiple_and_an_instant() -> None:
    assert (words.times(3.0812), words.times(None)) == ("3.08×", "–")
    assert words.instant(1_790_856_123.0) == "2026-10-01 12:02:03"

"""Thresholds as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules import thresholds
from volspike.rules.thresholds import Watched


@pytest.mark.parametrize(
    ("watched", "text", "value"),
    [
        (Watched.PRICE, "65000", 65000.0),
        (Watched.PRICE, "1,065,000", 1_065_000.0),
        (Watched.PRICE, "65,000.5", 65_000.5),
        (Watched.PRICE, "0,05", None),
        (Watched.PRICE, "65,00", None),
        (Watched.PRICE, "1065,000", None),
        (Watched.PRICE, "65,000,5", None),
        (Watched.OPEN_INTEREST, "1,5e9", None),
        (Watched.FUNDING, "0,01%", None),
        (Watched.PRICE, "-1", None),
        (Watched.PRICE, "0", None),
        (Watched.PRICE, "inf", None),
        (Watched.PRICE, "nan", None),
        (Watched.PRICE, "1%", None),
        (Watched.PRICE, "", None),
        (Watched.FUNDING, "-0.05%", -0.0005),
        (Watched.FUNDING, "0", 0.0),
        (Watched.FUNDING, "0.5", None),
        (Watched.FUNDING, "nan", None),
        (Watched.OPEN_INTEREST, "5e9", 5e9),
        (Watched.OPEN_INTEREST, "much", None),
    ],
)
def test_a_threshold_is_a_number_in_the_unit_of_what_is_watched(
    watched: Watched, text: str, value: float | None
) -> None:
    assert thresholds.parse(watched, text) == value


@pytest.mark.parametrize(
    ("watched", "text", "said"),
    [
        (Watched.PRICE, "cheap", "must be a number above 0, in USDT"),
        (Watched.OPEN_INTEREST, "0", "must be a number above 0, in USD"),
        (Watched.PRICE, "0,05", "a comma may only part thousands, as in 65,000.5; decimals begin with a point, "
         "as in 0.05"),
        (Watched.FUNDING, "1", "a funding rate is given as 0.01% or 0.0001, and at most 10% either way"),
    ],
)  # fmt: skip
def test_what_is_allowed_instead_is_told(watched: Watched, text: str, said: str) -> None:
    assert thresholds.parse(watched, text) is None
    assert thresholds.allowed(watched, text) == said


@given(st.sampled_from(Watched), st.text(max_size=12) | st.floats().map(str) | st.floats(0, 1e12).map("{:,}".format))
def test_whatever_is_written_is_a_usable_number_or_none(watched: Watched, text: str) -> None:
    value = thresholds.parse(watched, text)

    assert value is None or math.isfinite(value)
    assert value is None or watched is Watched.FUNDING or value > 0


def test_each_type_of_alert_has_its_word() -> None:
    assert {thresholds.TYPES[word]: word for word in Watched} == thresholds.WORDS

"""Numbers and times as people read them."""

import pytest

from volspike.cli import tables


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (-3, "0s"),
        (0, "0s"),
        (4.4, "4s"),
        (59, "59s"),
        (60, "1m"),
        (720, "12m"),
        (3600, "1h"),
        (10_800, "3h"),
        (86_400, "1d"),
        (172_800, "2d"),
    ],
)
def test_a_duration_is_shown_in_its_largest_unit(seconds: float | None, shown: str) -> None:
    assert tables.duration(seconds) == shown


@pytest.mark.parametrize("seconds", [59.6, 3599.9, 86_399.0])
def test_a_duration_is_never_rounded_into_a_number_its_unit_does_not_have(seconds: float) -> None:
    assert tables.duration(seconds) not in ("60s", "60m", "24h")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0m"),
        (0, "0m"),
        (0.1, "1m"),
        (60, "1m"),
        (3540.1, "1h"),
        (3660, "1h 1m"),
        (4 * 3600 - 0.2, "4h"),
        (4 * 3600 - 60, "3h 59m"),
        (86_400, "1d"),
        (7 * 86_400 - 0.2, "7d"),
        (7 * 86_400 - 120, "6d 23h"),
        (10 * 86_400, "10d"),
    ],
)
def test_what_is_left_is_not_rounded_down_to_an_hour_less(seconds: float, shown: str) -> None:
    assert tables.left(seconds) == shown


@pytest.mark.parametrize(("size", "shown"), [(None, "–"), (0, "0 MB"), (31_400_000, "31 MB")])
def test_a_size_is_shown_in_megabytes(size: int | None, shown: str) -> None:
    assert tables.megabytes(size) == shown

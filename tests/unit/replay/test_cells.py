"""Cells of recorded files: what is read, and what is said of the rest."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.replay import cells
from volspike.replay.cells import BadCellError

HOUR = 1_767_362_400.0  # 2026-01-02 14:00 UTC


@pytest.mark.parametrize(
    "text",
    [
        "1767362400",
        "1767362400000",
        "1767362400000000",
        "1767362400.0",
        "1.7673624e12",
        " 1767362400000 ",
        "2026-01-02 14:00:00",
        "2026-01-02T14:00:00Z",
        "2026-01-02 15:00:00+01:00",
    ],
)
def test_a_time_is_read_in_every_form_that_binances_dumps_have(text: str) -> None:
    assert cells.instant("open_time", text) == HOUR


NO_TIMES = ["", "x", "nan", "inf", "-1", "0", "5", "1_767_362_400", "9" * 30, "2026-13-01", "1999-12-31", "2100-01-01"]


@pytest.mark.parametrize("text", [*NO_TIMES, "9999-12-31 23:59:59-12:00"])
def test_anything_else_is_no_time_and_is_quoted(text: str) -> None:
    with pytest.raises(BadCellError) as refused:
        cells.instant("open_time", text)

    assert str(refused.value).startswith(f"open_time {text!r}: must be epoch s, ms or µs")


@pytest.mark.parametrize("text", ["", "abc", "nan", "-inf", "inf", "1e999", "-0.1", "1_000", "0x10", "1,5"])
def test_what_is_no_number_from_zero_up_is_refused(text: str) -> None:
    with pytest.raises(BadCellError, match=r"close .*: must be a number above 0"):
        cells.positive("close", text)
    with pytest.raises(BadCellError, match=r"quote_volume .*: must be a number from 0 up"):
        cells.from_zero("quote_volume", text)


def test_zero_is_a_volume_and_no_price() -> None:
    assert cells.from_zero("quote_volume", "0.000") == 0.0
    with pytest.raises(BadCellError):
        cells.positive("close", "0.000")


@given(st.floats(1e-12, 1e15))
def test_numbers_are_read_as_they_were_written(value: float) -> None:
    assert cells.positive("close", repr(value)) == cells.from_zero("volume", repr(value)) == value


@given(st.text(max_size=30))
def test_no_text_is_anything_but_a_value_or_a_bad_cell(text: str) -> None:
    for read in (cells.positive, cells.from_zero, cells.instant):
        with suppress(BadCellError):
            assert read("any", text) >= 0


def test_a_symbol_is_a_name_of_reasonable_length() -> None:
    assert cells.symbol(" 币安人生USDT ") == "币安人生USDT"
    for text in ("", "  ", "X" * 65):
        with pytest.raises(BadCellError, match="symbol"):
            cells.symbol(text)

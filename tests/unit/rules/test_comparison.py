"""Stream against REST: what agrees, what differs, and what is missing."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.examples import DUE_MS, funding_row
from volspike.model.market import FundingRow, PremiumIndex
from volspike.rules import comparison

BTC = frozenset({"BTCUSDT"})
rates = st.none() | st.floats(-0.03, 0.03)


def premium_index(symbol: str = "BTCUSDT", mark: float = 100.0, rate: float | None = 0.0001) -> PremiumIndex:
    return PremiumIndex(symbol, mark, rate, DUE_MS)


@pytest.mark.parametrize(
    ("stream_rate", "rest_rate", "stream_mark", "problem"),
    [
        (0.0001, 0.0001, 100.0, ""),
        (0.0001, 0.0001 + 0.9e-7, 100.0, ""),
        (0.0001, 0.0001 - 1.1e-7, 100.0, "funding rates differ"),
        (None, None, 100.0, ""),
        (None, 0.0, 100.0, "only one has a funding rate"),
        (0.0, None, 100.0, "only one has a funding rate"),
        (0.0001, 0.0001, 100.1, ""),
        (0.0001, 0.0001, 99.9, ""),
        (0.0001, 0.0001, 100.11, "mark prices differ"),
        (0.0001, 0.0002, 99.8, "funding rates differ, mark prices differ"),
        (None, 0.0002, 99.8, "only one has a funding rate, mark prices differ"),
    ],
)
def test_rates_agree_within_1e_minus_7_and_marks_within_a_thousandth(
    stream_rate: float | None, rest_rate: float | None, stream_mark: float, problem: str
) -> None:
    rows = {"BTCUSDT": funding_row(mark=stream_mark, rate=stream_rate)}

    result = comparison.compare(rows, [premium_index(rate=rest_rate)], BTC)

    assert (result.compared, result.agreeing) == (1, 0 if problem else 1)
    assert [found.problem for found in result.differences] == ([problem] if problem else [])


@given(st.dictionaries(st.text("ABC", min_size=1, max_size=3), st.tuples(st.floats(0.001, 1e6), rates), max_size=8))
def test_a_stream_that_says_what_rest_says_agrees_everywhere(told: dict[str, tuple[float, float | None]]) -> None:
    rows = {symbol: funding_row(mark=mark, rate=rate) for symbol, (mark, rate) in told.items()}
    rest = [premium_index(symbol, mark, rate) for symbol, (mark, rate) in told.items()]

    result = comparison.compare(rows, rest, frozenset(told))

    assert (result.compared, result.agreeing, result.differences) == (len(told), len(told), [])


def test_only_tradable_symbols_may_not_be_missing_in_the_stream() -> None:
    rows: dict[str, FundingRow] = {}

    result = comparison.compare(rows, [premium_index("BTCUSDT"), premium_index("EOSUSDT")], BTC)

    assert result.compared == 0
    assert [(found.symbol, found.problem) for found in result.differences] == [("BTCUSDT", "missing in the stream")]


def test_a_symbol_that_rest_does_not_tell_is_not_compared() -> None:
    result = comparison.compare({"NEWUSDT": funding_row()}, [], frozenset())

    assert (result.compared, result.differences) == (0, [])


def test_a_difference_shows_all_four_values() -> None:
    rows = {"BTCUSDT": funding_row(mark=200.0, rate=0.0002)}

    result = comparison.compare(rows, [premium_index(mark=100.0, rate=0.0001)], BTC)

    assert msgspec.to_builtins(result.differences[0]) == {
        "symbol": "BTCUSDT",
        "problem": "funding rates differ, mark prices differ",
        "streamRate": 0.0002,
        "restRate": 0.0001,
        "streamMark": 200.0,
        "restMark": 100.0,
    }

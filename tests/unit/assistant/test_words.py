"""Instants, ages and symbols in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.assistant.words import UnknownSymbolError, age, instant, known_symbol, plain

KNOWN = ["BTCUSDT", "ETHUSDT", "ETHUSDC", "BTCUSDT_261225", "币安人生USDT"]


def test_an_instant_is_iso_8601_in_utc() -> None:
    assert instant(1_764_724_344.9) == "2025-12-03T01:12:24Z"


@pytest.mark.parametrize(("at", "expected"), [(90.0, 10.0), (99.96, 0.0), (120.0, 0.0)])
def test_an_age_is_never_negative(at: float, expected: float) -> None:
    assert age(at, 100.0) == expected


@pytest.mark.parametrize(
    ("asked", "symbol"),
    [
        ("BTCUSDT", "BTCUSDT"),
        (" btc ", "BTCUSDT"),
        ("eth/usdt", "ETHUSDT"),
        ("ETHUSDC", "ETHUSDC"),
        ("btcusdt_261225", "BTCUSDT_261225"),
        ("币安人生", "币安人生USDT"),
    ],
)
def test_a_symbol_is_known_by_what_people_say(asked: str, symbol: str) -> None:
    assert known_symbol(asked, KNOWN) == symbol


def test_an_unknown_one_names_those_that_may_be_meant() -> None:
    with pytest.raises(UnknownSymbolError, match="'BTTC' is not among the 5 that are known; near it are BTCUSDT"):
        known_symbol("BTTC", KNOWN)


def test_without_any_symbol_the_reason_is_told() -> None:
    with pytest.raises(UnknownSymbolError, match="no data yet"):
        known_symbol("BTCUSDT", [])


@given(st.text(max_size=2000))
def test_foreign_text_is_one_short_line(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text)) <= 500


@given(st.text(max_size=60))
def test_whatever_is_asked_is_a_known_symbol_or_told_in_one_line_to_be_unknown(asked: str) -> None:
    try:
        outcome = known_symbol(asked, KNOWN)
    except UnknownSymbolError as error:
        outcome = str(error)
    assert outcome in KNOWN or (outcome.isprintable() and "is not among the 5" in outcome)

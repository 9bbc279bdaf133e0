"""From the text of a variable to its value."""

import pytest

from volspike.settings import parsers


@pytest.mark.parametrize("bad", ["0", "-1", "nan", "inf", "1e16", "three", ""])
def test_a_number_above_zero_is_finite_and_above_zero(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        parsers.number(above=0)(bad)


@pytest.mark.parametrize(("text", "value"), [("3", 3.0), ("3e6", 3e6), ("0.03", 0.03)])
def test_numbers_are_taken_as_python_writes_them(text: str, value: float) -> None:
    assert parsers.number(above=0)(text) == value


@pytest.mark.parametrize("bad", ["-0.1", "nan", "inf", "x"])
def test_an_amount_is_never_negative(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        parsers.not_negative(bad)


def test_whole_numbers_have_bounds() -> None:
    assert parsers.whole(1, 5)("5") == 5
    for bad in ("0", "6", "2.5"):
        with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
            parsers.whole(1, 5)(bad)


@pytest.mark.parametrize("good", ["", "123456:ABC-def_7"])
def test_a_bots_token_is_one_as_telegram_gives_it(good: str) -> None:
    assert parsers.bot_token(good) == good


@pytest.mark.parametrize("bad", ["token", "12:a b", "12:a/../b", "12:"])
def test_what_would_change_the_address_is_no_token(bad: str) -> None:
    with pytest.raises(ValueError, match=bad):
        parsers.bot_token(bad)


@pytest.mark.parametrize("good", ["", "-1001234567890", "42", "@marketdesk"])
def test_a_chat_is_a_number_or_a_public_name(good: str) -> None:
    assert parsers.chat(good) == good


@pytest.mark.parametrize("bad", ["marketdesk", "t.me/x", "1 2"])
def test_anything_else_is_no_chat(bad: str) -> None:
    with pytest.raises(ValueError, match=bad):
        parsers.chat(bad)


def test_a_key_can_be_sent_in_a_header() -> None:
    assert parsers.header_safe("k-1_/+=") == "k-1_/+="
    for bad in ("two words", "schlüssel", "a\nb"):
        with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
            parsers.header_safe(bad)

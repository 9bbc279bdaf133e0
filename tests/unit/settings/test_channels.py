"""From the text of a variable to Telegram's channels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.settings import channels

NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{3,31}\Z")


@pytest.mark.parametrize(
    "text",
    [
        "watcherguru",
        "@watcherguru",
        "WatcherGuru",
        "t.me/watcherguru",
        "https://t.me/watcherguru",
        "https://t.me/s/WatcherGuru/",
        "http://telegram.me/watcherguru",
    ],
)
def test_a_channel_is_named_in_any_usual_way(text: str) -> None:
    assert channels.channel(text) == "watcherguru"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "@",
        "abc",
        "1234",
        "two words",
        "t.me/+AbCdEfGh",
        "t.me/joinchat/AbCd",
        "https://x.com/watcherguru",
        "a/../b",
    ],
)
def test_what_is_no_public_channel_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        channels.channel(bad)


@given(st.lists(NAMES, min_size=1))
def test_each_channel_is_kept_once_in_the_order_given(names: list[str]) -> None:
    assert channels.channels(", ".join(f"@{name}," for name in names)) == tuple(dict.fromkeys(names))


def test_no_channel_has_to_be_said() -> None:
    assert channels.channels("-") == ()
    with pytest.raises(ValueError, match=","):
        channels.channels(" , ")


def test_categories_are_added_to_those_that_are_known() -> None:
    found = channels.categories("https://t.me/FedWatch: macro, @coinlist:new-coins,watcherguru:news,")

    assert found == {"marketfeed": "macro", "watcherguru": "news", "fedwatch": "macro", "coinlist": "new-coins"}


@pytest.mark.parametrize("bad", ["marketfeed", "marketfeed:", ":macro", "marketfeed:two words", "t.me/+x:macro"])
def test_a_category_belongs_to_a_channel(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        channels.categories(bad)


def test_an_application_has_a_number_and_a_hash() -> None:
    assert (channels.api_id("12345"), channels.api_hash("0123456789abcdef" * 2)) == (12345, "0123456789abcdef" * 2)
    assert (channels.api_id(""), channels.api_hash("")) == (None, "")


@pytest.mark.parametrize("bad", ["0", "-1", "2147483648", "12a"])
def test_another_number_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        channels.api_id(bad)


@pytest.mark.parametrize("bad", ["abc", "g" * 32, "0" * 33])
def test_another_hash_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        channels.api_hash(bad)

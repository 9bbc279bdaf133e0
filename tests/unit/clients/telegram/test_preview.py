"""The preview page as a whole, and what becomes of it when its shape changes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.clients.telegram.channel_pages import (
    CHANNEL_ID,
    MEDIA,
    NOTHING_FOUND,
    WITHOUT_PREVIEW,
    album,
    message,
    page,
    service,
    view,
)
from volspike.clients.telegram import preview
from volspike.clients.telegram.channels import ChannelGone, ShapeChanged

PAGE = page([service(1), message(2), message(3, MEDIA["photo"]), message(4)], older=2)


def ids(content: bytes) -> list[int]:
    return [each.id for each in preview.parse(content, "marketfeed").messages]


def test_a_page_tells_its_channel_its_messages_and_where_the_older_ones_are() -> None:
    found = preview.parse(PAGE, "marketfeed")

    assert (found.channel_id, found.username, found.title) == (CHANNEL_ID, "marketfeed", "Market Feed & Co")
    assert [(each.id, each.post is not None, each.unreadable) for each in found.messages] == [
        (1, False, False),
        (2, True, False),
        (3, True, False),
        (4, True, False),
    ]
    assert found.older == 2


def test_the_first_page_has_nothing_older() -> None:
    assert preview.parse(page([message(2)]), "marketfeed").older is None


def test_a_name_is_the_same_in_any_letter_case_and_told_as_telegram_has_it() -> None:
    found = preview.parse(page([message(2, owner="MarketFeed")], name="MarketFeed"), "marketfeed")

    assert found.username == "MarketFeed"
    assert len(found.messages) == 1


@pytest.mark.parametrize("padding", ["", "="])
def test_the_number_of_the_channel_is_that_of_the_account_s_reader(padding: str) -> None:
    content = page([message(2, data_view=view(-1_234_567_890) + padding)])

    assert preview.parse(content, "marketfeed").channel_id == -1_001_234_567_890


def test_an_album_is_one_message_under_its_first_id() -> None:
    assert ids(page([message(6), album(7, photos=3), message(10)])) == [6, 7, 10]


def test_the_blocks_of_another_channel_are_ignored() -> None:
    assert ids(page([message(900, owner="advert"), message(2), service(901, owner="advert")])) == [2]


def test_a_page_without_messages_is_told_as_it_is() -> None:
    found = preview.parse(page([]), "marketfeed")

    assert (found.channel_id, found.username, found.messages) == (None, "marketfeed", ())


@pytest.mark.parametrize(
    ("content", "empty"),
    [
        (page([]), True),
        (page([NOTHING_FOUND]), True),
        (page([message(2)]), False),
        (page([message(2).replace("tgme_widget_message ", "tgme_post ")]), False),
        (page([]).replace(b"js-message_history", b"js-history"), False),
    ],
)
def test_a_channel_is_empty_where_nothing_stands_in_the_place_for_messages(content: bytes, empty: bool) -> None:
    assert preview.parse(content, "marketfeed").is_empty is empty


def test_a_channel_with_service_messages_alone_has_no_number() -> None:
    found = preview.parse(page([service(1)]), "marketfeed")

    assert (found.channel_id, len(found.messages)) == (None, 1)


def test_a_post_that_cannot_be_read_costs_itself() -> None:
    found = preview.parse(page([message(2), message(3, ""), message(4, date="?")]), "marketfeed")

    assert [each.unreadable for each in found.messages] == [False, True, True]


def test_a_channel_without_preview_is_gone() -> None:
    with pytest.raises(ChannelGone, match=r"^@marketfeed shows no preview: it is private, or no channel$"):
        preview.parse(WITHOUT_PREVIEW, "marketfeed")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (page([message(2)], name="newsfeed"), "its page is that of @newsfeed"),
        (page([message(2, owner="newsfeed")]), "its page has the messages of @newsfeed"),
    ],
)
def test_a_page_of_another_channel_says_that_it_is_renamed(content: bytes, told: str) -> None:
    with pytest.raises(ChannelGone, match=rf"^@marketfeed is renamed: {told}$"):
        preview.parse(content, "marketfeed")


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"", r" \.tgme_channel_info_header_title"),
        (b"<html><body>Please log in to this network</body></html>", r" \.tgme_channel_info_header_title"),
        (PAGE.replace(b"tgme_channel_info_header_title", b"title"), r" \.tgme_channel_info_header_title"),
        (PAGE.replace(b"data-post", b"data-p"), r" \.tgme_widget_message\[data-post\]"),
        (PAGE.replace(b"marketfeed/", b"marketfeed-"), r" \.tgme_widget_message\[data-post\]"),
        (PAGE.replace(b"js-message_text", b"text"), r" \.js-message_text in its messages"),
        (PAGE.replace(b"datetime=", b"data-time="), r" time\[datetime\] in its messages"),
        (PAGE.replace(b"data-view", b"data-v"), " data-view with the number of the channel in its messages"),
        (PAGE.replace(view().encode(), view(5).encode()), " data-view with the number"),
        (PAGE.replace(view().encode(), view("x").encode()), " data-view with the number"),
        (PAGE.replace(view().encode(), b"e"), " data-view with the number"),
        (PAGE.replace(view().encode(), b"\xc3\xa9"), " data-view with the number"),
    ],
)
def test_a_page_whose_shape_has_changed_names_what_is_missing(content: bytes, missing: str) -> None:
    with pytest.raises(ShapeChanged, match=rf"^the page of @marketfeed has no{missing}"):
        preview.parse(content, "marketfeed")


def test_a_link_to_older_posts_without_a_number_is_none() -> None:
    assert preview.parse(PAGE.replace(b'data-before="2"', b'data-before="two"'), "marketfeed").older is None


@given(st.binary())
def test_whatever_is_answered_it_is_a_page_or_a_known_error(content: bytes) -> None:
    with pytest.raises((ChannelGone, ShapeChanged)):
        preview.parse(content, "marketfeed")


@given(st.integers(0, len(PAGE)), st.integers(0, len(PAGE)), st.binary(max_size=20))
def test_a_damaged_page_is_a_page_or_a_known_error(start: int, end: int, instead: bytes) -> None:
    with suppress(ChannelGone, ShapeChanged):
        preview.parse(PAGE[: min(start, end)] + instead + PAGE[max(start, end) :], "marketfeed")


@given(st.sets(st.integers(1, 2**53), min_size=1, max_size=40))
def test_every_message_of_the_page_is_found(numbers: set[int]) -> None:
    assert ids(page([message(number) for number in sorted(numbers)])) == sorted(numbers)

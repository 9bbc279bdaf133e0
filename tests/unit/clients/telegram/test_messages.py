"""Messages made of Pyrogram's own classes, read as posts."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.clients.telegram.pyrogram_world import (
    AT,
    channel,
    entity,
    local_date,
    media,
    message,
    post,
    service,
    types,
)
from volspike.clients.telegram import messages
from volspike.clients.telegram.pages import Message
from volspike.model.news import Post


def read(found: Any) -> Post:
    taken = messages.read(found).post
    assert taken is not None
    return taken


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kathmandu"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_a_post_is_read() -> None:
    found = post(7, "BTC breaks out", author_signature="Ann Lee", views=1200, forwards=3)

    assert read(found) == Post(7, "BTC breaks out", float(AT), "Ann Lee", 1200, 3, False, None, ())
    assert type(read(found).text) is str


@pytest.mark.parametrize("at", [AT, 1_793_509_200 - 1, 1_793_509_200, 1_793_512_800])  # an hour that New York has twice
def test_a_date_is_an_instant_whatever_the_zone_of_the_host(zone: str, at: int) -> None:
    assert read(post(date=local_date(at))).date == at


def test_the_caption_of_media_is_the_text() -> None:
    found = message(caption=types.messages_and_media.message.Str("A chart"), **media("photo"))

    assert (read(found).text, type(read(found).text)) == ("A chart", str)


@pytest.mark.parametrize("kind", ["photo", "video", "document", "audio", "voice", "sticker", "animation"])
def test_media_of_the_known_kinds_have_their_type(kind: str) -> None:
    found = read(message(**media(kind)))

    assert (found.has_media, found.media_type, found.text) == (True, kind, None)


@pytest.mark.parametrize("kind", ["video_note", "poll", "location", "contact", "dice"])
def test_other_media_have_no_type(kind: str) -> None:
    found = read(message(**media(kind)))

    assert (found.has_media, found.media_type) == (True, None)


def test_the_preview_of_a_link_is_a_link_and_no_media() -> None:
    found = read(post(text="see", **media("web_page")))

    assert (found.has_media, found.media_type, found.links) == (False, None, ("https://example.com/preview",))


def test_links_are_those_of_preview_and_entities_each_once() -> None:
    text = "🔥 https://example.com/a or here, or https://example.com/a"
    entities = [
        entity("BOLD", 0, 2),
        entity("URL", 3, 21),
        entity("TEXT_LINK", 28, 4, "https://example.com/b"),
        entity("TEXT_LINK", 28, 4),
        entity("URL", 37, 21),
        entity("HASHTAG", 0, 2),
    ]

    found = read(post(text=text, entities=entities, **media("web_page")))

    assert found.links == ("https://example.com/preview", "https://example.com/a", "https://example.com/b")


def test_links_of_a_caption_count_too() -> None:
    caption = "📈📈 https://example.com/chart"

    found = message(
        caption=types.messages_and_media.message.Str(caption),
        caption_entities=[entity("URL", 5, 25), entity("TEXT_LINK", 0, 2, "https://example.com/b")],
        **media("photo"),
    )

    assert read(found).links == ("https://example.com/chart", "https://example.com/b")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_link_is_found_behind_any_text(before: str, after: str) -> None:
    link = "https://example.com/a"
    offset = len(before.encode("utf-16-le")) // 2

    found = read(post(text=before + link + after, entities=[entity("URL", offset, len(link))]))

    assert found.links == (link,)


def test_a_place_that_cuts_an_emoji_in_two_leaves_words_that_can_be_sent() -> None:
    found = read(post(text="📈 https://example.com/a", entities=[entity("URL", 1, 23)]))

    assert found.links == (" https://example.com/a",)


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ({}, None),
        ({"author_signature": "Desk"}, "Desk"),
        ({"from_user": types.User(id=1, first_name="Ann", last_name="Lee")}, "Ann Lee"),
        ({"from_user": types.User(id=1, first_name="Ann")}, "Ann"),
        ({"from_user": types.User(id=1)}, None),
        ({"sender_chat": None}, None),
    ],
)
def test_a_sender_is_who_has_signed_or_written_it(sender: dict[str, Any], name: str | None) -> None:
    assert read(post(**sender)).sender_name == name


def test_a_forwarded_post_is_a_post() -> None:
    origin = types.MessageOriginChannel(date=local_date(), chat=channel(title="Other"), message_id=5)

    assert read(post(text="News of others", forward_origin=origin)).text == "News of others"


def test_what_telegram_does_not_count_is_unknown() -> None:
    assert (read(post()).views, read(post()).forwards) == (None, None)


@pytest.mark.parametrize("found", [service(9), message(9, empty=True, date=None)])
def test_a_service_message_and_a_deleted_one_are_no_posts(found: Any) -> None:
    assert messages.read(found) == Message(9, None)


@pytest.mark.parametrize(
    "found",
    [
        message(9),
        post(9, ""),
        post(9, date=None),
        post(9, entities=[object()]),
        post(9, entities=[entity("URL", -5, "x")]),  # type: ignore[arg-type]
        post(9, from_user=object()),
    ],
)
def test_a_message_that_is_none_that_is_known_costs_itself(found: Any) -> None:
    assert messages.read(found) == Message(9, None, unreadable=True)

"""News as every part of the suite speaks of it."""

import msgspec
import pytest

from volspike.model.news import Page, Post

POST = Post(7, "BTC", 1_790_856_015.0, None, 1200, None, True, "photo", ("https://example.com/a",))


def test_what_nobody_knows_is_null_and_its_key_is_there() -> None:
    assert msgspec.to_builtins(POST) == {
        "id": 7,
        "text": "BTC",
        "date": 1_790_856_015.0,
        "sender_name": None,
        "views": 1200,
        "forwards": None,
        "has_media": True,
        "media_type": "photo",
        "links": ("https://example.com/a",),
    }


def test_media_of_no_known_kind_have_no_type() -> None:
    with pytest.raises(msgspec.ValidationError, match="media_type"):
        msgspec.convert(msgspec.to_builtins(POST) | {"media_type": "poll"}, Post)


def test_a_page_may_reach_farther_than_its_last_post() -> None:
    page = Page((POST,), last_id=9, unreadable=1)

    assert (page.posts[-1].id, page.last_id) == (7, 9)

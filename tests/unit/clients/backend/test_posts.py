"""Posts as the embedded backend lists them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.backend.posts import PATH, ListedPost, Posts, parse
from volspike.clients.backend.wire import Malformed
from volspike.clients.errors import Misdirected
from volspike.model.news import Channel

CHANNEL = {"id": -1001, "username": "marketfeed", "title": "Market News Feed", "category": "general"}


def listed(**fields: Any) -> dict[str, Any]:
    """Return a post as the backend lists it."""
    post = {
        "id": 7, "text": "BTC moves", "date": "2026-10-01T12:02:03Z", "sender_name": None, "views": 1200,
        "forwards": None, "has_media": False, "media_type": None, "links": ["https://example.org/a"], **fields,
    }  # fmt: skip
    return {"channel": CHANNEL, "post": post}


def content(*rows: object) -> bytes:
    return json.dumps({"messages": rows, "next": None}).encode()


def test_the_newest_are_asked_for_with_the_key(server: AnsweringServer) -> None:
    server.answers[PATH] = Answer(body=content(listed()))

    with Posts(server.url, "secret") as posts:
        found = posts.latest(50)

    channel = Channel(-1001, "marketfeed", "Market News Feed")
    links = ("https://example.org/a",)
    assert found == [ListedPost(channel, 7, 1_790_856_123.0, "BTC moves", None, 1200, None, None, links)]
    assert server.asked == [f"{PATH}?limit=50"]
    assert server.requests[0].headers["x-api-key"] == "secret"


@pytest.mark.parametrize(
    ("fields", "media_type"),
    [
        ({"has_media": True, "media_type": "photo"}, "photo"),
        ({"has_media": True, "media_type": None}, "media"),
        ({"has_media": False, "media_type": "photo"}, None),
    ],
)
def test_what_a_post_shows_beside_its_text_is_told(fields: dict[str, Any], media_type: str | None) -> None:
    (post,) = parse(content(listed(text=None, **fields)))

    assert (post.text, post.media_type) == ("", media_type)


def test_a_post_that_does_not_decode_costs_only_itself() -> None:
    rows: list[object] = [listed(id="seven"), listed(date="yesterday"), {"post": {}}, None, listed(id=8)]

    assert [post.id for post in parse(content(*rows))] == [8]


@given(st.binary(max_size=40) | st.sampled_from([b"<html>", b"[]", b'{"messages":3}', b"[" * 5000]))
def test_what_is_no_listing_is_malformed(noise: bytes) -> None:
    with pytest.raises(Malformed, match="not an answer of the backend"):
        parse(noise)


def test_a_wrong_key_is_one(server: AnsweringServer) -> None:
    server.answers[PATH] = Answer(401, b'{"error":"Invalid API key"}')

    with Posts(server.url, "secret") as posts, pytest.raises(Misdirected, match="Invalid API key"):
        posts.latest(1)

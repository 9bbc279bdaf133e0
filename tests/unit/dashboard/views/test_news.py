"""What the News page shows of a post."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.examples import NOW
from volspike.clients.backend.posts import ListedPost
from volspike.dashboard.views import news as view
from volspike.dashboard.views.news import Link
from volspike.model.news import Channel


def post(links: tuple[str, ...] = (), **fields: Any) -> ListedPost:
    """Return a post without anything that need not be there."""
    channel = Channel(-1001, "marketfeed", fields.pop("title", "Market Feed"))
    given: dict[str, Any] = {"text": "", "sender_name": None, "views": None, "forwards": None, "media_type": None}
    return ListedPost(channel, 7, NOW, links=links, **given | fields)


def test_a_post_is_shown_with_its_channel_time_and_the_way_to_it() -> None:
    shown = view.shown(post(text="BTC moves", sender_name="An editor", views=12_345, media_type="photo"))

    assert shown == (
        "-1001/7",
        "Market Feed",
        NOW,
        "01 Oct 2026 12:02 UTC",
        "BTC moves",
        "An editor",
        "12.35K views",
        "photo",
        (Link("https://t.me/marketfeed/7", "Open in Telegram"),),
    )


def test_what_is_unknown_is_empty() -> None:
    shown = view.shown(post(title=""))

    assert (shown.channel, shown.by, shown.seen, shown.media) == ("@marketfeed", "", "", "")


@pytest.mark.parametrize(("views", "seen"), [(0, "0 views"), (1, "1 view"), (999, "999 views"), (1000, "1.00K views")])
def test_views_are_counted_for_people(views: int, seen: str) -> None:
    assert view.shown(post(views=views)).seen == seen


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://example.org/", "example.org"),
        ("http://example.org/a?b=1", "example.org/a?b=1"),
        ("https://example.org/" + "x" * 80, "example.org/" + "x" * 57 + "…"),
    ],
)
def test_a_link_is_shown_by_its_address(address: str, title: str) -> None:
    assert view.shown(post((address,))).links[1:] == (Link(address, title),)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org", "https:",
     "https://[::1", "", "tg://resolve?domain=x", " javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_web_page_is_no_link(address: str) -> None:
    assert len(view.shown(post((address,))).links) == 1


@given(st.text(max_size=30))
def test_whatever_a_stranger_calls_a_link_leads_to_the_web_or_nowhere(address: str) -> None:
    links = view.shown(post((address,))).links

    assert all(link.address.strip().lower().startswith(("http://", "https://")) for link in links)

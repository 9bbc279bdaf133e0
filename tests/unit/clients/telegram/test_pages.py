"""Messages to pages."""

from hypothesis import given
from hypothesis import strategies as st

from volspike.clients.telegram.channels import POSTS_A_PAGE
from volspike.clients.telegram.pages import Message, in_pages
from volspike.model.news import Page, Post


def post(number: int) -> Post:
    return Post(number, "text", 0.0, None, None, None, False, None, ())


def message(number: int, kind: str) -> Message:
    return Message(number, post(number) if kind == "post" else None, unreadable=kind == "unreadable")


kinds = st.sampled_from(["post", "service", "unreadable"])


@given(st.dictionaries(st.integers(1, 2**40), kinds, max_size=160))
def test_pages_hold_every_post_once_in_order_and_move_the_cursor_over_the_rest(kind_of: dict[int, str]) -> None:
    pages = list(in_pages([message(number, kind) for number, kind in kind_of.items()], "Market Feed"))

    posts = [each.id for page in pages for each in page.posts]
    assert posts == sorted(number for number, kind in kind_of.items() if kind == "post")
    assert all(len(page.posts) <= POSTS_A_PAGE for page in pages)
    assert all(page.posts[-1].id <= page.last_id for page in pages if page.posts)
    cursors = [page.last_id for page in pages]
    assert cursors == sorted(set(cursors))
    assert cursors[-1:] == sorted(kind_of)[-1:]
    assert sum(page.unreadable for page in pages) == list(kind_of.values()).count("unreadable")


def test_nothing_is_no_page() -> None:
    assert list(in_pages([], "Market Feed")) == []


def test_a_service_message_alone_moves_the_cursor() -> None:
    assert list(in_pages([Message(9, None)], "Market Feed")) == [Page((), 9, title="Market Feed")]

"""Messages of a channel to pages of posts; pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from volspike.clients.telegram.channels import POSTS_A_PAGE
from volspike.model.news import Page, Post


class Message(NamedTuple):
    """A message of a channel: a post, or None where it is none (a service message) or one of the `unreadable`."""

    id: int
    post: Post | None
    unreadable: bool = False


def in_pages(messages: Sequence[Message], title: str) -> Iterator[Page]:
    """Yield messages, which may come in any order, as pages in the order of their ids, of a channel with this title."""
    ordered = sorted(messages, key=lambda message: message.id)
    for start in range(0, len(ordered), POSTS_A_PAGE):
        part = ordered[start : start + POSTS_A_PAGE]
        posts = tuple(message.post for message in part if message.post is not None)
        yield Page(posts, part[-1].id, sum(message.unreadable for message in part), title)

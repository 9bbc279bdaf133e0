"""What the News page shows of a post; text and links come from strangers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from volspike.clients.backend.posts import ListedPost
from volspike.rules.alert_text import compact

MOST_POSTS = 100
LONGEST_LINK = 70


class Link(NamedTuple):
    """An address to go to, and what is shown for it."""

    address: str
    title: str


class Shown(NamedTuple):
    """A post as people read it; what is unknown is empty."""

    key: str
    channel: str
    at: float
    stamp: str
    """When it was, in UTC."""
    text: str
    by: str
    seen: str
    media: str
    links: tuple[Link, ...]


def shown(post: ListedPost) -> Shown:
    """Return a post as people read it."""
    address = f"https://t.me/{post.channel.username}/{post.id}"
    return Shown(
        key=f"{post.channel.id}/{post.id}",
        channel=post.channel.title or f"@{post.channel.username}",
        at=post.at,
        stamp=f"{datetime.fromtimestamp(post.at, UTC):%d %b %Y %H:%M} UTC",
        text=post.text,
        by=post.sender_name or "",
        seen="" if post.views is None else _views(post.views),
        media=post.media_type or "",
        links=(Link(address, "Open in Telegram"), *_links(post.links)),
    )


def _links(addresses: tuple[str, ...]) -> Iterator[Link]:
    """Yield the addresses of web pages; anything else, such as javascript:, must not be clicked."""
    for address in addresses:
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname:
            title = address.partition("://")[2].rstrip("/")
            yield Link(address, title if len(title) <= LONGEST_LINK else f"{title[: LONGEST_LINK - 1]}…")


def _views(number: int) -> str:
    count = str(number) if number < 1000 else compact(number)  # noqa: PLR2004 - the first number with a unit
    return f"{count} {'view' if number == 1 else 'views'}"

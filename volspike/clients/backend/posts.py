"""The Telegram posts that a backend has taken, read back; only the embedded backend lists them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, MsgspecError, Raw, Struct

from volspike.clients.backend import wire
from volspike.clients.backend.connection import Connection
from volspike.model.news import Channel
from volspike.runtime.closing import Closing

PATH = "/api/telegram/messages"
TIMEOUT_SECONDS = (3.05, 10.0)


class ListedPost(Struct, frozen=True, gc=False):
    """A post and its channel; `at` is epoch seconds, None is what nobody knows. Text and links are a stranger's."""

    channel: Channel
    id: int
    at: float
    text: str
    sender_name: str | None
    views: int | None
    forwards: int | None
    media_type: str | None
    """What the post shows beside its text: its type, `media` where that is not known, None for nothing."""
    links: tuple[str, ...]


class Posts(Closing):
    """The posts at one embedded backend."""

    def __init__(self, url: str, key: str) -> None:
        self._connection = Connection(url, key, TIMEOUT_SECONDS, 1)

    def close(self) -> None:
        """Close what is open."""
        self._connection.close()

    def latest(self, count: int) -> list[ListedPost]:
        """Return the newest posts, newest first; one that does not decode is left out. Raises Transient, Permanent."""
        return self._connection.parsed(parse, self._connection.get(PATH, {"limit": str(count)}))


class _Listing(Struct):
    messages: list[Raw]


class _Post(Struct):
    id: int
    date: Annotated[datetime, Meta(tz=True)]
    text: str | None = None
    sender_name: str | None = None
    views: int | None = None
    forwards: int | None = None
    has_media: bool = False
    media_type: str | None = None
    links: tuple[str, ...] = ()


class _Row(Struct):
    channel: Channel
    post: _Post


def parse(content: bytes) -> list[ListedPost]:
    """Return the posts of a listing. Raises Malformed when it is none."""
    try:
        rows = msgspec.json.decode(content, type=_Listing).messages
    except (MsgspecError, ValueError, RecursionError) as error:
        raise wire.Malformed(f"not an answer of the backend ({error}): {content[:60]!r}") from None
    return [post for row in rows if (post := _post(row)) is not None]


def _post(row: Raw) -> ListedPost | None:
    try:
        found = msgspec.json.decode(row, type=_Row)
    except (MsgspecError, ValueError, RecursionError):
        return None
    post = found.post
    media_type = (post.media_type or "media") if post.has_media else None
    return ListedPost(
        found.channel,
        post.id,
        post.date.timestamp(),
        post.text or "",
        post.sender_name,
        post.views,
        post.forwards,
        media_type,
        post.links,
    )

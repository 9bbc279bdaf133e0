"""News of public Telegram channels, as the suite speaks of them. Instants are epoch seconds, in UTC."""

from typing import Literal

from msgspec import Struct

MediaType = Literal["photo", "video", "document", "audio", "voice", "sticker", "animation"]


class Channel(Struct, frozen=True):
    """A channel: `id` is Telegram's own number of it, below zero; `username` is what its address ends in."""

    id: int
    username: str
    title: str


class Post(Struct, frozen=True):
    """A post of a channel; None is what nobody knows. `text` may be the caption of its media.

    `media_type` may be None although there is media, such as a poll; `links` holds each address once.
    """

    id: int
    text: str | None
    date: float
    sender_name: str | None
    views: int | None
    forwards: int | None
    has_media: bool
    media_type: MediaType | None
    links: tuple[str, ...]


class Page(Struct, frozen=True):
    """Posts that follow each other, oldest first, and how far they reach.

    `last_id` is the highest message of the page, though it may be one that is no post (a service message) or one of
    the `unreadable`, which are only counted: whoever has taken the posts goes on after it. `title` is that of the
    channel at that time, or empty where nothing tells it.
    """

    posts: tuple[Post, ...]
    last_id: int
    unreadable: int = 0
    title: str = ""

"""A message as Pyrogram has it to a post; pure.

Pyrogram is not imported here: what a message is made of is asked for by name, so that its classes stay where they are
needed. Two traps of it: dates are naive and in the zone of the host, and the places of an entity are counted in the
16-bit units of Telegram, of which an emoji takes two.
"""

from collections.abc import Iterator
from typing import Any, get_args

from volspike.clients.telegram.pages import Message
from volspike.model.news import MediaType, Post

_KINDS: tuple[MediaType, ...] = get_args(MediaType)
_NO_MEDIA = ("WEB_PAGE", "UNKNOWN")
"""The preview of a link is none of the post's own."""
_BROKEN = (AttributeError, LookupError, OverflowError, TypeError, ValueError)


def read(message: Any) -> Message:
    """Return what a message is: a post, none (a service message, a deleted one), or one that cannot be read."""
    if message.service or message.empty:
        return Message(message.id, None)
    try:
        return Message(message.id, _post(message))
    except _BROKEN:
        return Message(message.id, None, unreadable=True)


def _post(message: Any) -> Post:
    text = message.text or message.caption
    media_type = next((kind for kind in _KINDS if getattr(message, kind) is not None), None)
    has_media = media_type is not None or (message.media is not None and message.media.name not in _NO_MEDIA)
    if not text and not has_media:
        raise ValueError("neither text nor media")
    return Post(
        message.id,
        str(text) if text else None,
        message.date.timestamp(),  # naive is local, as Pyrogram has it
        _sender(message),
        message.views,
        message.forwards,
        has_media,
        media_type,
        tuple(dict.fromkeys(_links(message, str(text or "")))),
    )


def _sender(message: Any) -> str | None:
    """Return who has signed a post or written it; a channel that speaks in its own name is no sender."""
    if message.author_signature:
        return str(message.author_signature)
    if message.from_user is None:
        return None
    names = (message.from_user.first_name, message.from_user.last_name)
    return " ".join(name for name in names if name) or None


def _links(message: Any, text: str) -> Iterator[str]:
    if message.web_page is not None:
        yield message.web_page.url
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in [*(message.entities or ()), *(message.caption_entities or ())]:
        if entity.type.name == "TEXT_LINK" and entity.url:
            yield entity.url
        elif entity.type.name == "URL":
            start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
            yield units[start:end].decode("utf-16-le", "ignore")  # a place may cut an emoji in two

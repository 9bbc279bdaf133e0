"""The preview page of a public channel to its messages; pure.

The page is made for people and may change on any day. What is missing is then an error that names it: a page that is
read in vain must never look like a channel without news.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from volspike.clients.telegram import preview_message
from volspike.clients.telegram.channels import ChannelGone, ShapeChanged
from volspike.clients.telegram.pages import Message
from volspike.clients.telegram.preview_message import TEXT, UnreadableError

FIRST_CHANNEL_ID = -1_000_000_000_000
"""Telegram numbers its channels from here downward."""
_TITLE = ".tgme_channel_info_header_title"
_USERNAME = ".tgme_channel_info_header_username"
_PAGE_WITHOUT_PREVIEW = ".tgme_page"
_MESSAGE = ".tgme_widget_message"
_OLDER = "a.js-messages_more[data-before]"
_SERVICE = "service_message"
_HISTORY = ".js-message_history"
_NOTHING_FOUND = ".tme_no_messages_found"


class Preview(NamedTuple):
    """A page: messages as they stand there, and the message before which the older ones are, None on the first page.

    `channel_id` is None where no message is a post. `is_empty` is whether the page says that there are no messages,
    which Telegram also says to those who ask too often.
    """

    channel_id: int | None
    username: str
    title: str
    messages: tuple[Message, ...]
    older: int | None
    is_empty: bool


class _View(msgspec.Struct, frozen=True):
    """What a message tells those who count views; `c` is the number of its channel, below zero."""

    c: int


class _Block(NamedTuple):
    owner: str
    id: int
    node: LexborNode

    @property
    def is_service(self) -> bool:
        return _SERVICE in (self.node.attributes.get("class") or "").split()


def parse(content: bytes, name: str) -> Preview:
    """Return the page of the channel `name`. Raises ChannelGone when it is not its page, and ShapeChanged."""
    page = LexborHTMLParser(content.decode("utf-8", "replace"))
    title = _title(page, name)
    blocks = _own(_blocks(page, name), name)
    messages = _messages(blocks, name)
    channel_id = _channel_id(blocks, name)
    username = blocks[0].owner if blocks else name
    older = _number(_attribute(page, _OLDER, "data-before"))
    return Preview(channel_id, username, title, messages, older, not messages and _is_empty(page))


def _title(page: LexborHTMLParser, name: str) -> str:
    """Return the title of a channel's page, once it is sure that it is the page of this one."""
    title = page.css_first(_TITLE)
    if title is None:
        if page.css_first(_PAGE_WITHOUT_PREVIEW) and not page.css_first(_MESSAGE):
            raise ChannelGone(f"@{name} shows no preview: it is private, or no channel")
        raise ShapeChanged(f"the page of @{name} has no {_TITLE}")
    username = page.css_first(_USERNAME)
    shown = username.text().strip().removeprefix("@") if username else ""
    if shown and shown.lower() != name.lower():
        raise ChannelGone(f"@{name} is renamed: its page is that of @{shown}")
    return title.text().strip()


def _blocks(page: LexborHTMLParser, name: str) -> list[_Block]:
    nodes = page.css(_MESSAGE)
    found = []
    for node in nodes:
        owner, _, number = (node.attributes.get("data-post") or "").partition("/")
        if owner and (post_id := _number(number)) is not None:
            found.append(_Block(owner, post_id, node))
    if nodes and not found:
        raise ShapeChanged(f"the page of @{name} has no {_MESSAGE}[data-post]")
    return found


def _is_empty(page: LexborHTMLParser) -> bool:
    """Tell whether the place for messages is bare or says so; what else stands in it may be messages in a new shape."""
    history = page.css_first(_HISTORY)
    if history is None:
        return False
    return history.css_first(_NOTHING_FOUND) is not None or next(history.iter(), None) is None


def _own(blocks: Sequence[_Block], name: str) -> list[_Block]:
    """Return the blocks of this channel; the page may hold some of another."""
    own = [block for block in blocks if block.owner.lower() == name.lower()]
    if blocks and not own:
        raise ChannelGone(f"@{name} is renamed: its page has the messages of @{blocks[0].owner}")
    return own


def _messages(blocks: Sequence[_Block], name: str) -> tuple[Message, ...]:
    messages, missing = [], ""
    for block in blocks:
        try:
            post = None if block.is_service else preview_message.parse(block.node, block.id)
            messages.append(Message(block.id, post))
        except UnreadableError as error:
            messages.append(Message(block.id, None, unreadable=True))
            missing = str(error)
    posts = [message.post for message in messages if message.post is not None]
    texts = any(post.text for post in posts)
    if missing and (not posts or (missing == TEXT and not texts)):
        raise ShapeChanged(f"the page of @{name} has no {missing} in its messages")
    return tuple(messages)


def _channel_id(blocks: Sequence[_Block], name: str) -> int | None:
    posts = [block for block in blocks if not block.is_service]
    for block in posts:
        number = _channel_number(block.node.attributes.get("data-view") or "")
        if number is not None:
            return FIRST_CHANNEL_ID + number
    if posts:
        raise ShapeChanged(f"the page of @{name} has no data-view with the number of the channel in its messages")
    return None


def _channel_number(view: str) -> int | None:
    try:
        number = msgspec.json.decode(base64.urlsafe_b64decode(view + "=" * (-len(view) % 4)), type=_View).c
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        return None
    return number if number < 0 else None


def _attribute(page: LexborHTMLParser, selector: str, name: str) -> str:
    node = page.css_first(selector)
    return (node.attributes[name] or "") if node else ""


def _number(text: str) -> int | None:
    """Return the number of a message, which is above zero."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(2**63)) else None

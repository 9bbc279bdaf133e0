"""A message on the preview page of a channel to a post; pure."""

import re
from datetime import datetime

from selectolax.lexbor import LexborNode

from volspike.model.news import MediaType, Post

TEXT = ".js-message_text"
TIME = "time[datetime]"
_VIDEO = ".tgme_widget_message_video_player, .tgme_widget_message_video_wrap"
_MEDIA: tuple[tuple[str, MediaType | None], ...] = (
    (".tgme_widget_message_photo_wrap", "photo"),
    (_VIDEO, "video"),
    (".tgme_widget_message_voice_player, .tgme_widget_message_voice", "voice"),
    (".tgme_widget_message_document_icon.audio", "audio"),
    (".tgme_widget_message_document_wrap, .tgme_widget_message_document", "document"),
    (
        ".tgme_widget_message_sticker_wrap, .tgme_widget_message_sticker, .tgme_widget_message_tgsticker, "
        ".tgme_widget_message_videosticker",
        "sticker",
    ),
    (
        ".tgme_widget_message_roundvideo_player, .tgme_widget_message_poll, .tgme_widget_message_location_wrap, "
        ".tgme_widget_message_contact_wrap, .message_media_not_supported_wrap, .message_media_not_supported",
        None,
    ),
)
"""What a message may hold beside text. An album may hold several kinds; its photos come first."""
_MOVES_BY_ITSELF = "video[autoplay], video[loop]"
_PLAY_BUTTON = ".message_video_play"
_COUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?([KMB]?)")
_FACTORS = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_SCHEMES = ("http://", "https://", "tg://")


class UnreadableError(Exception):
    """A message is not a post as they are known; the text is the selector of what is missing."""


def parse(block: LexborNode, post_id: int) -> Post:
    """Return the post in the block of a message. Raises UnreadableError without a date, and without text and media."""
    text_node = block.css_first(TEXT)
    links = _links(block, text_node)
    text = _text(text_node)
    has_media, media_type = _media(block)
    if text is None and not has_media:
        raise UnreadableError(TEXT)
    return Post(
        post_id,
        text,
        _date(block),
        sender_name=_text(block.css_first(".tgme_widget_message_from_author")),
        views=count(_text(block.css_first(".tgme_widget_message_views")) or ""),
        forwards=None,
        has_media=has_media,
        media_type=media_type,
        links=links,
    )


def count(text: str) -> int | None:
    """Return a number as the page abbreviates it, such as 1.2K; None for anything else."""
    match = _COUNT.fullmatch(text)
    if not match:
        return None
    whole, fraction, unit = match.groups(default="")
    shift: int = 10 ** len(fraction)
    return int(whole + fraction) * _FACTORS[unit] // shift


def _date(block: LexborNode) -> float:
    node = block.css_first(TIME)
    try:
        at = datetime.fromisoformat(node.attributes["datetime"] or "") if node else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UnreadableError(TIME)
    return at.timestamp()


def _text(node: LexborNode | None) -> str | None:
    """Return what people read, with its line breaks; None where nothing is written."""
    if node is None:
        return None
    for line_break in node.css("br"):
        line_break.replace_with("\n")
    return node.text().strip() or None


def _links(block: LexborNode, text_node: LexborNode | None) -> tuple[str, ...]:
    """Return the addresses that a post leads to; mentions and hashtags are links on this page only."""
    anchors = block.css("a.tgme_widget_message_link_preview[href]")
    if text_node is not None:
        anchors += [anchor for anchor in text_node.css("a[href]") if not anchor.text().startswith("@")]
    addresses = (anchor.attributes["href"] or "" for anchor in anchors)
    return tuple(dict.fromkeys(address for address in addresses if address.startswith(_SCHEMES)))


def _media(block: LexborNode) -> tuple[bool, MediaType | None]:
    """Tell whether there is more than text, and of what kind; None for a kind that nobody asks for, such as a poll."""
    for selector, kind in _MEDIA:
        node = block.css_first(selector)
        if node is not None:
            moves = selector == _VIDEO and node.css_first(_MOVES_BY_ITSELF) and not node.css_first(_PLAY_BUTTON)
            return True, "animation" if moves else kind
    return False, None

"""A channel's public preview page, in the shape that Telegram gives it. Pure."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from volspike.simulator.news import Channel, Form, Message

SOURCE = "https://www.binance.com/en/futures/"
THOUSAND = 1000
_PHOTO = (
    '<a class="tgme_widget_message_photo_wrap" href="https://t.me/{name}/{number}">'
    '<div class="tgme_widget_message_photo"></div></a>'
)
_ALBUM = (
    '<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">'
    '<a class="tgme_widget_message_photo_wrap grouped_media_wrap" href="https://t.me/{name}/{number}?single"></a>'
    '<a class="tgme_widget_message_photo_wrap grouped_media_wrap" href="https://t.me/{name}/{second}?single"></a></div>'
)
_VIDEO = (
    '<a class="tgme_widget_message_video_player js-message_video_player" href="https://t.me/{name}/{number}">'
    '<div class="tgme_widget_message_video_wrap"><video class="tgme_widget_message_video js-message_video"></video>'
    '</div><div class="message_video_play js-message_video_play"></div>'
    '<time class="message_video_duration js-message_video_duration">0:31</time></a>'
)
_FORWARDED = (
    '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;'
    '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/elsewhere/1">Elsewhere</a></div>'
)
_LINK_PREVIEW = (
    '<a class="tgme_widget_message_link_preview" href="{source}{symbol}">'
    '<div class="link_preview_site_name accent_color">Binance</div></a>'
)
_BEFORE_TEXT = {Form.PHOTO: _PHOTO, Form.ALBUM: _ALBUM, Form.VIDEO: _VIDEO, Form.FORWARDED: _FORWARDED}
_WITHOUT_PREVIEW = (
    '<!DOCTYPE html><html><head><title>Telegram: Contact @{name}</title></head><body><div class="tgme_page_wrap">'
    '<div class="tgme_page"><div class="tgme_page_extra">@{name}</div></div></div></body></html>\n'
)


def page(channel: Channel, messages: Sequence[Message], *, more: bool) -> str:
    """Return the page with these messages, oldest first; with `more`, it leads on to older ones."""
    older = messages[0].number if messages and more else None
    head = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(channel.title)} – Telegram</title></head>
<body class="widget_frame_base tgme_webpage"><header class="tgme_header"><div class="tgme_channel_info">
<div class="tgme_channel_info_header"><div class="tgme_channel_info_header_title_wrap">
<div class="tgme_channel_info_header_title"><span dir="auto">{escape(channel.title)}</span></div></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{channel.name}">@{channel.name}</a></div></div>
</div></header><main class="tgme_main"><section class="tgme_channel_history js-message_history">
"""
    link = (
        f'<a href="/s/{channel.name}?before={older}" class="tme_messages_more js-messages_more" '
        f'data-before="{older}"></a>\n'
        if older
        else ""
    )
    blocks = "\n".join(_block(channel, message) for message in messages)
    return f"{head}{link}{blocks}\n</section></main></body></html>\n"


def without_preview(name: str) -> str:
    """Return the page of what cannot be read here: a private channel, a person, or nobody."""
    return _WITHOUT_PREVIEW.format(name=escape(name))


def abbreviated(count: int) -> str:
    """Return a number as the page shows it, such as 1.2K."""
    for unit, size in (("M", THOUSAND * THOUSAND), ("K", THOUSAND)):
        if count >= size:
            return f"{count * 10 // size / 10:g}{unit}"
    return str(count)


def _block(channel: Channel, message: Message) -> str:
    kind = " service_message" if message.form is Form.SERVICE else ""
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message text_not_supported_wrap{kind} js-widget_message" '
        f'data-post="{channel.name}/{message.number}" data-view="{_view(channel, message)}">'
        f'<div class="tgme_widget_message_bubble">{_content(channel, message)}</div></div></div>'
    )


def _content(channel: Channel, message: Message) -> str:
    if message.form is Form.SERVICE:
        return _text(f"{escape(channel.title)} pinned a message")
    places = {"name": channel.name, "number": message.number, "second": message.number + 1}
    before = _BEFORE_TEXT.get(message.form, "").format(**places)
    after = _LINK_PREVIEW.format(source=SOURCE, symbol=message.symbol) if message.form is Form.LINK else ""
    text = f'{escape(message.text)}<br/><a href="{SOURCE}{message.symbol}" target="_blank">{message.symbol}</a>'
    return before + _text(text) + after + _footer(channel, message)


def _text(html: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{html}</div>'


def _footer(channel: Channel, message: Message) -> str:
    at = datetime.fromtimestamp(message.at, UTC)
    return (
        '<div class="tgme_widget_message_footer compact js-message_footer">'
        '<div class="tgme_widget_message_info short js-message_info">'
        f'<span class="tgme_widget_message_views">{abbreviated(message.views)}</span>'
        '<span class="copyonly"> views</span><span class="tgme_widget_message_meta">'
        f'<a class="tgme_widget_message_date" href="https://t.me/{channel.name}/{message.number}">'
        f'<time datetime="{at.isoformat()}" class="time">{at:%H:%M}</time></a></span></div></div>'
    )


def _view(channel: Channel, message: Message) -> str:
    told = json.dumps({"c": -channel.number, "p": message.number, "t": message.at, "h": "simulated"}).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")

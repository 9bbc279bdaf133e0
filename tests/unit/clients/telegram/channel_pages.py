"""Preview pages of channels in the shape of the real ones."""

import base64
import json
from collections.abc import Sequence

NUMBER = -1_557_912_345
CHANNEL_ID = -1_001_557_912_345
VIDEO = (
    '<a class="tgme_widget_message_video_player js-message_video_player" href="https://t.me/marketfeed/7">'
    '<i class="tgme_widget_message_video_thumb"></i><div class="tgme_widget_message_video_wrap">'
    '<video src="v.mp4" class="tgme_widget_message_video js-message_video" {}></video></div>{}'
    '<time class="message_video_duration js-message_video_duration">0:31</time></a>'
)
MEDIA = {
    "photo": '<a class="tgme_widget_message_photo_wrap 4_5" href="https://t.me/marketfeed/7" style="x"></a>',
    "video": VIDEO.format("", '<div class="message_video_play js-message_video_play"></div>'),
    "video that plays at once": VIDEO.format(
        "muted autoplay", '<div class="message_video_play js-message_video_play"></div>'
    ),
    "large video": '<a class="tgme_widget_message_video_player not_supported js-message_video_player" href="x"></a>',
    "animation": VIDEO.format("muted autoplay loop playsinline", ""),
    "voice": '<a class="tgme_widget_message_voice_player js-message_voice_player" href="x">'
    '<audio class="tgme_widget_message_voice js-message_voice" src="v.ogg"></audio></a>',
    "audio": '<a class="tgme_widget_message_document_wrap" href="x"><div class="tgme_widget_message_document">'
    '<div class="tgme_widget_message_document_icon accent_bg audio"></div></div></a>',
    "document": '<a class="tgme_widget_message_document_wrap" href="x"><div class="tgme_widget_message_document">'
    '<div class="tgme_widget_message_document_icon accent_bg"></div></div></a>',
    "sticker": '<div class="tgme_widget_message_sticker_wrap media_supported_cont"><a href="x">'
    '<i class="tgme_widget_message_sticker js-sticker_image"></i></a></div>',
    "round video": '<div class="tgme_widget_message_roundvideo_player js-message_roundvideo_player">'
    '<video class="tgme_widget_message_roundvideo" muted autoplay loop></video></div>',
    "poll": '<a class="tgme_widget_message_poll js-poll" href="x">'
    '<div class="tgme_widget_message_poll_question">Up?</div></a>',
    "not supported": '<div class="message_media_not_supported_wrap"></div>',
}

NOTHING_FOUND = (
    '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message_centered">'
    '<div class="tme_no_messages_found">No posts found</div></div></div>'
)


def view(number: object = NUMBER) -> str:
    """Return what a message tells those who count views."""
    content = json.dumps({"c": number, "p": 7, "t": 1_790_856_015, "h": "2ff5"}).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def text(html: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{html}</div>'


def message(
    number: int,
    inside: str | None = None,
    *,
    owner: str = "marketfeed",
    views: str = "1.2K",
    date: str = "2026-01-02T14:05:00+00:00",
    author: str = "",
    data_view: str | None = None,
) -> str:
    """Return a post as it stands on the page."""
    inside = text(f"Post {number}") if inside is None else inside
    signed = f'<span class="tgme_widget_message_from_author" dir="auto">{author}</span>,&nbsp;' if author else ""
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{owner}/{number}"
     data-view="{view() if data_view is None else data_view}">
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" href="https://t.me/x">
<span dir="auto">Market Feed</span></a></div>
{inside}
<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info js-message_info">
<span class="tgme_widget_message_views">{views}</span><span class="copyonly"> views</span>
<span class="tgme_widget_message_meta">{signed}<a class="tgme_widget_message_date" href="https://t.me/{owner}/{number}">
<time datetime="{date}" class="time">14:05</time></a></span></div></div></div></div></div>"""


def service(number: int, owner: str = "marketfeed") -> str:
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap service_message js-widget_message" data-post="{owner}/{number}">
<div class="tgme_widget_message_text js-message_text" dir="auto">Market Feed pinned a photo</div></div></div>"""


def album(number: int, photos: int, caption: str = "") -> str:
    wraps = "".join(
        f'<a class="tgme_widget_message_photo_wrap grouped_media_wrap" href="https://t.me/marketfeed/{each}?single"></a>'
        for each in range(number, number + photos)
    )
    inside = f'<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">{wraps}</div>'
    return message(number, inside + (text(caption) if caption else ""))


def page(messages: Sequence[str], *, older: int | None = None, name: str = "marketfeed") -> bytes:
    """Return a page with these messages, oldest first as on the real one."""
    more = (
        f'<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/{name}?before={older}" '
        f'class="tme_messages_more js-messages_more" data-before="{older}"></a></div>'
        if older
        else ""
    )
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>Market Feed – Telegram</title></head>
<body class="widget_frame_base tgme_webpage"><header class="tgme_header search_collapsed">
<div class="tgme_channel_info"><div class="tgme_channel_info_header">
<div class="tgme_channel_info_header_title_wrap">
<div class="tgme_channel_info_header_title"><span dir="auto">Market Feed &amp; Co</span></div></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{name}">@{name}</a></div></div></div></header>
<main class="tgme_main"><section class="tgme_channel_history js-message_history">{more}{"".join(messages)}
</section></main></body></html>""".encode()


WITHOUT_PREVIEW = b"""<!DOCTYPE html><html><head><title>Telegram: Contact @marketfeed</title></head><body>
<div class="tgme_page_wrap"><div class="tgme_page"><div class="tgme_page_title"><span dir="auto">Market Feed</span>
</div><div class="tgme_page_extra">12 345 subscribers</div></div></div></body></html>"""


def slice_of(messages: dict[int, str], before: int | None = None, shown: int = 20) -> bytes:
    """Return the page that Telegram makes of all messages: the newest ones, or those before one."""
    numbers = sorted(number for number in messages if before is None or number < before)
    here = numbers[-shown:]
    return page([messages[number] for number in here], older=here[0] if len(numbers) > shown else None)

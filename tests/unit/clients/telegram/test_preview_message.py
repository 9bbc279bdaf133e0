"""A message of the preview page, in the shapes that the real page has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from tests.unit.clients.telegram.channel_pages import MEDIA, album, message, text
from volspike.clients.telegram import preview_message
from volspike.clients.telegram.preview_message import UnreadableError
from volspike.model.news import Post


def parsed(html: str) -> Post:
    block = LexborHTMLParser(html).css_first(".tgme_widget_message")
    assert block is not None
    return preview_message.parse(block, 7)


def test_a_post_is_read_as_people_see_it() -> None:
    html = (
        '<b>BTC</b> &gt; $100K <i class="emoji"><b>🔥</b></i><br/><br>'
        '<a href="https://example.com/a?x=1&amp;y=2" target="_blank">Read</a>'
    )

    post = parsed(message(7, text(html), author="Ann Lee"))

    assert post == Post(
        7,
        "BTC > $100K 🔥\n\nRead",
        1_767_362_700.0,
        sender_name="Ann Lee",
        views=1200,
        forwards=None,
        has_media=False,
        media_type=None,
        links=("https://example.com/a?x=1&y=2",),
    )


def test_a_post_without_a_sender_has_none() -> None:
    assert parsed(message(7)).sender_name is None


@pytest.mark.parametrize(
    ("date", "seconds"),
    [("2026-01-02T14:05:00+00:00", 1_767_362_700.0), ("2026-01-02T16:35:00+02:30", 1_767_362_700.0)],
)
def test_a_date_is_an_instant(date: str, seconds: float) -> None:
    assert parsed(message(7, date=date)).date == seconds


@pytest.mark.parametrize("date", ["", "yesterday", "2026-01-02T14:05:00", "2026-13-02T14:05:00+00:00"])
def test_a_post_whose_date_is_no_instant_is_unreadable(date: str) -> None:
    with pytest.raises(UnreadableError, match=r"^time\[datetime\]$"):
        parsed(message(7, date=date))


@pytest.mark.parametrize("html", [message(7).replace("<time ", "<span "), message(7).replace("datetime=", "data-t=")])
def test_a_post_without_a_date_is_unreadable(html: str) -> None:
    with pytest.raises(UnreadableError, match=r"^time\[datetime\]$"):
        parsed(html)


def test_the_duration_of_a_video_is_not_its_date() -> None:
    assert parsed(message(7, MEDIA["video"])).date == 1_767_362_700.0


@pytest.mark.parametrize("inside", ["", text(""), text("<br/> ")])
def test_a_post_without_text_and_media_is_unreadable(inside: str) -> None:
    with pytest.raises(UnreadableError, match=r"^\.js-message_text$"):
        parsed(message(7, inside))


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        ("photo", "photo"),
        ("video", "video"),
        ("video that plays at once", "video"),
        ("large video", "video"),
        ("animation", "animation"),
        ("voice", "voice"),
        ("audio", "audio"),
        ("document", "document"),
        ("sticker", "sticker"),
        ("round video", None),
        ("poll", None),
        ("not supported", None),
    ],
)
def test_every_kind_of_media(media: str, kind: str | None) -> None:
    alone, with_caption = parsed(message(7, MEDIA[media])), parsed(message(7, MEDIA[media] + text("caption")))

    assert (alone.has_media, alone.media_type, alone.text) == (True, kind, None)
    assert (with_caption.has_media, with_caption.media_type, with_caption.text) == (True, kind, "caption")


def test_an_album_is_one_post() -> None:
    post = parsed(album(7, photos=4, caption="Four charts"))

    assert (post.id, post.media_type, post.text) == (7, "photo", "Four charts")


def test_the_text_that_is_answered_to_is_not_the_post_s() -> None:
    reply = (
        '<a class="tgme_widget_message_reply" href="https://t.me/marketfeed/3"><div class="tgme_widget_message_text '
        'js-message_reply_text" dir="auto">What they said</div></a>'
    )

    assert parsed(message(7, reply + text("Our answer"))).text == "Our answer"


def test_a_forwarded_post_is_a_post() -> None:
    forwarded = (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from '
        '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/other/5">Other</a></div>'
    )

    post = parsed(message(7, forwarded + text("News of others")))

    assert (post.text, post.links, post.sender_name) == ("News of others", (), None)


def test_links_are_those_of_preview_and_text_each_once() -> None:
    preview = (
        '<a class="tgme_widget_message_link_preview" href="https://example.com/b">'
        '<i class="link_preview_image"></i></a>'
    )
    html = (
        '<a href="https://example.com/a">one</a> <a href="https://example.com/b">two</a> '
        '<a href="https://example.com/a">again</a> <a href="https://t.me/other" target="_blank">@other</a> '
        '<a href="?q=%23BTC">#BTC</a> <a href="mailto:a@example.com">a@example.com</a> '
        '<a href="https://t.me/other/5">their post</a> <a href>none</a>'
    )

    post = parsed(message(7, text(html) + preview))

    assert post.links == ("https://example.com/b", "https://example.com/a", "https://t.me/other/5")
    assert not post.has_media


@pytest.mark.parametrize(
    ("views", "number"),
    [
        ("0", 0),
        ("987", 987),
        ("1.2K", 1200),
        ("12K", 12_000),
        ("3.4M", 3_400_000),
        ("1.25M", 1_250_000),
        ("2B", 2_000_000_000),
        ("", None),
        ("1,2K", None),
        ("K", None),
        ("1.2T", None),
        ("-1", None),
    ],
)
def test_views_are_a_number_or_unknown(views: str, number: int | None) -> None:
    assert parsed(message(7, views=views)).views == number


def test_views_that_are_not_shown_are_unknown() -> None:
    assert parsed(message(7).replace("tgme_widget_message_views", "x")).views is None


@given(st.integers(0, 10**12 - 1))
def test_a_plain_number_is_itself(number: int) -> None:
    assert preview_message.count(str(number)) == number


@given(st.integers(0, 999), st.integers(0, 9), st.sampled_from("KMB"))
def test_an_abbreviated_number_is_exact_to_its_last_digit(whole: int, tenth: int, unit: str) -> None:
    factor = {"K": 10**3, "M": 10**6, "B": 10**9}[unit]

    assert preview_message.count(f"{whole}.{tenth}{unit}") == whole * factor + tenth * factor // 10


@given(st.text())
def test_whatever_is_shown_as_views_nothing_is_raised(shown: str) -> None:
    preview_message.count(shown)


@given(st.text())
def test_whatever_a_message_holds_it_is_a_post_or_unreadable(inside: str) -> None:
    try:
        post = parsed(message(7, inside))
    except UnreadableError:
        return
    assert post.text is None or post.text == post.text.strip()

"""The simulated preview pages are read by the suite's own reader, which was made for the real ones."""

import pytest

from volspike.clients.telegram import preview as reader
from volspike.clients.telegram.channels import ChannelGone
from volspike.simulator import preview
from volspike.simulator.news import CHANNELS, Form, Message

CHANNEL = CHANNELS["watcherguru"]
AT = 1_790_856_000


def message(number: int, form: Form = Form.TEXT, text: str = "$BTC at 65,000.5 USDT", views: int = 1234) -> Message:
    return Message(number, AT, form, text, "BTCUSDT", views)


def read(*messages: Message, more: bool = True) -> reader.Preview:
    return reader.parse(preview.page(CHANNEL, messages, more=more).encode(), CHANNEL.name)


def test_a_page_tells_its_channel_and_where_older_messages_are() -> None:
    page = read(message(41), message(42))

    assert (page.channel_id, page.username, page.title) == (-1_003_900_000_002, CHANNEL.name, CHANNEL.title)
    assert (page.older, [found.id for found in page.messages]) == (41, [41, 42])
    assert read(message(1), more=False).older is None


def test_a_post_is_read_as_it_was_written() -> None:
    (found,) = read(message(42, text="1 < 2 & more")).messages

    assert found.post is not None
    assert found.post.text == "1 < 2 & more\nBTCUSDT"
    assert (found.post.date, found.post.views) == (AT, 1200)
    assert found.post.links == ("https://www.binance.com/en/futures/BTCUSDT",)


@pytest.mark.parametrize(
    ("form", "media"),
    [
        (Form.TEXT, None),
        (Form.LINK, None),
        (Form.PHOTO, "photo"),
        (Form.ALBUM, "photo"),
        (Form.VIDEO, "video"),
        (Form.FORWARDED, None),
    ],
)
def test_every_form_of_a_post_is_one_on_the_page(form: Form, media: str | None) -> None:
    (found,) = read(message(42, form)).messages

    assert found.post is not None
    assert (found.post.has_media, found.post.media_type) == (media is not None, media)


def test_a_service_message_is_no_post() -> None:
    (service, post) = read(message(42, Form.SERVICE), message(43)).messages

    assert (service.post, service.unreadable) == (None, False)
    assert post.post is not None


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (999, "999"), (1000, "1K"), (1234, "1.2K"), (999_999, "999.9K"), (1_250_000, "1.2M")]
)
def test_views_are_abbreviated(count: int, shown: str) -> None:
    assert preview.abbreviated(count) == shown


def test_what_cannot_be_read_has_a_page_without_messages() -> None:
    with pytest.raises(ChannelGone, match="no preview"):
        reader.parse(preview.without_preview("<somebody>").encode(), "somebody")

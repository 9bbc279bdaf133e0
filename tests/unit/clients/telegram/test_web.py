"""The reader without an account against a real HTTP server that serves pages in the real shape."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clients.telegram.channel_pages import (
    CHANNEL_ID,
    NOTHING_FOUND,
    WITHOUT_PREVIEW,
    message,
    page,
    service,
    slice_of,
    view,
)
from tests.unit.clocks import MovedClock
from volspike.clients.errors import Transient
from volspike.clients.telegram.channels import ChannelGone, ChannelReader, ShapeChanged
from volspike.clients.telegram.web import WebReader
from volspike.model.news import Channel, Page

CHANNEL = Channel(CHANNEL_ID, "marketfeed", "Market Feed & Co")
PAGE = "/s/marketfeed"


class Stopped(Exception):  # noqa: N818 - stands for a signal
    pass


class Served(dict[str, Answer]):
    """Answers as Telegram does from all messages of a channel."""

    def __init__(self, server: AnsweringServer, messages: dict[int, str]) -> None:
        super().__init__()
        self._server, self._messages = server, messages

    def get(self, _path: str, _default: Any = None) -> Any:
        before = parse_qs(urlsplit(self._server.asked[-1]).query).get("before")
        return Answer(body=slice_of(self._messages, int(before[0]) if before else None))


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def reader(server: AnsweringServer, clock: MovedClock) -> Iterator[ChannelReader]:
    made = WebReader(server.url, clock, clock.move)
    yield made
    made.close()


def posts(pages: list[Page]) -> list[int]:
    return [post.id for page in pages for post in page.posts]


def test_a_channel_is_resolved_by_its_page(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(7)]))

    assert reader.resolve("marketfeed") == CHANNEL
    assert server.requests[0].headers["accept-language"] == "en"


def test_at_first_contact_the_newest_page_is_all(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers = Served(server, {number: message(number) for number in range(1, 101)})

    pages = list(reader.pages(CHANNEL, None))

    assert posts(pages) == list(range(81, 101))
    assert server.asked == [PAGE]


def test_nothing_new_is_no_page(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(7)], older=7))

    assert list(reader.pages(CHANNEL, 7)) == []
    assert len(server.asked) == 1


def test_350_new_messages_come_in_order_and_none_is_lost(
    reader: ChannelReader, server: AnsweringServer, clock: MovedClock
) -> None:
    """Every eighth is a service message."""
    kinds = {number: message(number) if number % 8 else service(number) for number in range(900, 1401)}
    server.answers = Served(server, kinds)

    pages = list(reader.pages(CHANNEL, 1000))

    assert posts(pages) == [number for number in range(1001, 1401) if number % 8]
    assert len(posts(pages)) == 350
    assert all(len(page.posts) <= 50 for page in pages)
    assert pages[-1].last_id == 1400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # all that the server answers is set anew
@given(
    posted=st.sets(st.integers(1, 200), min_size=1),
    services=st.sets(st.integers(1, 200)),
    cursor=st.integers(0, 200),
)
def test_whatever_numbers_are_missing_no_post_after_the_cursor_is_lost(
    server: AnsweringServer, posted: set[int], services: set[int], cursor: int
) -> None:
    everything = {number: service(number) for number in services}
    everything |= {number: message(number) for number in posted}
    server.answers = Served(server, everything)
    clock = MovedClock()
    with closing(WebReader(server.url, clock, clock.move)) as reader:
        pages = list(reader.pages(CHANNEL, cursor))

    assert posts(pages) == sorted(number for number in posted if number > cursor)
    reached = [page.last_id for page in pages] or [cursor]
    assert reached[-1] == max(cursor, *everything)


def test_the_pages_of_a_poll_are_a_second_apart(
    reader: ChannelReader, server: AnsweringServer, clock: MovedClock
) -> None:
    server.answers = Served(server, {number: message(number) for number in range(1, 101)})
    reader.resolve("marketfeed")
    began = clock.monotonic()

    list(reader.pages(CHANNEL, 20))

    asked = len(server.asked)
    assert asked >= 5
    assert clock.monotonic() - began > asked - 2
    assert all(0 <= pause <= 1 for pause in clock.moves)


def test_the_beginning_of_a_channel_ends_the_search_for_what_is_older(
    reader: ChannelReader, server: AnsweringServer
) -> None:
    server.answers = Served(server, {number: message(number) for number in range(101, 151)})

    assert posts(list(reader.pages(CHANNEL, 7))) == list(range(101, 151))


def test_a_lost_link_to_what_is_older_loses_no_post(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(21), message(22)]))
    server.answers[f"{PAGE}?before=21"] = Answer(body=page([message(19), message(20)]))

    assert posts(list(reader.pages(CHANNEL, 19))) == [20, 21, 22]


def test_a_page_that_shows_nothing_older_although_it_should_has_changed(
    reader: ChannelReader, server: AnsweringServer
) -> None:
    server.answers[PAGE] = Answer(body=page([message(21), message(22)], older=21))

    with pytest.raises(ShapeChanged, match=r"nothing older with \?before=21$"):
        list(reader.pages(CHANNEL, 7))


def test_unreadable_and_service_messages_move_the_cursor(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(7), message(8, date="?"), service(9)]))

    (found,) = reader.pages(CHANNEL, 7)

    assert found == Page((), last_id=9, unreadable=1, title=CHANNEL.title)


def test_a_channel_that_has_no_posts_yet_may_have_some_later(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([service(1)]))

    with pytest.raises(Transient, match=r"^@marketfeed has no posts yet$"):
        reader.resolve("marketfeed")
    assert list(reader.pages(CHANNEL, None)) == [Page((), last_id=1, title=CHANNEL.title)]


def test_a_page_tells_the_title_that_the_channel_has_now(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(7)]))

    (found,) = reader.pages(Channel(CHANNEL_ID, "marketfeed", "The title of last year"), 6)

    assert found.title == "Market Feed & Co"


@pytest.mark.parametrize("content", [page([]), page([NOTHING_FOUND])])
def test_an_empty_channel_may_have_posts_later(reader: ChannelReader, server: AnsweringServer, content: bytes) -> None:
    """Telegram shows the same to those who ask too often: so it is never taken for a channel without news."""
    server.answers[PAGE] = Answer(body=content)

    with pytest.raises(Transient, match=r"^@marketfeed shows no posts: it is empty, or Telegram was asked too often$"):
        reader.resolve("marketfeed")
    with pytest.raises(Transient, match=r"^@marketfeed shows no posts"):
        list(reader.pages(CHANNEL, 7))


def test_who_has_asked_for_too_many_older_posts_asks_again_later(
    reader: ChannelReader, server: AnsweringServer
) -> None:
    server.answers[PAGE] = Answer(body=page([message(21), message(22)], older=21))
    server.answers[f"{PAGE}?before=21"] = Answer(body=page([NOTHING_FOUND]))

    with pytest.raises(Transient, match="asked too often"):
        list(reader.pages(CHANNEL, 7))


def test_a_page_without_any_message_is_no_empty_success(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(7).replace("tgme_widget_message ", "tgme_post ")]))

    with pytest.raises(ShapeChanged, match=r"has no \.tgme_widget_message$"):
        reader.resolve("marketfeed")
    with pytest.raises(ShapeChanged, match=r"has no \.tgme_widget_message$"):
        list(reader.pages(CHANNEL, 7))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(302, b"", {"Location": "https://t.me/marketfeed"}), "shows no preview: it is private, or no channel"),
        (Answer(302, b""), "shows no preview"),
        (Answer(302, b"", {"Location": "/s/newsfeed"}), "is renamed: its page is that of @newsfeed"),
        (Answer(200, WITHOUT_PREVIEW), "shows no preview"),
        (Answer(404, b"nothing"), "there is no @marketfeed"),
    ],
)
def test_a_channel_that_cannot_be_read_is_gone(
    reader: ChannelReader, server: AnsweringServer, answer: Answer, told: str
) -> None:
    server.answers[PAGE] = answer

    with pytest.raises(ChannelGone, match=told):
        list(reader.pages(CHANNEL, 7))


def test_a_name_that_has_gone_to_another_channel_is_gone(reader: ChannelReader, server: AnsweringServer) -> None:
    server.answers[PAGE] = Answer(body=page([message(7, data_view=view(-5))]))

    with pytest.raises(ChannelGone, match=r"@marketfeed is another channel now: .* is -1000000000005$"):
        list(reader.pages(CHANNEL, 1))


@pytest.mark.parametrize(
    ("answer", "told", "seconds"),
    [
        (Answer(429, b"", {"Retry-After": "30"}), "answered HTTP 429", 30.0),
        (Answer(503, b"", {"Retry-After": "soon"}), "answered HTTP 503", None),
        (Answer(403, b""), "answered HTTP 403", None),
        (Answer(301, b"", {"Location": "https://t.me/s/MarketFeed"}), "is TELEGRAM_WEB_URL right", None),
    ],
)
def test_what_may_work_later_is_transient(
    reader: ChannelReader, server: AnsweringServer, answer: Answer, told: str, seconds: float | None
) -> None:
    server.answers[PAGE] = answer

    with pytest.raises(Transient, match=told) as refused:
        reader.resolve("marketfeed")

    assert refused.value.retry_after == seconds


def test_a_server_that_is_away_is_transient(server: AnsweringServer, clock: MovedClock) -> None:
    reader = WebReader("http://127.0.0.1:1", clock, clock.move)

    with pytest.raises(Transient, match=r"cannot be reached at http://127\.0\.0\.1:1: connection refused$"):
        reader.resolve("marketfeed")


def test_a_page_without_end_is_given_up(
    reader: ChannelReader, server: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("volspike.clients.telegram.web.LARGEST_PAGE", 100)
    server.answers[PAGE] = Answer(body=page([message(7)]))

    with pytest.raises(Transient, match="its answer is too large"):
        reader.resolve("marketfeed")


def test_a_signal_ends_a_poll_between_two_pages(server: AnsweringServer, clock: MovedClock) -> None:
    def pause(seconds: float) -> None:
        if seconds:
            raise Stopped

    server.answers = Served(server, {number: message(number) for number in range(1, 101)})
    reader = WebReader(server.url, clock, pause)

    with pytest.raises(Stopped):
        list(reader.pages(CHANNEL, 20))

    assert len(server.asked) == 1

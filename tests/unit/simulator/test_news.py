"""What the simulated news channels say: a pure function of the market and the number of a message."""

import pytest

from volspike.simulator.market import Market
from volspike.simulator.news import CHANNELS, Form, News

CHANNEL = CHANNELS["marketfeed"]


@pytest.fixture(scope="module")
def news(market: Market) -> News:
    return News(market)


def test_messages_appear_as_time_passes(news: News, noon: int) -> None:
    assert news.newest(CHANNEL, noon + CHANNEL.every) == news.newest(CHANNEL, noon) + 1


def test_a_message_stays_what_it_was_but_for_its_views(news: News, noon: int) -> None:
    end = news.newest(CHANNEL, noon) + 1
    (now,) = news.before(CHANNEL, end, 1, noon)
    (later,) = news.before(CHANNEL, end, 1, noon + 3600)

    assert (now.number, now.at, now.form, now.text) == (later.number, later.at, later.form, later.text)
    assert later.views > now.views


def test_going_backward_shows_every_message_once(news: News, noon: int) -> None:
    newest = news.newest(CHANNEL, noon)
    pages, end = [], newest + 1
    for _ in range(3):
        page = news.before(CHANNEL, end, 20, noon)
        pages.append([message.number for message in page])
        end = page[0].number

    shown = [number for page in reversed(pages) for number in page]
    assert shown == sorted(set(shown))
    assert set(range(shown[0], newest + 1)) - set(shown) == {n for n in range(shown[0], newest + 1) if n % 12 == 1}


def test_nothing_is_shown_that_has_not_happened(news: News, noon: int) -> None:
    newest = news.newest(CHANNEL, noon)

    assert news.before(CHANNEL, newest + 100, 1, noon)[0].number <= newest
    assert news.before(CHANNEL, 1, 20, noon) == []


def test_a_channel_has_all_that_channels_have(news: News, noon: int) -> None:
    shown = news.before(CHANNEL, news.newest(CHANNEL, noon) + 1, 24, noon)

    assert {message.form for message in shown} == set(Form)


def test_posts_speak_of_symbols_that_trade_and_of_their_prices(news: News, market: Market, noon: int) -> None:
    for message in news.before(CHANNEL, news.newest(CHANNEL, noon) + 1, 20, noon):
        instrument = market.by_symbol[message.symbol]
        assert f"{market.last(instrument, message.at):,.{instrument.decimals}f} USDT" in message.text


def test_an_hour_that_spikes_is_news(news: News, noon: int) -> None:
    later = noon + 1800
    shown = news.before(CHANNEL, news.newest(CHANNEL, later) + 1, 20, later)

    assert all(message.text.startswith("JUST IN: $") for message in shown)

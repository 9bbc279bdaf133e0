"""The reader with an account; the account answers its two questions from messages of Pyrogram's own classes."""

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.clients.telegram.pyrogram_world import (
    CHANNEL_ID,
    FakeAccount,
    channel,
    enums,
    message,
    post,
    service,
    types,
)
from volspike.clients.errors import Transient
from volspike.clients.telegram import pyrogram_reader
from volspike.clients.telegram.channels import ChannelGone, ChannelReader, LoginLost, ShapeChanged
from volspike.clients.telegram.pyrogram_reader import PyrogramReader
from volspike.model.news import Channel, Page

from pyrogram import errors  # isort: skip

CHANNEL = Channel(CHANNEL_ID, "marketfeed", "Market Feed")


class Stopped(Exception):  # noqa: N818 - stands for a signal
    pass


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def reader(account: FakeAccount, pauses: list[float]) -> Iterator[ChannelReader]:
    made = PyrogramReader(lambda: account, pauses.append)
    yield made
    made.close()


def posts(pages: list[Page]) -> list[int]:
    return [each.id for page in pages for each in page.posts]


@pytest.mark.parametrize("number", [-1_001_557_912_345, -1_002_200_000_000, -1_003_900_000_000])
def test_a_channel_is_resolved_whatever_its_number(reader: ChannelReader, account: FakeAccount, number: int) -> None:
    account.chats = [channel(id=number, username="MarketFeed")]

    assert reader.resolve("marketfeed") == Channel(number, "MarketFeed", "Market Feed")
    assert account.asked == [("get_chat", "marketfeed")]


def test_at_first_contact_the_newest_hundred_are_read(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(number) for number in range(1, 251)]

    pages = list(reader.pages(CHANNEL, None))

    assert posts(pages) == list(range(151, 251))
    assert [len(page.posts) for page in pages] == [50, 50]


def test_350_new_messages_come_in_order_and_none_is_lost(
    reader: ChannelReader, account: FakeAccount, pauses: list[float]
) -> None:
    """Every eighth is a service message."""
    account.messages = [post(number) if number % 8 else service(number) for number in range(900, 1401)]

    pages = list(reader.pages(CHANNEL, 1000))

    assert posts(pages) == [number for number in range(1001, 1401) if number % 8]
    assert len(posts(pages)) == 350
    assert [page.last_id for page in pages] == list(range(1050, 1401, 50))
    assert pauses == [1.0] * len(pages)


def test_a_page_is_fetched_when_the_one_before_it_was_taken(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(number) for number in range(1, 201)]
    pages = reader.pages(CHANNEL, 0)

    next(pages)

    assert len(account.asked) == 1


def test_a_remembered_channel_is_not_resolved_again(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(7)]

    assert list(reader.pages(CHANNEL, 7)) == []
    assert account.asked == [("get_chat_history", CHANNEL_ID, 50, 8, True)]


def test_what_is_not_newer_is_none_even_if_telegram_says_so(
    reader: ChannelReader, account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def history(chat_id: int, **which: Any) -> Any:
        yield post(7)

    monkeypatch.setattr(account, "get_chat_history", history)

    assert list(reader.pages(CHANNEL, 7)) == []


def test_service_and_unreadable_messages_move_the_cursor(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(7), message(8), service(9)]

    assert list(reader.pages(CHANNEL, 7)) == [Page((), last_id=9, unreadable=1, title="Market Feed")]


def test_a_page_tells_the_title_that_the_channel_has_now(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(8, chat=None), post(9, chat=channel(title="The Feed"))]

    (found,) = reader.pages(CHANNEL, 7)

    assert found.title == "The Feed"


def test_a_flood_wait_concerns_the_one_channel(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(8)]
    account.refusals[CHANNEL_ID] = [errors.FloodWait(3600)]

    with pytest.raises(Transient) as refused:
        list(reader.pages(CHANNEL, 7))

    assert refused.value.retry_after == 3600
    assert posts(list(reader.pages(CHANNEL, 7))) == [8]


def test_a_channel_that_the_session_file_has_forgotten_is_resolved_once(
    reader: ChannelReader, account: FakeAccount
) -> None:
    account.messages = [post(8)]
    account.refusals[CHANNEL_ID] = [errors.PeerIdInvalid()]

    assert posts(list(reader.pages(CHANNEL, 7))) == [8]
    assert account.asked.count(("get_chat", "marketfeed")) == 1


def test_a_forgotten_channel_whose_name_has_gone_to_another_is_gone(
    reader: ChannelReader, account: FakeAccount
) -> None:
    account.chats = [channel(id=-1_003_900_000_000)]
    account.refusals[CHANNEL_ID] = [errors.ChannelInvalid()]

    with pytest.raises(ChannelGone, match=r"is another channel now: .* is -1003900000000$"):
        list(reader.pages(CHANNEL, 7))


def test_a_channel_that_has_gone_private_is_gone(reader: ChannelReader, account: FakeAccount) -> None:
    account.refusals[CHANNEL_ID] = [errors.ChannelPrivate()]

    with pytest.raises(ChannelGone, match="@marketfeed is private or missing"):
        list(reader.pages(CHANNEL, 7))


def test_a_renamed_channel_is_gone_and_its_new_name_is_told(reader: ChannelReader, account: FakeAccount) -> None:
    account.messages = [post(8, chat=channel(username="newsfeed"))]

    with pytest.raises(ChannelGone, match=r"^@marketfeed is renamed: it is @newsfeed now$"):
        list(reader.pages(CHANNEL, 7))


@pytest.mark.parametrize(
    "chat",
    [
        channel(username="MarketFeed"),
        channel(username=None, usernames=[types.Username(username="other"), types.Username(username="marketfeed")]),
        channel(username=None),
        None,
    ],
)
def test_a_channel_may_have_several_names_or_tell_none(reader: ChannelReader, account: FakeAccount, chat: Any) -> None:
    account.messages = [post(8, chat=chat)]

    assert posts(list(reader.pages(CHANNEL, 7))) == [8]


@pytest.mark.parametrize("chats", [[], [channel(type=enums.ChatType.PRIVATE)]])
def test_a_name_that_is_no_channel_s_is_gone(reader: ChannelReader, account: FakeAccount, chats: list[Any]) -> None:
    account.chats = chats

    with pytest.raises(ChannelGone, match=r"^@marketfeed is no channel$"):
        reader.resolve("marketfeed")


def test_an_account_that_is_not_logged_in_is_lost(reader: ChannelReader, account: FakeAccount) -> None:
    account.logged_in = False

    with pytest.raises(LoginLost, match=r"not logged in: run volspike telegram-login$"):
        reader.resolve("marketfeed")


@pytest.mark.parametrize("question", ["connect", "marketfeed"])
def test_an_account_that_telegram_logs_out_is_lost(reader: ChannelReader, account: FakeAccount, question: str) -> None:
    account.refusals[question] = [errors.AuthKeyUnregistered()]

    with pytest.raises(LoginLost, match="logged the account out"):
        reader.resolve("marketfeed")


def test_a_connection_that_fails_is_tried_anew_and_then_kept(reader: ChannelReader, account: FakeAccount) -> None:
    account.refusals["connect"] = [ConnectionError("reset")]

    with pytest.raises(Transient, match="@marketfeed: Telegram cannot be reached: reset"):
        reader.resolve("marketfeed")
    reader.resolve("marketfeed")
    reader.resolve("marketfeed")

    assert account.connected == 1


@pytest.mark.parametrize("error", [TimeoutError("slow"), KeyError("peer")])
def test_an_answer_that_does_not_come_or_is_not_understood_is_told(
    reader: ChannelReader, account: FakeAccount, error: Exception
) -> None:
    account.refusals["marketfeed"] = [error]
    kind = Transient if isinstance(error, TimeoutError) else ShapeChanged

    with pytest.raises(kind, match=r"^@marketfeed: "):
        reader.resolve("marketfeed")


def test_a_session_file_that_another_process_keeps_may_be_free_later(
    reader: ChannelReader, account: FakeAccount
) -> None:
    account.file.refusals = [sqlite3.OperationalError("database is locked")]

    with pytest.raises(Transient, match=r"^@marketfeed: the session file cannot be used: database is locked$"):
        reader.resolve("marketfeed")
    assert reader.resolve("marketfeed") == CHANNEL


def test_the_end_disconnects(account: FakeAccount, pauses: list[float]) -> None:
    reader = PyrogramReader(lambda: account, pauses.append)
    reader.resolve("marketfeed")

    reader.close()

    assert account.connected == 0


def test_a_goodbye_that_fails_does_not_matter(account: FakeAccount, pauses: list[float]) -> None:
    reader = PyrogramReader(lambda: account, pauses.append)
    reader.resolve("marketfeed")
    account.refusals["disconnect"] = [ConnectionError("is disconnected")]

    reader.close()


def test_a_signal_ends_a_poll_between_two_pages(account: FakeAccount) -> None:
    def pause(_seconds: float) -> None:
        raise Stopped

    account.messages = [post(number) for number in range(1, 201)]
    reader = PyrogramReader(lambda: account, pause)
    pages = reader.pages(CHANNEL, 0)
    next(pages)

    with pytest.raises(Stopped):
        next(pages)

    reader.close()


def test_a_hanging_question_is_given_up(
    reader: ChannelReader, account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_name: str, force_full: bool) -> Any:
        await asyncio.sleep(60.0)

    monkeypatch.setattr(account, "get_chat", hang)
    monkeypatch.setattr(pyrogram_reader, "ANSWER_SECONDS", 0.05)

    with pytest.raises(Transient, match=r"^@marketfeed: Telegram does not answer$"):
        reader.resolve("marketfeed")


def test_after_a_question_without_an_answer_the_account_is_connected_anew(
    account: FakeAccount, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[FakeAccount] = []

    def open_account() -> FakeAccount:
        opened.append(FakeAccount() if opened else account)
        return opened[-1]

    async def hang(_name: str, force_full: bool) -> Any:
        await asyncio.sleep(60.0)

    monkeypatch.setattr(account, "get_chat", hang)
    monkeypatch.setattr(pyrogram_reader, "ANSWER_SECONDS", 0.05)
    reader = PyrogramReader(open_account, pauses.append)
    with pytest.raises(Transient):
        reader.resolve("marketfeed")
    monkeypatch.setattr(pyrogram_reader, "ANSWER_SECONDS", 20.0)

    assert reader.resolve("marketfeed") == CHANNEL

    assert [each.connected for each in opened] == [0, 1]
    reader.close()

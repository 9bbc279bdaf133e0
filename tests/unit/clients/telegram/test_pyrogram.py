"""The reader with Pyrogram's real client and session file; only Telegram is stood in for, by answers in its bytes."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.clients.telegram.pyrogram_world import AT, session_file
from volspike.clients.errors import Transient
from volspike.clients.telegram import pyrogram_reader
from volspike.clients.telegram.account import Account, open_account
from volspike.clients.telegram.channels import ChannelGone, LoginLost
from volspike.clients.telegram.pyrogram_reader import PyrogramReader
from volspike.model.news import Channel

from pyrogram import errors, raw  # isort: skip
from pyrogram.raw import functions  # isort: skip
from pyrogram.raw.core import TLObject  # isort: skip
from pyrogram.session import Session  # isort: skip

NUMBER = 3_900_000_000
CHANNEL = Channel(-1_003_900_000_000, "marketfeed", "Market Feed")
HASH = 77


class Telegram:
    """Telegram, as far as a channel needs it: its name is resolved, and its history is paged."""

    def __init__(self, messages: Sequence[Any]) -> None:
        self.messages = {each.id: each for each in messages}
        self.asked: list[str] = []
        self.logged_out = False
        self.recv_task = None

    async def invoke(self, query: Any, **_: Any) -> Any:
        query = query.query  # within the request that no updates are sent
        self.asked.append(type(query).__name__)
        if self.logged_out:
            raise errors.AuthKeyUnregistered
        return TLObject.read(BytesIO(self._answer(query).write()))

    async def stop(self) -> None:
        """Hang up."""

    def _answer(self, query: Any) -> Any:
        channel = raw.types.Channel(
            id=NUMBER,
            title="Market Feed",
            photo=raw.types.ChatPhotoEmpty(),
            date=1,
            access_hash=HASH,
            username="marketfeed",
            broadcast=True,
        )
        if isinstance(query, functions.contacts.ResolveUsername):
            if query.username != "marketfeed":
                raise errors.UsernameNotOccupied
            peer = raw.types.PeerChannel(channel_id=NUMBER)
            return raw.types.contacts.ResolvedPeer(peer=peer, chats=[channel], users=[])
        if isinstance(query, functions.channels.GetChannels):
            if query.id[0].access_hash != HASH:
                raise errors.ChannelInvalid
            return raw.types.messages.Chats(chats=[channel])
        assert isinstance(query, functions.messages.GetHistory)
        found = self._history(query)
        return raw.types.messages.ChannelMessages(
            pts=1, count=len(self.messages), messages=found, topics=[], chats=[channel], users=[]
        )

    def _history(self, query: Any) -> list[Any]:
        """Return the `limit` messages from the place of `offset_id` and `add_offset` on, newest first."""
        numbers = sorted(self.messages, reverse=True)
        place = sum(number >= query.offset_id for number in numbers) if query.offset_id else 0
        start = place + query.add_offset
        window = numbers[max(0, start) : max(0, start + query.limit)]
        return [self.messages[number] for number in window if number > query.min_id]


class BusyTelegram(Telegram):
    """One that wants a pause before the next answer, of Pyrogram's own session."""

    WAIT_TIMEOUT = 20.0
    client = SimpleNamespace(name="x")

    async def invoke(self, query: Any, **options: Any) -> Any:
        self.is_started = asyncio.Event()
        self.is_started.set()
        session: Any = self
        return await Session.invoke(session, query, **options)

    async def send(self, _query: Any, **_: Any) -> Any:
        raise errors.FloodWait(30)


def message(number: int) -> Any:
    peer = raw.types.PeerChannel(channel_id=NUMBER)
    if number % 8 == 0:
        action = raw.types.MessageActionPinMessage()
        return raw.types.MessageService(id=number, peer_id=peer, date=AT, action=action, post=True)
    return raw.types.Message(id=number, peer_id=peer, date=AT, message=f"Post {number}", post=True, views=5, forwards=1)


@pytest.fixture
def telegram() -> Telegram:
    return Telegram([message(number) for number in range(900, 1401)])


@pytest.fixture(scope="module")
def logged_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the session file of an account that has just logged in, and knows no channel yet."""
    return session_file(tmp_path_factory.mktemp("session"))


@pytest.fixture
def session(logged_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(logged_in, tmp_path))


def opener(session: Path, telegram: Telegram) -> Callable[[], Account]:
    def open_it() -> Account:
        client: Any = open_account(session, 1, "h")

        async def call(**_: Any) -> Telegram:
            return telegram

        client.get_session = call
        account: Account = client
        return account

    return open_it


def posts(reader: PyrogramReader, after: int | None) -> list[int]:
    return [post.id for page in reader.pages(CHANNEL, after) for post in page.posts]


def no_pause(_seconds: float) -> None:
    """Go on at once."""


def test_350_new_messages_are_paged_forward_and_read(session: Path, telegram: Telegram) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        assert reader.resolve("marketfeed") == CHANNEL
        pages = list(reader.pages(CHANNEL, 1000))

    taken = [post for page in pages for post in page.posts]
    assert [post.id for post in taken] == [number for number in range(1001, 1401) if number % 8]
    assert len(taken) == 350
    assert all(len(page.posts) <= 50 for page in pages)
    assert {(post.text, post.date, post.views) for post in taken[:1]} == {("Post 1001", float(AT), 5)}


@pytest.mark.parametrize("question", ["resolve", "pages"])
def test_a_short_flood_wait_is_told_and_not_sat_out(
    session: Path, telegram: Telegram, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        reader.resolve("marketfeed")  # from now on the file knows it
    monkeypatch.setattr(pyrogram_reader, "ANSWER_SECONDS", 5.0)

    with (
        closing(PyrogramReader(opener(session, BusyTelegram([])), no_pause)) as reader,
        pytest.raises(Transient, match="asks for a pause") as refused,
    ):
        reader.resolve("newsfeed") if question == "resolve" else list(reader.pages(CHANNEL, 7))

    assert refused.value.retry_after == 30


def test_the_newest_hundred_are_read_at_first_contact(session: Path, telegram: Telegram) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        reader.resolve("marketfeed")
        assert posts(reader, None) == [number for number in range(1301, 1401) if number % 8]


@pytest.mark.parametrize("cursor", [1350, 1399, 1400, 1401])
def test_what_is_read_does_not_come_again(session: Path, telegram: Telegram, cursor: int) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        reader.resolve("marketfeed")
        assert posts(reader, cursor) == [number for number in range(cursor + 1, 1401) if number % 8]


def test_a_new_process_does_not_resolve_what_the_session_file_remembers(session: Path, telegram: Telegram) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        reader.resolve("marketfeed")
    telegram.asked.clear()

    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        assert posts(reader, 1390)[-1] == 1399

    assert set(telegram.asked) == {"GetHistory"}


def test_another_process_may_use_the_session_file_between_two_questions(session: Path, telegram: Telegram) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        reader.resolve("marketfeed")
        with closing(sqlite3.connect(session, timeout=0.0)) as another, another:
            another.execute("UPDATE sessions SET date = 1")

        assert posts(reader, 1390)[-1] == 1399


def test_a_new_session_file_learns_a_remembered_channel_once(session: Path, telegram: Telegram) -> None:
    with closing(PyrogramReader(opener(session, telegram), no_pause)) as reader:
        assert posts(reader, 1390)[-1] == 1399
        assert posts(reader, 1400) == []

    assert telegram.asked.count("ResolveUsername") == 1


def test_a_name_that_nobody_has_is_gone(session: Path, telegram: Telegram) -> None:
    with (
        closing(PyrogramReader(opener(session, telegram), no_pause)) as reader,
        pytest.raises(ChannelGone, match=r"^there is no @elsewhere"),
    ):
        reader.resolve("elsewhere")


def test_a_session_that_telegram_has_ended_is_lost(session: Path, telegram: Telegram) -> None:
    telegram.logged_out = True

    with (
        closing(PyrogramReader(opener(session, telegram), no_pause)) as reader,
        pytest.raises(LoginLost, match="logged the account out"),
    ):
        reader.resolve("marketfeed")

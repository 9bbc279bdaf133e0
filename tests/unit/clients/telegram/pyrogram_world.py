"""Messages made of Pyrogram's own classes, and an account that stands in for its client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

_loop = asyncio.new_event_loop()
asyncio.set_event_loop(_loop)  # wherever Pyrogram is imported it wants one, and makes one that nobody closes
from pyrogram import Client, enums, types, utils  # noqa: E402

asyncio.set_event_loop(None)
_loop.close()

from volspike.clients.telegram.account import Storage  # noqa: E402
from volspike.clients.telegram.loop import LoopThread  # noqa: E402

__all__ = ["enums", "types"]

CHANNEL_ID = -1_002_200_000_000
AT = 1_767_362_700
"""2026-01-02T14:05:00Z."""
FILE = {"file_id": "f", "file_unique_id": "u"}
SIZE = {"width": 9, "height": 9}


def channel(**more: Any) -> Any:
    known: dict[str, Any] = {"id": CHANNEL_ID, "type": enums.ChatType.CHANNEL, "username": "marketfeed"}
    return types.Chat(**(known | {"title": "Market Feed"} | more))


def local_date(at: float = AT) -> Any:
    """Return a date as Pyrogram has it: naive, in the zone of the host."""
    return utils.timestamp_to_datetime(int(at))


def message(number: int = 7, **more: Any) -> Any:
    chat = channel()
    return types.Message(**({"id": number, "date": local_date(), "chat": chat, "sender_chat": chat} | more))


def post(number: int = 7, text: str = "BTC", **more: Any) -> Any:
    return message(number, text=types.messages_and_media.message.Str(text), **more)


def service(number: int = 7) -> Any:
    return message(number, service=enums.MessageServiceType.PINNED_MESSAGE)


def entity(kind: str, offset: int, length: int, url: str | None = None) -> Any:
    return types.MessageEntity(type=enums.MessageEntityType[kind], offset=offset, length=length, url=url)


def media(kind: str) -> dict[str, Any]:
    """Return what makes a message one with media of a kind."""
    things: dict[str, Callable[[], Any]] = {
        "photo": lambda: types.Photo(**FILE, **SIZE, file_size=9, date=local_date()),
        "video": lambda: types.Video(**FILE, **SIZE, codec="h264", duration=9),
        "document": lambda: types.Document(**FILE),
        "audio": lambda: types.Audio(**FILE, duration=9),
        "voice": lambda: types.Voice(**FILE, duration=9),
        "sticker": lambda: types.Sticker(
            **FILE, **SIZE, type=enums.StickerType.REGULAR, is_animated=False, is_video=False
        ),
        "animation": lambda: types.Animation(**FILE, **SIZE, duration=9),
        "video_note": lambda: types.VideoNote(**FILE, length=9, duration=9),
        "poll": lambda: types.Poll(id="9", options=[], is_closed=False),
        "location": lambda: types.Location(latitude=1.0, longitude=2.0),
        "contact": lambda: types.Contact(phone_number="1", first_name="Ann"),
        "dice": lambda: types.Dice(emoji="🎲", value=6),
        "web_page": lambda: types.WebPage(id="9", url="https://example.com/preview"),
    }
    return {"media": enums.MessageMediaType[kind.upper()], kind: things[kind]()}


def session_file(directory: Path, port: int = 9) -> Path:
    """Return the session file of an account that has just logged in at a Telegram on loopback, and knows no channel."""

    async def log_in() -> None:
        storage = Client("x", 1, "h", workdir=directory, loop=asyncio.get_running_loop()).storage
        await storage.open()
        known = {"api_id": 1, "dc_id": 2, "server_address": "127.0.0.1", "port": port, "date": 0, "test_mode": False}
        for name, thing in {**known, "auth_key": bytes(256), "user_id": 5, "is_bot": False}.items():
            await getattr(storage, name)(thing)
        await storage.close()

    loop = LoopThread("log in")
    loop.run(log_in(), 20.0)
    loop.close(20.0)
    return directory / "x.session"


class FakeStorage:
    """Stands in for the session file; raises the errors that it is told to."""

    def __init__(self) -> None:
        self.refusals: list[Exception] = []

    async def save(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)


class FakeAccount:
    """Stands in for Pyrogram's client: the channels and messages that it has, and the errors that it is told to raise.

    `refusals` are raised, one for each question to the name or number they are under, before it is answered again.
    """

    def __init__(self, messages: Sequence[Any] = (), chats: Sequence[Any] | None = None) -> None:
        self.messages = list(messages)
        self.chats = [channel()] if chats is None else list(chats)
        self.refusals: dict[str | int, list[Exception]] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.file = FakeStorage()
        self.storage: Storage = self.file
        self.session: Any = None
        self.logged_in = True
        self.connected = 0

    async def connect(self) -> bool:
        self._refuse("connect")
        self.connected += 1
        return self.logged_in

    def disconnect(self) -> Coroutine[Any, Any, None]:
        asyncio.get_running_loop()  # where there is none, Pyrogram does not return a coroutine
        return self._disconnect()

    async def _disconnect(self) -> None:
        self._refuse("disconnect")
        self.connected -= 1

    async def get_chat(self, name: str, force_full: bool) -> Any:
        assert not force_full, "the full chat is asked for less often than Telegram would like"
        self.asked.append(("get_chat", name))
        self._refuse(name)
        return next((chat for chat in self.chats if chat.username.lower() == name.lower()), None)

    async def get_chat_history(
        self, chat_id: int, limit: int, min_id: int = 0, reverse: bool = False
    ) -> AsyncIterator[Any]:
        """Answer as Telegram does: the newest ones first, or from the first one on."""
        self.asked.append(("get_chat_history", chat_id, limit, min_id, reverse))
        self._refuse(chat_id)
        found = [each for each in self.messages if each.id >= min_id]
        for each in (found if reverse else found[::-1])[:limit]:
            yield each

    def _refuse(self, thing: str | int) -> None:
        if waiting := self.refusals.get(thing):
            raise waiting.pop(0)

"""Reads channels with an account, by way of Pyrogram.

A flood wait concerns the one channel: it is Transient with the seconds that Telegram asks for. So is a connection that
is lost, and any refusal that is not known. A session that Telegram has ended is LoginLost; see `channels` for the rest.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from volspike.clients.errors import Transient
from volspike.clients.telegram import messages
from volspike.clients.telegram.account import REMEDY, Account, is_forgotten, leave
from volspike.clients.telegram.channels import POSTS_A_PAGE, ChannelGone, LoginLost, ShapeChanged
from volspike.clients.telegram.loop import LoopThread
from volspike.clients.telegram.pages import in_pages
from volspike.clients.telegram.pyrogram_errors import meaning
from volspike.model.news import Channel, Page

FIRST_CONTACT = 100
"""How many of the newest messages are read of a channel that was never read before."""
BETWEEN_PAGES_SECONDS = 1.0
"""Many questions at once are what earns flood waits."""
ANSWER_SECONDS = 90.0
"""Pyrogram itself asks ten times where Telegram is in trouble, a second apart."""
GOODBYE_SECONDS = 1.0

T = TypeVar("T")


class PyrogramReader:
    """A reader of channels, for any number of threads; `pause` rests for so many simulated seconds, or raises.

    Pyrogram lives in an event loop of its own. `open_account` is called in it at the first question.
    """

    def __init__(self, open_account: Callable[[], Account], pause: Callable[[float], None]) -> None:
        self._open_account = open_account
        self._pause = pause
        self._account: Account | None = None
        self._silent = False
        """Whether the latest question had no answer: a new connection then shows why."""
        self._connecting = asyncio.Lock()
        self._loop = LoopThread("telegram")

    def resolve(self, name: str) -> Channel:
        """Return the channel of this name. Raises Transient, ChannelGone, ShapeChanged or LoginLost."""
        return self._ask(name, lambda account: _resolved(account, name))

    def pages(self, channel: Channel, after: int | None) -> Iterator[Page]:
        """Yield what is newer than `after`, page by page as it is fetched; None: the newest hundred.

        Raises Transient, ChannelGone, ShapeChanged or LoginLost.
        """
        if after is None:
            yield from self._newer(channel, 0, limit=FIRST_CONTACT)
            return
        while page := next(self._newer(channel, after, limit=POSTS_A_PAGE, min_id=after + 1, reverse=True), None):
            yield page
            after = page.last_id
            self._pause(BETWEEN_PAGES_SECONDS)

    def close(self) -> None:
        """Say goodbye to Telegram, if that does not take long."""
        with suppress(TimeoutError):
            self._loop.run(self._hang_up(), GOODBYE_SECONDS)
        self._loop.close(GOODBYE_SECONDS)

    def _newer(self, channel: Channel, after: int, **which: Any) -> Iterator[Page]:
        found = self._ask(channel.username, lambda account: _history(account, channel, which))
        for message in found:
            _require_same_name(channel, message.chat)
        title = next((message.chat.title for message in found if message.chat is not None), None)
        return in_pages([messages.read(message) for message in found if message.id > after], title or "")

    def _ask(self, name: str, question: Callable[[Account], Awaitable[T]]) -> T:
        """Return the answer to a question about a channel."""
        try:
            return self._loop.run(self._answer(name, question), ANSWER_SECONDS)
        except TimeoutError:
            self._silent = True
            raise Transient(f"@{name}: Telegram does not answer") from None
        except sqlite3.Error as error:
            raise Transient(f"@{name}: the session file cannot be used: {error}") from None
        except OSError as error:
            raise Transient(f"@{name}: Telegram cannot be reached: {error}") from None
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ShapeChanged(f"@{name}: Pyrogram cannot read what Telegram answers: {error!r}") from error

    async def _answer(self, name: str, question: Callable[[Account], Awaitable[T]]) -> T:
        account = await self._connected(name)
        from pyrogram.errors import RPCError

        try:
            return await question(account)
        except RPCError as error:
            raise meaning(error, name) from None
        finally:  # Pyrogram does not: it would forget the channels, and keep others out of its file meanwhile
            await account.storage.save()

    async def _connected(self, name: str) -> Account:
        async with self._connecting:
            if self._silent:
                await self._hang_up()
            if self._account is None:
                account = self._open_account()
                from pyrogram.errors import RPCError

                try:
                    logged_in = await account.connect()
                except RPCError as error:
                    raise meaning(error, name) from None
                if not logged_in:
                    raise LoginLost(f"the account of Telegram is not logged in: {REMEDY}")
                if is_forgotten(account):
                    raise LoginLost(f"Telegram has logged the account out (it does not know the session): {REMEDY}")
                self._account = account
            return self._account

    async def _hang_up(self) -> None:
        account, self._account, self._silent = self._account, None, False
        if account is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(leave(account), GOODBYE_SECONDS)


async def _resolved(account: Account, name: str) -> Channel:
    chat = await account.get_chat(name, force_full=False)
    if chat is None or chat.type.name not in ("CHANNEL", "SUPERGROUP"):
        raise ChannelGone(f"@{name} is no channel")
    return Channel(chat.id, chat.username or name, chat.title)


async def _history(account: Account, channel: Channel, which: dict[str, Any]) -> list[Any]:
    """Return messages of a channel by its number; its name is resolved only if the session file has forgotten it."""
    from pyrogram import errors

    try:
        return [message async for message in account.get_chat_history(channel.id, **which)]
    except (errors.PeerIdInvalid, errors.ChannelInvalid):
        found = await _resolved(account, channel.username)
    if found.id != channel.id:
        raise ChannelGone(f"@{channel.username} is another channel now: its number was {channel.id} and is {found.id}")
    return [message async for message in account.get_chat_history(channel.id, **which)]


def _require_same_name(channel: Channel, chat: Any) -> None:
    """Raise ChannelGone when a message comes from a channel that has other names by now."""
    if chat is None:
        return
    names = [name for name in (chat.username, *(each.username for each in chat.usernames or ())) if name]
    if names and channel.username.lower() not in map(str.lower, names):
        raise ChannelGone(f"@{channel.username} is renamed: it is @{names[0]} now")

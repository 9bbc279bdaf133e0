"""The client of Pyrogram for an account that has logged in once. It is imported here only, and only when asked for."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from volspike.clients.telegram.channels import LoginLost

REMEDY = "run volspike telegram-login"


class Storage(Protocol):
    """The session file, and what it remembers of channels."""

    async def save(self) -> None:
        """Commit."""


class Connected(Protocol):
    """As much of Pyrogram's client as it takes to hear that Telegram does not know its session any more."""

    session: Any


class Account(Connected, Protocol):
    """As much of Pyrogram's client as a reader needs: to be there, two questions, and the session file."""

    storage: Storage

    async def connect(self) -> bool:
        """Connect; return whether the account is logged in."""

    async def disconnect(self) -> None:
        """Disconnect."""

    async def get_chat(self, name: str, force_full: bool) -> Any:
        """Return the chat of this name."""

    def get_chat_history(self, chat_id: int, limit: int, min_id: int = 0, reverse: bool = False) -> AsyncIterator[Any]:
        """Yield messages of a chat: the newest `limit`; or, with `reverse`, the oldest ones from `min_id` on."""


def open_account(session: Path, api_id: int, api_hash: str) -> Account:
    """Return the client of a session file, for the running loop. Raises LoginLost when there is no such file.

    The replies, topics, stories and stickers that messages refer to are not fetched: each would be a request.
    No flood wait is sat out in a question, however short: it would hold the channels that Telegram lets be read.
    """
    if not session.is_file():
        raise LoginLost(f"the account of Telegram is not logged in (there is no {session}): {REMEDY}")
    try:
        from pyrogram import Client
    except ImportError:
        raise LoginLost("Pyrogram, which reads with an account, is missing: pip install 'volspike[telegram]'") from None
    client = Client(
        session.stem,
        api_id,
        api_hash,
        workdir=session.parent,
        no_updates=True,
        fetch_replies=False,
        fetch_topics=False,
        fetch_stories=False,
        fetch_stickers=False,
        loop=asyncio.get_running_loop(),
    )
    client.invoke = _without_sleep(client.invoke)
    account: Account = client
    return account


def _without_sleep(invoke: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return how to ask without sleep; for a history Pyrogram asks with up to a minute, whatever its client is told."""

    async def ask(*query: Any, **options: Any) -> Any:
        return await invoke(*query, **options | {"sleep_threshold": 0})

    return ask


def is_forgotten(client: Connected) -> bool:
    """Tell whether Telegram has said that it does not know the session any more.

    That is no answer to a question: it ends the task in which Pyrogram listens, which then asks in vain for ever.
    """
    from pyrogram.session.session import AuthKeyNotFound

    listening: asyncio.Task[None] | None = client.session.recv_task if client.session else None
    if listening is None or not listening.done() or listening.cancelled():
        return False
    return isinstance(listening.exception(), AuthKeyNotFound)


async def leave(account: Account) -> None:
    """Say goodbye; what fails at that does not matter any more."""
    from pyrogram.session.session import TransportError

    with suppress(OSError, sqlite3.Error, TransportError):
        await account.disconnect()

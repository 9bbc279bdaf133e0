"""Logging an account in: a code is asked for, the code is told, and a password where the account has one.

What Telegram answers is told in the words of its errors, which quote nothing that was typed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from volspike.clients.errors import Permanent, Transient
from volspike.clients.telegram.account import Connected, is_forgotten
from volspike.clients.telegram.loop import LoopThread

ANSWER_SECONDS = 60.0
GOODBYE_SECONDS = 5.0
REMEDY = "Pyrogram, which logs in, is missing: pip install 'volspike[telegram]'"

T = TypeVar("T")


class WrongAnswerError(Permanent):
    """What was typed is not what Telegram expects; it may be asked for again."""


class Client(Connected, Protocol):
    """As much of Pyrogram's client as logging in needs."""

    async def connect(self) -> bool:
        """Connect; return whether the account is logged in."""

    async def send_code(self, phone_number: str) -> Any:
        """Let Telegram send a code; return what tells this attempt from others."""

    async def sign_in(self, phone_number: str, phone_code_hash: str, phone_code: str) -> Any:
        """Tell the code."""

    async def check_password(self, password: str) -> Any:
        """Tell the password."""

    async def get_me(self) -> Any:
        """Return the account."""

    def disconnect(self) -> Coroutine[Any, Any, None]:
        """Disconnect."""


def new_client(session: Path, api_id: int, api_hash: str) -> Client:
    """Return the client of a session file, which may be new, for the running loop. Raises Permanent without Pyrogram.

    The names of account and machine are what people see in Telegram's list of their devices.
    """
    try:
        from pyrogram import Client as Pyrogram
    except ImportError:
        raise Permanent(REMEDY) from None
    client: Client = Pyrogram(
        session.stem,
        api_id,
        api_hash,
        workdir=session.parent,
        no_updates=True,
        app_version="volspike",
        loop=asyncio.get_running_loop(),
    )
    return client


class Login:
    """One attempt to log in, or a look at a session; use it as a context manager.

    Every method may raise Transient and Permanent; WrongAnswerError where the answer may be given again.
    """

    def __init__(self, open_client: Callable[[], Client]) -> None:
        self._open_client = open_client
        self._loop = LoopThread("telegram-login")
        self._client: Client | None = None
        self._phone = ""
        self._attempt = ""

    def __enter__(self) -> "Login":
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye, so that the session file is whole; what has failed before must not be hidden by that."""
        if self._client is not None:
            with suppress(OSError, TimeoutError):
                self._loop.run(_said_goodbye(self._client), GOODBYE_SECONDS)
        self._loop.close(GOODBYE_SECONDS)

    def connect(self) -> bool:
        """Connect; return whether the session is that of an account."""
        return self._ask(_is_logged_in)

    def send_code(self, phone: str) -> None:
        """Let Telegram send a code to an account."""
        self._phone = phone
        self._attempt = self._ask(lambda client: client.send_code(phone)).phone_code_hash

    def enter_code(self, code: str) -> bool:
        """Tell the code; return whether the account has a password, which is then asked for too."""
        return self._ask(lambda client: _code_told(client, self._phone, self._attempt, code))

    def enter_password(self, password: str) -> None:
        """Tell the password."""
        self._ask(lambda client: client.check_password(password))

    def account(self) -> str:
        """Return who is logged in, as people know it: that Telegram tells it proves that the session works."""
        me = self._ask(lambda client: client.get_me())
        return f"@{me.username}" if me.username else str(me.first_name)

    def _ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        try:
            return self._loop.run(self._answer(question), ANSWER_SECONDS)
        except TimeoutError:
            problem = "Telegram does not answer"
        except OSError as error:
            problem = f"Telegram cannot be reached: {error}"
        raise Transient(problem)

    async def _answer(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """Return the answer; Pyrogram is imported where its loop is."""
        if self._client is None:
            self._client = self._open_client()
        from pyrogram.errors import RPCError

        try:
            return await question(self._client)
        except RPCError as error:
            refusal = _meaning(error)
        # Outside the handler: the library's error knows the request, and must not even be this one's context.
        raise refusal


async def _is_logged_in(client: Client) -> bool:
    return await client.connect() and not is_forgotten(client)


async def _said_goodbye(client: Client) -> None:
    """Disconnect inside the loop: outside of one Pyrogram looks for a loop of its own."""
    await client.disconnect()


async def _code_told(client: Client, phone: str, attempt: str, code: str) -> bool:
    """Return whether a password is wanted too."""
    from pyrogram.errors import SessionPasswordNeeded

    try:
        found = await client.sign_in(phone, attempt, code)
    except SessionPasswordNeeded:
        return True
    if not getattr(found, "id", None):  # terms of service, or nothing: there is nobody to log in
        raise Permanent("there is no account at Telegram with this number")
    return False


def _meaning(error: Any) -> Transient | Permanent:
    """Return what an RPCError of Pyrogram means for somebody who logs in."""
    from pyrogram import errors

    told = error.ID or error.NAME
    if isinstance(error, errors.Flood):
        return Transient(f"too many attempts; Telegram asks to wait for {error.value} s")
    if isinstance(error, (errors.PhoneNumberInvalid, errors.PhoneCodeInvalid, errors.PhoneCodeEmpty)):
        return WrongAnswerError(f"Telegram does not take this ({told})")
    if isinstance(error, errors.PasswordHashInvalid):
        return WrongAnswerError(f"the password is wrong ({told})")
    if isinstance(error, errors.ApiIdInvalid):
        return Permanent(f"Telegram refuses TELEGRAM_API_ID and TELEGRAM_API_HASH ({told})")
    return Permanent(f"Telegram refuses ({told})")

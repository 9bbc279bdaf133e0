"""An account at Telegram that stands in for Pyrogram's client where somebody logs in. All of it is well known."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.unit.clients.telegram import pyrogram_world  # noqa: F401 - imports Pyrogram as it wants to be

from pyrogram import errors  # isort: skip

PHONE = "+15550100"
CODE = "12345"
PASSWORD = "correct horse"  # noqa: S105 - known to everybody
CONTENT = b"SQLite format 3\0 a session of "


class FakeClient:
    """The client of a session file; the account has a password if `password` is not empty."""

    def __init__(self, session: Path, *, password: str = PASSWORD, username: str = "operator") -> None:
        self._session = session
        self._password = password
        self._me = SimpleNamespace(id=7, username=username, first_name="Olivia")
        self.session: Any = None
        self.connected = False
        self.failure: Exception | None = None
        """What every question is answered with, if anything."""

    async def connect(self) -> bool:
        self._fail()
        self.connected = True
        if not self._session.exists():
            self._session.write_bytes(CONTENT)
        return b"operator" in self._session.read_bytes()

    async def send_code(self, phone_number: str) -> Any:
        self._fail()
        if phone_number != PHONE:
            raise errors.PhoneNumberInvalid
        return SimpleNamespace(phone_code_hash="attempt")

    async def sign_in(self, phone_number: str, phone_code_hash: str, phone_code: str) -> Any:
        self._fail()
        if phone_code != CODE or phone_code_hash != "attempt":
            raise errors.PhoneCodeInvalid
        if self._password:
            raise errors.SessionPasswordNeeded
        return self._signed_in() if phone_number == PHONE else False

    async def check_password(self, password: str) -> Any:
        self._fail()
        if password != self._password:
            raise errors.PasswordHashInvalid
        return self._signed_in()

    async def get_me(self) -> Any:
        self._fail()
        if b"operator" not in self._session.read_bytes():
            raise errors.AuthKeyUnregistered
        return self._me

    def disconnect(self) -> Coroutine[Any, Any, None]:
        asyncio.get_running_loop()  # where there is none, Pyrogram does not return a coroutine
        return self._disconnect()

    async def _disconnect(self) -> None:
        if not self.connected:
            raise ConnectionError("Client is already disconnected")
        self.connected = False

    def _signed_in(self) -> Any:
        self._session.write_bytes(CONTENT + b"operator")
        return self._me

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

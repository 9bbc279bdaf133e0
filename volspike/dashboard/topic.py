"""One reading for all open pages: who looks is told what is new, until the page is closed."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from nicegui import Client, context

Value = TypeVar("Value")
PATIENCE_SECONDS = 1.0
"""How long a page waits for its first value before it is drawn without."""


class Topic(Generic[Value]):
    """A value that is read anew every so many seconds while pages follow it, or `always`.

    A `passing` one belongs to a page, and is over when that is closed.

    `read` runs in a thread, one at a time: it may wait for a disk, and the pages do not wait with it. It returns the
    newest value; followers see it when it differs from the one before. An error it raises ends the daemon.
    """

    def __init__(
        self, read: Callable[[], Value], every_seconds: float, *, always: bool = False, passing: bool = False
    ) -> None:
        self._read = read
        self._passing = passing
        self._was_followed = False
        self._every_seconds = every_seconds
        self._always = always
        self._followers: dict[str, list[tuple[Client, Callable[[Value], None]]]] = {}
        self._value: Value | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Task[Value] | None = None
        self._turn = asyncio.Lock()

    async def follow(self, show: Callable[[Value], None]) -> None:
        """Call `show` with the newest value now and with each that differs, as long as this page is open."""
        client = context.client
        if self._is_idle or self._value is None:
            await self._first()
        if self._value is not None:
            show(self._value)
        if client.id not in self._followers:
            client.on_delete(lambda: self._followers.pop(client.id, None))
        self._followers.setdefault(client.id, []).append((client, show))
        self._was_followed = True

    async def refresh(self) -> None:
        """Read now, for somebody has changed what is read, and tell the followers."""
        await self._anew()

    async def _first(self) -> None:
        """Read for somebody who has just come, but let them see the page before a slow reading has ended."""
        reading = self._reading = asyncio.get_running_loop().create_task(self._anew())
        await asyncio.wait([reading], timeout=PATIENCE_SECONDS)
        if reading.done():
            reading.result()

    def begin_when_due(self, now: float) -> None:
        """Begin to read when it is time to; `now` is monotonic. Raises what the last reading has raised."""
        if self._reading is not None:
            if not self._reading.done():
                return
            self._reading.result()
        if now - self._read_at < self._every_seconds or (self._is_idle and not self._always):
            return
        self._read_at = now
        self._reading = asyncio.get_running_loop().create_task(self._anew())

    @property
    def followers(self) -> int:
        """Return how many pages look."""
        return len(self._followers)

    @property
    def is_over(self) -> bool:
        """Tell whether it is read no more."""
        return self._passing and self._was_followed and self._is_idle

    @property
    def _is_idle(self) -> bool:
        return not self._followers

    async def _anew(self) -> Value:
        async with self._turn:
            value = await asyncio.to_thread(self._read)
            if value != self._value:
                self._value = value
                self._tell(value)
            return value

    def _tell(self, value: Value) -> None:
        for followers in list(self._followers.values()):
            for client, show in followers:
                with client:
                    show(value)

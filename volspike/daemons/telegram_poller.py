"""Telegram poller: reads public channels, by an account or without one, and hands their posts to the backend."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TypeVar

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Transient
from volspike.clients.telegram.channels import ChannelGone, ChannelReader, LoginLost, ShapeChanged
from volspike.daemons.launch import launch
from volspike.daemons.telegram_memory import PollerMemory
from volspike.daemons.telegram_report import PollerReport
from volspike.daemons.telegram_sender import PostSender
from volspike.model.documents import ChannelTrouble
from volspike.model.news import Page
from volspike.runtime import errands
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned, Crew
from volspike.settings import EX_CONFIG, Settings, require_backend_key
from volspike.state import documents

log = logging.getLogger(__name__)

ACCOUNT_SECONDS = 30.0
WEB_SECONDS = 60.0
"""How often each channel is read: by an account, and from the public web."""
GONE_SECONDS = 900.0
"""How often it is looked whether a channel that is gone is back; each look asks for its name, which Telegram counts."""
LONGEST_ANSWER_SECONDS = 100.0
"""A question to Telegram may take so long until it ends by itself."""
LEAST_REST_SECONDS = 1.0
IDLE_SECONDS = 30.0
READING = "reading what is new in the channels"

T = TypeVar("T")


def run(daemon: Daemon, settings: Settings, once: bool) -> int:
    """Read until a signal comes; with `once`, each channel a single time. Return 1 when that one was not well.

    Return EX_CONFIG as soon as the account turns out not to be logged in: no restart would change that.
    """
    require_backend_key(settings)

    def pause(seconds: float) -> None:
        errands.pause(daemon, seconds)
        daemon.progress(READING, next_due_seconds=LONGEST_ANSWER_SECONDS)

    with (
        closing(Backend(settings.backend_url, settings.backend_key, connections=1)) as backend,
        closing(open_reader(settings, pause)) as reader,
    ):
        poller = Poller(daemon, settings, backend, reader)
        daemon.ready(poller.report.status())
        try:
            poller.poll(once=once)
        except Abandoned:
            return 0
        except LoginLost as error:
            log.error("cannot go on: %s", error)
            daemon.announce(str(error))
            return EX_CONFIG
        finally:
            daemon.save_metrics()
        return 1 if once and poller.report.problem else 0


def open_reader(settings: Settings, pause: Callable[[float], None]) -> ChannelReader:
    """Return a reader with the account of the settings, or one that needs none; what the other imports is left out."""
    if settings.telegram_api_id is None:
        from volspike.clients.telegram.web import WebReader

        return WebReader(settings.telegram_web_url, settings.clock, pause)
    from volspike.clients.telegram.account import open_account
    from volspike.clients.telegram.pyrogram_reader import PyrogramReader

    session = settings.state_dir / documents.TELEGRAM_SESSION
    return PyrogramReader(partial(open_account, session, settings.telegram_api_id, settings.telegram_api_hash), pause)


class Poller:
    """Reads the channels in turn, each when it is due, in a thread of its own that no stop waits for."""

    def __init__(self, daemon: Daemon, settings: Settings, backend: Backend, reader: ChannelReader) -> None:
        self._daemon = daemon
        self._clock = daemon.clock
        self._settings = settings
        self._reader = reader
        self._every = WEB_SECONDS if settings.telegram_api_id is None else ACCOUNT_SECONDS
        self._hands = Crew(1)
        self._memory = PollerMemory(settings.state_dir / documents.TELEGRAM_POLLER, daemon.clock)
        self._sender = PostSender(backend, daemon)
        self._waiting: dict[str, tuple[Page, Iterator[Page]]] = {}
        """Of each channel whose posts the backend did not take: their page and those after it.

        Telegram is not asked for them again, nor for more before the backend takes them: so they are what one read has
        found. They need no file: the cursor stays before them."""
        how = "without an account" if settings.telegram_api_id is None else "with an account"
        path = settings.runtime_dir / documents.TELEGRAM_CHANNELS
        names = settings.telegram_channels
        self.report = PollerReport(daemon, path, names, self._sender, f"every {self._every:.0f} s {how}")
        self._due = dict.fromkeys(names, self._clock.monotonic())

    def poll(self, *, once: bool) -> None:
        """Read each channel whenever it is due; with `once`, each a single time. Raises Abandoned and LoginLost."""
        while not self._daemon.stopping:
            for name, due in self._due.items():
                if due <= self._clock.monotonic():
                    self._due[name] = self._clock.monotonic() + self.read(name)
            self.report.save()
            if once:
                return
            rest = min(self._due.values(), default=self._clock.monotonic() + IDLE_SECONDS) - self._clock.monotonic()
            rest = min(max(rest, LEAST_REST_SECONDS), IDLE_SECONDS)
            self._daemon.announce(self.report.status(), next_due_seconds=rest)
            self._daemon.progress(self.report.status)
            self._daemon.pause(rest)

    def read(self, name: str) -> float:
        """Read what is new in a channel; return for how many seconds it then rests. Raises Abandoned and LoginLost."""
        try:
            if self._carry(name):
                self.report.read(name)
                self._memory.save()
            else:
                self.report.waits(name)
        except ChannelGone as error:
            self.report.failed(name, ChannelTrouble.GONE, str(error))
            return GONE_SECONDS
        except ShapeChanged as error:
            self.report.failed(name, ChannelTrouble.SHAPE, str(error))
        except Transient as error:
            self.report.failed(name, ChannelTrouble.AWAY, str(error))
            return max(self._every, error.retry_after or 0.0)
        return self._every

    def _carry(self, name: str) -> bool:
        """Carry what waits and what is new from a channel to the backend; False where the backend takes nothing now."""
        waiting = self._waiting.pop(name, None)
        if waiting is not None and not self._hand_over(name, *waiting):
            return False
        pages = self._newer(name)
        return self._hand_over(name, self._made(partial(next, pages, None)), pages)

    def _newer(self, name: str) -> Iterator[Page]:
        channel = self._memory.channel(name)
        if channel is None:
            channel = self._made(partial(self._reader.resolve, name))
            self._memory.resolved(name, channel)
        return self._reader.pages(channel, self._memory.cursor(name))

    def _hand_over(self, name: str, page: Page | None, pages: Iterator[Page]) -> bool:
        """Hand a page over, and then those that follow it; False where the backend takes nothing now: they wait."""
        category = self._settings.category(name)
        while page is not None:
            channel = self._memory.titled(name, page.title)
            if not self._made(partial(self._sender.deliver, channel, category, page.posts)):
                self._waiting[name] = page, pages
                return False
            self._memory.move(name, page.last_id)
            self.report.took(page)
            page = self._made(partial(next, pages, None))
        return True

    def _made(self, call: Callable[[], T]) -> T:
        """Return what a call returns that may wait for the network. Raises Abandoned when a signal comes first."""
        self._daemon.progress(self.report.status, next_due_seconds=LONGEST_ANSWER_SECONDS)
        (result,) = self._hands.run([call], lambda: self._daemon.stopping)
        return result


if __name__ == "__main__":
    sys.exit(launch("telegram-poller", run))

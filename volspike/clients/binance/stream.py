"""The market stream: one combined connection that is kept alive, replaced before its time, and never trusted.

Neither an open socket nor an acknowledged subscription proves health, only data does: so the reader says when data
has advanced (:meth:`MarketStream.delivered`), and a connection without it for 15 s is dropped, whatever it claims.
Binance closes after 24 hours; at 23 (as its own SDK does) a second connection takes over, and the first one is
closed when the second has delivered.
"""

import logging
import random
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import NamedTuple

from volspike.clients.binance.connection import Closed, Connection, Message, Opened, Received
from volspike.rules import pacing
from volspike.runtime.clock import Clock

log = logging.getLogger(__name__)

ROUTE = "/market"
"""Since April 2026 the unrouted path connects, acknowledges, and stays silent for ever."""
STREAMS = ("!ticker@arr", "!markPrice@arr@1s")
SILENCE_SECONDS = 15.0
CONNECT_SECONDS = 20.0
ROTATE_SECONDS = 23 * 3600.0
ROTATE_RETRY_SECONDS = 60.0
WAIT_STEP_SECONDS = 1.0
MAX_STUCK_ATTEMPTS = 10
"""Attempts that hang (in DNS, say) leave a thread behind each; after so many the process starts afresh."""


def market_url(base: str) -> str:
    """Return the address of the combined market stream."""
    return f"{base}{ROUTE}/stream?streams={'/'.join(STREAMS)}"


class StuckError(RuntimeError):
    """Connection attempts hang without end; only a fresh process helps."""


class Frame(NamedTuple):
    """A frame and the number of the connection that brought it."""

    connection: int
    content: bytes


class Lost(NamedTuple):
    """The stream is lost; it is tried again in so many seconds, for the `attempts`-th time."""

    reason: str
    attempts: int
    retry_seconds: float


class Lasted(NamedTuple):
    """Data has flowed for a minute: earlier failures are forgiven."""


Event = Frame | Lost | Lasted


class _Link:
    """A connection and what it has achieved; times are monotonic."""

    def __init__(self, connection: Connection, now: float) -> None:
        self.connection = connection
        self.started_at = now
        self.open = False
        self.first_data_at: float | None = None
        self.last_data_at = now

    @property
    def number(self) -> int:
        return self.connection.number


class MarketStream:
    """The combined stream as one source of frames, whatever happens to the sockets under it."""

    def __init__(self, url: str, clock: Clock, jitter: Callable[[], float] = random.random) -> None:
        self._url = url
        self._clock = clock
        self._jitter = jitter
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._number = 0
        self._attempts = 0
        self._stuck = 0
        self._newest_event_ms = 0
        self._retry_at = clock.monotonic()
        self._rotate_at = float("inf")
        self._current: _Link | None = None
        self._successor: _Link | None = None

    def wake(self) -> None:
        """Make a waiting :meth:`wait` return; safe in a signal handler (SimpleQueue.put is reentrant)."""
        self._inbox.put(None)

    def close(self) -> None:
        """Cut all connections off."""
        for link in (self._current, self._successor):
            if link is not None:
                link.connection.abort()
        self._current = self._successor = None

    def rotate(self) -> None:
        """Replace the connection now, because the exchange announced that it will close it."""
        self._rotate_at = min(self._rotate_at, self._clock.monotonic())

    def wait(self, seconds: float) -> Event | None:
        """Return the next event, or None after so many seconds (at most one) without any.

        Raises StuckError when attempts to connect hang again and again.
        """
        event = self._keep_up(self._clock.monotonic())
        if event is not None:
            return event
        timeout = self._clock.real_seconds(max(0.0, min(seconds, WAIT_STEP_SECONDS)))
        try:
            message = self._inbox.get(timeout=timeout)
        except Empty:
            return None
        return self._take(message, self._clock.monotonic())

    def delivered(self, connection: int, newest_event_ms: int) -> None:
        """Say that a connection has brought data whose newest event has this exchange time."""
        now = self._clock.monotonic()
        successor = self._successor
        if successor and connection == successor.number and newest_event_ms >= self._newest_event_ms:
            self._promote(successor, now)
        if self._current is None or connection != self._current.number or newest_event_ms <= self._newest_event_ms:
            return
        self._newest_event_ms = newest_event_ms
        self._current.last_data_at = now
        if self._current.first_data_at is None:
            self._current.first_data_at = now

    def _promote(self, link: _Link, now: float) -> None:
        if self._current is not None:
            self._current.connection.abort()
        self._current, self._successor = link, None
        link.first_data_at = link.last_data_at = now
        self._rotate_at = link.started_at + ROTATE_SECONDS
        log.info("rotated to a new connection", extra={"connection": link.number})

    def _keep_up(self, now: float) -> Event | None:
        if self._current is None:
            if now >= self._retry_at:
                self._current = self._open(now)
                self._rotate_at = now + ROTATE_SECONDS
            return None
        reason = _overdue(self._current, now)
        if reason:
            return self._lose(reason, now)
        if self._successor is None and now >= self._rotate_at:
            self._successor = self._open(now)
        if self._successor is not None:
            self._check_successor(self._successor, now)
        return self._forgive(self._current, now)

    def _open(self, now: float) -> _Link:
        self._number += 1
        return _Link(Connection(self._number, self._url, self._inbox), now)

    def _check_successor(self, link: _Link, now: float) -> None:
        reason = _overdue(link, now)
        if reason:
            link.connection.abort()
            self._give_successor_up(reason, now)

    def _give_successor_up(self, reason: str, now: float) -> None:
        self._successor = None
        self._rotate_at = now + ROTATE_RETRY_SECONDS
        log.warning("cannot rotate yet; the present connection stays", extra={"problem": reason})

    def _forgive(self, link: _Link, now: float) -> Event | None:
        since = link.first_data_at
        if not self._attempts or since is None or now - since < pacing.FORGIVE_AFTER_SECONDS:
            return None
        self._attempts = 0
        return Lasted()

    def _lose(self, reason: str, now: float) -> Lost:
        if self._current is not None:
            if not self._current.open:
                self._count_stuck()
            self._current.connection.abort()
            self._current = None
        if self._successor is not None:
            self._current, self._successor = self._successor, None
            self._rotate_at = now + ROTATE_SECONDS
        self._attempts += 1
        delay = pacing.reconnect_delay(self._attempts, self._jitter()) if self._current is None else 0.0
        self._retry_at = now + delay
        return Lost(reason, self._attempts, delay)

    def _count_stuck(self) -> None:
        self._stuck += 1
        if self._stuck >= MAX_STUCK_ATTEMPTS:
            raise StuckError(f"{self._stuck} attempts to connect to {self._url} hang; starting afresh")

    def _take(self, message: Message, now: float) -> Event | None:
        match message:
            case Received(number, content):
                return Frame(number, content) if self._link(number) is not None else None
            case Opened(number):
                link = self._link(number)
                if link is not None:
                    link.open = True
                    link.last_data_at = now
                    self._stuck = 0
                    log.info("connection open, waiting for data", extra={"connection": number})
            case Closed(number, reason):
                return self._closed(number, reason, now)
            case None:
                pass
        return None

    def _closed(self, number: int, reason: str, now: float) -> Event | None:
        link = self._link(number)
        if link is None:
            return None
        if link is self._successor:
            self._give_successor_up(reason, now)
            return None
        link.open = True
        return self._lose(reason, now)

    def _link(self, number: int) -> _Link | None:
        for link in (self._current, self._successor):
            if link is not None and link.number == number:
                return link
        return None


def _overdue(link: _Link, now: float) -> str:
    """Return why a connection must be given up, or nothing."""
    if not link.open:
        return "no connection within 20 s" if now - link.started_at >= CONNECT_SECONDS else ""
    if now - link.last_data_at < SILENCE_SECONDS:
        return ""
    if link.first_data_at is None:
        return "connected but silent: wrong route?"
    return f"silent for {SILENCE_SECONDS:.0f} s after delivering"

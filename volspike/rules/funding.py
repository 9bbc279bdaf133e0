"""The funding book: folding the stream into it, and answering from it.

A fold is pure: it returns a new book. Freshness is judged for each symbol by the time its own row was received,
never by a frame, a file or a connection (an open socket proves nothing; Binance documents streams that stay silent).
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from volspike.model.documents import VERSION, FundingDocument
from volspike.model.market import ConnectionStatus, FundingRow, MarkPrice, Ticker, TickerRow

Value = TypeVar("Value")

MAX_AGE_SECONDS = 180
"""A row older than this is unknown."""
DISCONNECTED_GRACE_SECONDS = 10
"""How long rows stay good after the stream was lost."""
FORGET_SECONDS = 3600
"""A symbol not heard of for this long has left the exchange."""
MAX_LEAD_SECONDS = 86_400
"""An event further ahead of this machine's clock is no event but a broken row."""
MIN_FRESH_SHARE = 0.9
"""One delisted row must not turn health red."""

COIN_MARGINED = re.compile(r"(_PERP|USD_\d+)$")


class Book(NamedTuple):
    """Rows by symbol, and the exchange's event time of each so that an old event never overwrites a new one."""

    rows: Mapping[str, FundingRow]
    event_times_ms: Mapping[str, int]


EMPTY = Book({}, {})


def fold(book: Book, mark_prices: Iterable[MarkPrice], received_at: float) -> tuple[Book, int]:
    """Return the book with the newer events in it, and how many there were.

    An event as old as the stored one is a repeat (two sockets deliver it while the stream rotates) and is dropped
    like an older one, whatever connection brings it: an exchange that repeats itself is not alive. An event from far
    in the future would silence its symbol until then, so it is dropped too. A contract whose next funding time is 0
    has no funding: its rate becomes None.
    """
    rows, event_times_ms = dict(book.rows), dict(book.event_times_ms)
    accepted, latest_ms = 0, _latest_plausible_ms(received_at)
    for event in mark_prices:
        symbol = event.symbol
        if not event_times_ms.get(symbol, 0) < event.event_time_ms <= latest_ms:
            continue
        event_times_ms[symbol] = event.event_time_ms
        rate = event.funding_rate if event.next_funding_time_ms else None
        due = event.next_funding_time_ms if rate is not None else 0
        rows[symbol] = FundingRow(rate, event.mark_price, event.index_price, due, received_at)
        accepted += 1
    return Book(rows, event_times_ms), accepted


def _latest_plausible_ms(received_at: float) -> int:
    return int((received_at + MAX_LEAD_SECONDS) * 1000)


def newest_event_ms(mark_prices: Iterable[MarkPrice], received_at: float) -> int:
    """Return the time of the newest plausible event, 0 when there is none; only this advancing proves life."""
    latest_ms = _latest_plausible_ms(received_at)
    return max([event.event_time_ms for event in mark_prices if event.event_time_ms <= latest_ms], default=0)


class Quote(Struct, frozen=True, gc=False, rename="camel"):
    """One symbol's funding as the API answers it; what is missing is null."""

    symbol: str
    mark_price: float
    funding_rate: float | None
    next_funding_time: int | None
    index_price: float | None
    updated_at: float
    age_seconds: float


class SymbolNotFound(Struct, frozen=True):
    """The stream has never told of this symbol."""

    symbol: str
    error: str = "Symbol not found"


class Disconnected(Struct, frozen=True, rename="camel"):
    """The stream is lost, and so long that nothing in the book can be trusted."""

    disconnected_for_seconds: float
    error: str = "WebSocket disconnected"


class Stale(Struct, frozen=True, rename="camel"):
    """This symbol's row is too old to be told as the present."""

    symbol: str
    age_seconds: float
    max_age_seconds: int = MAX_AGE_SECONDS
    error: str = "Data stale"


Refusal = SymbolNotFound | Disconnected | Stale


class FundingView(NamedTuple):
    """A funding document, with what every answer needs worked out once for each version of the file."""

    document: FundingDocument
    update_times: tuple[float, ...]
    """Receipt times of all rows, oldest first."""

    @property
    def newest(self) -> float | None:
        """Return the receipt time of the newest row."""
        return self.update_times[-1] if self.update_times else None


def view(document: FundingDocument) -> FundingView:
    """Return the view of a document."""
    return FundingView(document, tuple(sorted([row.updated_at for row in document.funding_state.values()])))


def age_seconds(then: float, now: float) -> float:
    """Return the age in seconds to two decimals; a clock that stepped back makes nothing younger than now."""
    return max(0.0, round(now - then, 2))


def quote(feed: FundingView, symbol: str, now: float) -> Quote | Refusal:
    """Answer for one symbol in any letter case, or say why not."""
    name = symbol.upper()
    row = feed.document.funding_state.get(name)
    if row is None:
        return SymbolNotFound(name)
    disconnected = disconnection(feed, now)
    if disconnected is not None:
        return disconnected
    age = age_seconds(row.updated_at, now)
    if age > MAX_AGE_SECONDS:
        return Stale(name, age)
    return Quote(
        name,
        row.mark_price,
        row.funding_rate,
        row.next_funding_time or None,
        row.index_price,
        row.updated_at,
        age,
    )


def disconnection(feed: FundingView, now: float) -> Disconnected | None:
    """Tell whether the stream is lost and the newest row too old to bridge the gap."""
    if feed.document.connection_status.connected or feed.newest is None:
        return None
    age = age_seconds(feed.newest, now)
    return Disconnected(age) if age > DISCONNECTED_GRACE_SECONDS else None


class FeedHealth(Struct, frozen=True, rename="camel", omit_defaults=True):
    """How the feed is, as `/funding/health` answers it; `error` says what makes it unhealthy."""

    status: str
    websocket_connected: bool
    symbol_count: int
    uptime_seconds: float
    last_connected_time: float | None
    messages_received: int
    reconnect_attempts: int
    oldest_data_age_seconds: float | None
    newest_data_age_seconds: float | None
    fresh_symbol_count: int
    error: str = ""


def feed_health(feed: FundingView, now: float) -> FeedHealth:
    """Judge the feed: connected, its newest row young enough, and at least 90 % of the rows fresh."""
    status, times = feed.document.connection_status, feed.update_times
    fresh = len(times) - bisect_left(times, now - MAX_AGE_SECONDS)
    error = _feed_error(status, times, fresh, now)
    since = status.last_connected_time
    return FeedHealth(
        status="unhealthy" if error else "healthy",
        websocket_connected=status.connected,
        symbol_count=len(times),
        uptime_seconds=age_seconds(since, now) if status.connected and since is not None else 0.0,
        last_connected_time=since,
        messages_received=status.messages_received,
        reconnect_attempts=status.reconnect_attempts,
        oldest_data_age_seconds=age_seconds(times[0], now) if times else None,
        newest_data_age_seconds=age_seconds(times[-1], now) if times else None,
        fresh_symbol_count=fresh,
        error=error,
    )


def _feed_error(status: ConnectionStatus, times: tuple[float, ...], fresh: int, now: float) -> str:
    if not status.connected:
        return "WebSocket disconnected"
    if not times:
        return "No data yet"
    if now - times[-1] >= MAX_AGE_SECONDS:
        return f"Data stale: newest row {now - times[-1]:.0f} s old, at most {MAX_AGE_SECONDS} allowed"
    if fresh < MIN_FRESH_SHARE * len(times):
        return f"Only {fresh} of {len(times)} symbols are fresh, at least 90 % expected"
    return ""


class Tickers(NamedTuple):
    """24-hour rows by symbol, with the exchange's event time of each."""

    rows: Mapping[str, TickerRow] = {}
    event_times_ms: Mapping[str, int] = {}


class Stream(NamedTuple):
    """What the WebSocket daemon remembers: the book, the 24-hour rows, and the life of its connection."""

    book: Book = EMPTY
    tickers: Tickers = Tickers()
    status: ConnectionStatus = ConnectionStatus()


def receive_tickers(stream: Stream, tickers: Iterable[Ticker], received_at: float) -> Stream:
    """Return the memory with these 24-hour rows in it; only changed symbols arrive, and older events are dropped."""
    rows, event_times_ms = dict(stream.tickers.rows), dict(stream.tickers.event_times_ms)
    latest_ms = _latest_plausible_ms(received_at)
    for event in tickers:
        symbol = event.symbol
        if not event_times_ms.get(symbol, 0) < event.event_time_ms <= latest_ms:
            continue
        event_times_ms[symbol] = event.event_time_ms
        rows[symbol] = TickerRow(event.last_price, event.price_change_pct_24h, event.quote_volume_24h, received_at)
    return stream._replace(tickers=Tickers(rows, event_times_ms))


def receive(stream: Stream, mark_prices: list[MarkPrice], received_at: float, monotonic: float) -> tuple[Stream, int]:
    """Take one frame's mark prices; return the new memory and how many rows were news.

    `monotonic` is the instant of `received_at` by a clock that no step can move.
    The stream counts as connected from the first row of a connection.
    """
    book, accepted = fold(stream.book, mark_prices, received_at)
    if not accepted:
        return stream, 0
    before = stream.status
    status = ConnectionStatus(
        connected=True,
        last_connected_time=before.last_connected_time if before.connected else received_at,
        reconnect_attempts=before.reconnect_attempts,
        messages_received=before.messages_received + accepted,
        frames_received=before.frames_received + 1,
        last_message_time=received_at,
        last_message_monotonic=monotonic,
        symbol_count=len(book.rows),
    )
    return Stream(book, stream.tickers, status), accepted


def lose(stream: Stream, attempts: int) -> Stream:
    """Return the memory after the connection was lost and is about to be tried for the `attempts`-th time."""
    status = replace(stream.status, connected=False, reconnect_attempts=attempts)
    return stream._replace(status=status)


def forgive(stream: Stream) -> Stream:
    """Return the memory after the connection has lasted: the attempts that it took are history."""
    return stream._replace(status=replace(stream.status, reconnect_attempts=0))


def prune(stream: Stream) -> Stream:
    """Return the memory without the symbols not heard of for an hour before the newest message.

    Measured against the stream, not the clock: during an outage nothing has left the exchange.
    """
    newest = stream.status.last_message_time
    if newest is None:
        return stream
    rows = {symbol: row for symbol, row in stream.book.rows.items() if newest - row.updated_at <= FORGET_SECONDS}
    if len(rows) == len(stream.book.rows):
        return stream
    return Stream(
        Book(rows, _only(stream.book.event_times_ms, rows)),
        Tickers(_only(stream.tickers.rows, rows), _only(stream.tickers.event_times_ms, rows)),
        replace(stream.status, symbol_count=len(rows)),
    )


def _only(values: Mapping[str, Value], symbols: Mapping[str, FundingRow]) -> dict[str, Value]:
    return {symbol: value for symbol, value in values.items() if symbol in symbols}


def document(stream: Stream, now: float, pid: int) -> FundingDocument:
    """Return what `.funding_state.json` shall say."""
    return FundingDocument(VERSION, dict(stream.book.rows), stream.status, now, pid)

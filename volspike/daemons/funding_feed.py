"""What the funding WS daemon holds: the memory of the stream, and the two state files that tell it on."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from volspike.clients.binance import frames
from volspike.clients.binance.stream import MarketStream
from volspike.clients.binance.wire import Malformed
from volspike.model.documents import VERSION, FundingDocument, TickerDocument
from volspike.model.market import ConnectionStatus, MarkPrice, Ticker
from volspike.rules import funding
from volspike.runtime.daemon import WAIT_STEP_SECONDS, Daemon
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper

log = logging.getLogger(__name__)

PRUNE_SECONDS = 60.0
SETTLE_SECONDS = 2.0
GATHER_SECONDS = 0.001
"""The frames of one second come back to back; writing them together spares encoding hundreds of rows twice."""
UNWRITABLE_SECONDS = 60.0
"""A daemon that cannot write its file for so long has stopped doing its work, and lets the watchdog know."""
REPEAT_SECONDS = 3600.0


class Feed:
    """The memory of the stream, folded from its frames and kept in its files."""

    def __init__(self, daemon: Daemon, runtime_dir: Path) -> None:
        self._daemon = daemon
        self._clock = daemon.clock
        self._marks_file, self._tickers_file = (
            Keeper(runtime_dir / name, self._clock.monotonic, gather_seconds=GATHER_SECONDS)
            for name in (documents.FUNDING, documents.TICKERS)
        )
        self._stream = self._recall()
        self._metrics = _FeedMetrics(daemon)
        self._pruned_at = self._clock.monotonic()
        self._settles_at: float | None = None
        self._settled = False
        self._rejects_reported_at = float("-inf")
        self._rejects_unreported = 0

    def _recall(self) -> funding.Stream:
        """Return the memory of the last run: rows are judged by their own age, so a restart makes none vanish."""
        now = self._clock.now()
        marks = keeper.recall(self._marks_file.path, FundingDocument, now)
        tickers = keeper.recall(self._tickers_file.path, TickerDocument, now)
        rows = marks.funding_state if marks else {}
        return funding.Stream(
            funding.Book(rows, {}),
            funding.Tickers(tickers.tickers if tickers else {}),
            ConnectionStatus(symbol_count=len(rows)),
        )

    def take(self, source: MarketStream, connection: int, content: bytes) -> None:
        """Fold a frame in; what does not decode is counted and costs nothing but itself."""
        received_at = self._clock.now()
        self._metrics.frames.inc()
        try:
            frame = frames.parse_frame(content)
        except Malformed as error:
            self._reject(1, str(error))
            return
        if frame.rejected:
            self._reject(frame.rejected, frame.problem)
        if frame.notice == "serverShutdown":
            log.info("the exchange is about to close this connection; rotating")
            source.rotate()
        if frame.mark_prices:
            source.delivered(connection, funding.newest_event_ms(frame.mark_prices, received_at))
            self._receive(frame.mark_prices, received_at)
        if frame.tickers:
            self._receive_tickers(frame.tickers, received_at)

    def _receive(self, mark_prices: list[MarkPrice], received_at: float) -> None:
        regained = not self._stream.status.connected
        now = self._clock.monotonic()
        self._stream, accepted = funding.receive(self._stream, mark_prices, received_at, now)
        if not accepted:
            return
        self._marks_file.touch()
        self._metrics.mark_prices.inc(accepted)
        self._metrics.newest.set(received_at)
        if regained:
            self._settles_at = now + SETTLE_SECONDS
            self.save(urgent=True)

    def _receive_tickers(self, tickers: list[Ticker], received_at: float) -> None:
        self._stream = funding.receive_tickers(self._stream, tickers, received_at)
        self._tickers_file.touch()

    def _reject(self, count: int, problem: str) -> None:
        self._metrics.rejected.inc(count)
        self._rejects_unreported += count
        now = self._clock.monotonic()
        if now - self._rejects_reported_at >= REPEAT_SECONDS:
            self._rejects_reported_at = now
            log.warning("skipped what did not decode", extra={"count": self._rejects_unreported, "problem": problem})
            self._rejects_unreported = 0

    def lose(self, reason: str, attempts: int, retry_seconds: float) -> None:
        """Tell at once that the stream is lost and when it is tried again."""
        is_news = attempts == 1 or self._stream.status.connected
        level = logging.WARNING if is_news else logging.DEBUG  # repeats are counted
        log.log(level, "stream lost", extra={"reason": reason, "retry_seconds": round(retry_seconds, 1)})
        self._metrics.losses.inc()
        self._stream = funding.lose(self._stream, attempts)
        self._settles_at = None
        self._marks_file.touch()
        self.save(urgent=True)
        self._daemon.announce(f"reconnecting in {retry_seconds:.0f} s (attempt {attempts}): {reason}")

    def forgive(self) -> None:
        """Note that the connection has lasted."""
        self._stream = funding.forgive(self._stream)
        self._marks_file.touch()

    def save(self, *, urgent: bool = False) -> None:
        """Write what has changed, as far as the pace of writing allows."""
        now = self._clock.monotonic()
        if now - self._pruned_at >= PRUNE_SECONDS:
            self._pruned_at = now
            self._stream = funding.prune(self._stream)
        self._marks_file.save(self._marks_document, urgent=urgent)
        self._tickers_file.save(self._tickers_document, urgent=urgent)
        if self._settles_at is not None and self._clock.monotonic() >= self._settles_at:
            self._settle()

    def _settle(self) -> None:
        """Announce the stream once the first ticks are there in all their frames, so that the count is right."""
        self._settles_at = None
        self._settled = True
        log.info("streaming", extra={"symbols": self._stream.status.symbol_count})
        self._daemon.announce(self.status())
        self._daemon.save_metrics()

    def _marks_document(self) -> bytes:
        return documents.encode(funding.document(self._stream, self._clock.now(), os.getpid()))

    def _tickers_document(self) -> bytes:
        return documents.encode(TickerDocument(VERSION, dict(self._stream.tickers.rows), self._clock.now()))

    def patience(self) -> float:
        """Return how long to wait for the next frame, so that a delayed write is not late."""
        delays = (self._marks_file.delay(), self._tickers_file.delay())
        return min([WAIT_STEP_SECONDS, *[delay for delay in delays if delay is not None]])

    def settled(self) -> bool:
        """Tell whether the first ticks, in all their frames, have ever arrived."""
        return self._settled

    def writable(self) -> bool:
        """Tell whether the funding file has been written, or has not failed for long."""
        since = self._marks_file.failing_since
        return since is None or self._clock.monotonic() - since < UNWRITABLE_SECONDS

    def status(self) -> str:
        """Return the state of the feed in a sentence."""
        status = self._stream.status
        if not status.connected or status.last_connected_time is None:
            return "reconnecting" if status.reconnect_attempts else "waiting for data"
        if self._settles_at is not None:
            return "receiving the first ticks"
        since = datetime.fromtimestamp(status.last_connected_time, UTC)
        return (
            f"streaming {status.symbol_count} symbols since {since:%Y-%m-%d %H:%M:%S} UTC, "
            f"{status.messages_received} mark prices received"
        )

    def close(self) -> None:
        """Leave files behind that say that nobody is connected any more."""
        self._stream = funding.lose(self._stream, 0)
        self._marks_file.touch()
        self.save(urgent=True)
        self._daemon.save_metrics()


class _FeedMetrics:
    def __init__(self, daemon: Daemon) -> None:
        metrics = daemon.metrics
        self.frames = metrics.counter("stream_frames", "Frames received from the market stream.")
        self.mark_prices = metrics.counter("stream_mark_prices", "Mark-price rows that were news.")
        self.rejected = metrics.counter("stream_rejected", "Rows and frames that did not decode.")
        self.losses = metrics.counter("stream_losses", "Times the market stream was lost.")
        self.newest = metrics.gauge("stream_newest_timestamp_seconds", "When the newest mark price was received.")

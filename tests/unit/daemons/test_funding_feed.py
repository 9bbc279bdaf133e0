"""What frames do to the memory and the files of the WS daemon, without a socket."""

import json
import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW, funding_document, funding_row
from tests.unit.state.test_file import disk_that_holds
from volspike.clients.binance.stream import MarketStream
from volspike.daemons import funding_feed
from volspike.daemons.funding_feed import Feed
from volspike.model.documents import FundingDocument, Heartbeat, TickerDocument
from volspike.runtime.daemon import Daemon
from volspike.state import documents, file


class Source(MarketStream):
    """A stream that never connects and remembers what it is told."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__("ws://127.0.0.1:1", clock)
        self.told: list[tuple[int, int]] = []
        self.rotations = 0

    def delivered(self, connection: int, newest_event_ms: int) -> None:
        self.told.append((connection, newest_event_ms))

    def rotate(self) -> None:
        self.rotations += 1


class Bench:
    """A feed, with its source and its files at hand."""

    def __init__(self, daemon: Daemon, runtime_dir: Path, clock: MovedClock) -> None:
        self.clock = clock
        self.runtime_dir = runtime_dir
        self.daemon = daemon
        self.source = Source(clock)
        self.feed = Feed(daemon, runtime_dir)

    def take(self, content: bytes | str, connection: int = 1) -> None:
        """Let a frame arrive, as the daemon's loop does."""
        self.feed.take(self.source, connection, content.encode() if isinstance(content, str) else content)
        self.save()

    def save(self) -> None:
        """Save as the daemon's loop does when nothing more comes within a moment."""
        while 0 < (seconds := self.feed.patience()) <= funding_feed.GATHER_SECONDS:
            time.sleep(seconds)
        self.feed.save()

    def marks(self) -> FundingDocument:
        return documents.decode((self.runtime_dir / documents.FUNDING).read_bytes(), FundingDocument)

    def tickers(self) -> TickerDocument:
        return documents.decode((self.runtime_dir / documents.TICKERS).read_bytes(), TickerDocument)

    def heartbeat(self) -> Heartbeat:
        return documents.decode(documents.heartbeat_path(self.runtime_dir, "funding-ws").read_bytes(), Heartbeat)

    def metric(self, name: str) -> float:
        for line in self.daemon.metrics.text().splitlines():
            if line.startswith(f"volspike_{name}{{"):
                return float(line.rpartition(" ")[2])
        raise KeyError(name)


@pytest.fixture
def bench(daemon: Daemon, runtime_dir: Path, clock: MovedClock) -> Bench:
    return Bench(daemon, runtime_dir, clock)


def mark_row(symbol: str = "BTCUSDT", at_ms: int = 1000, **changes: Any) -> dict[str, Any]:
    row = {"e": "markPriceUpdate", "E": at_ms, "s": symbol, "p": "91725.878", "i": "91769.875", "r": "0.0000128"}
    return {**row, "T": 1_790_870_400_000, "st": 1, **changes}


def marks(*rows: object) -> str:
    return json.dumps({"stream": "!markPrice@arr@1s", "data": rows})


def ticker(symbol: str = "BTCUSDT", at_ms: int = 1, last: str = "91520.1") -> str:
    row = {"e": "24hrTicker", "E": at_ms, "s": symbol, "p": "-4463", "P": "-4.65", "c": last, "q": "12e9", "st": 1}
    return json.dumps({"stream": "!ticker@arr", "data": [row]})


def test_a_frame_is_in_the_file_at_once(bench: Bench) -> None:
    bench.take(marks(mark_row("BTCUSDT"), mark_row("ETHUSDT", r="", T=0)))

    told = bench.marks()
    assert told.connection_status.connected
    assert (told.connection_status.messages_received, told.connection_status.symbol_count) == (2, 2)
    btc, eth = told.funding_state["BTCUSDT"], told.funding_state["ETHUSDT"]
    assert (btc.mark_price, btc.funding_rate, btc.updated_at) == (91725.878, 0.0000128, NOW)
    assert (eth.funding_rate, eth.next_funding_time) == (None, 0)
    assert (told.updated_at, told.daemon_pid) == (NOW, os.getpid())


def test_frames_that_come_back_to_back_are_written_together(
    daemon: Daemon, runtime_dir: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(funding_feed, "GATHER_SECONDS", 60.0)
    bench = Bench(daemon, runtime_dir, clock)

    for number, symbol in enumerate(("BTCUSDT", "ETHUSDT", "SOLUSDT"), 1):  # the first one regains the stream
        bench.feed.take(bench.source, 1, marks(mark_row(symbol, at_ms=number)).encode())
        bench.feed.save()
        assert bench.marks().funding_state.keys() == {"BTCUSDT"}
    clock.move(60)
    bench.feed.save()

    assert bench.marks().funding_state.keys() == {"BTCUSDT", "ETHUSDT", "SOLUSDT"}


def test_the_stream_hears_what_its_connection_has_delivered(bench: Bench) -> None:
    bench.take(marks(mark_row(at_ms=5), mark_row("ETHUSDT", at_ms=9)), connection=3)

    assert bench.source.told == [(3, 9)]


def test_tickers_have_a_file_of_their_own_and_are_no_sign_of_the_feed(bench: Bench) -> None:
    bench.take(ticker())

    assert bench.tickers().tickers["BTCUSDT"].last_price == 91520.1
    assert not (bench.runtime_dir / documents.FUNDING).exists()
    assert bench.source.told == []


def test_an_older_ticker_never_overwrites(bench: Bench) -> None:
    for at_ms, last in ((5, "5"), (4, "4")):
        bench.take(ticker(at_ms=at_ms, last=last))
        bench.clock.move(1)

    assert bench.tickers().tickers["BTCUSDT"].last_price == 5


def test_an_event_from_the_far_future_is_no_sign_of_life_and_not_in_the_file(bench: Bench) -> None:
    bench.take(marks(mark_row(at_ms=9), mark_row("ETHUSDT", at_ms=10**16)))

    assert bench.source.told == [(1, 9)]
    assert bench.marks().funding_state.keys() == {"BTCUSDT"}


def test_an_exchange_that_repeats_itself_after_a_loss_stays_lost(bench: Bench) -> None:
    bench.take(marks(mark_row(at_ms=9)))
    bench.feed.lose("silent for 15 s after delivering", 1, 1.0)
    bench.clock.move(60)

    bench.take(marks(mark_row(at_ms=9)), connection=2)

    assert not bench.marks().connection_status.connected
    assert bench.marks().funding_state["BTCUSDT"].updated_at == NOW
    assert bench.feed.status() == "reconnecting"


def test_tickers_leave_the_mark_prices_alone(bench: Bench) -> None:
    bench.take(marks(mark_row()))
    before = (bench.runtime_dir / documents.FUNDING).read_bytes()
    bench.clock.move(1)

    bench.take(ticker())

    assert (bench.runtime_dir / documents.FUNDING).read_bytes() == before


def test_a_repeated_frame_writes_nothing(bench: Bench) -> None:
    bench.take(marks(mark_row()))
    before = (bench.runtime_dir / documents.FUNDING).stat().st_mtime_ns
    bench.clock.move(1)

    bench.take(marks(mark_row()), connection=2)

    assert (bench.runtime_dir / documents.FUNDING).stat().st_mtime_ns == before


def test_a_broken_row_is_counted_and_the_others_live(bench: Bench) -> None:
    bench.take(marks(mark_row(p="x"), mark_row("ETHUSDT"), None))

    assert bench.marks().funding_state.keys() == {"ETHUSDT"}
    assert bench.metric("stream_rejected_total") == 2


def test_what_does_not_decode_is_reported_once_an_hour(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        bench.take("<html>")
    bench.clock.move(3600)
    bench.take(marks(mark_row(p="x")))

    reported = [record.__dict__["count"] for record in caplog.records if "did not decode" in record.message]
    assert reported == [1, 3]
    assert bench.metric("stream_rejected_total") == 4


@pytest.mark.parametrize(
    "announcement",
    ['{"e":"serverShutdown"}', '{"event":"serverShutdown"}', '{"stream":"x","data":{"e":"serverShutdown"}}'],
)
def test_an_announced_shutdown_rotates(bench: Bench, announcement: str) -> None:
    bench.take(announcement)

    assert bench.source.rotations == 1


def test_an_acknowledgement_does_nothing(bench: Bench) -> None:
    bench.take('{"result":null,"id":1}')

    assert bench.source.rotations == 0
    assert bench.metric("stream_rejected_total") == 0


def test_beyond_ten_writes_a_second_the_newest_content_waits_for_its_turn(bench: Bench) -> None:
    for number in range(1, 13):
        bench.take(marks(mark_row(at_ms=number, p=str(number))))

    assert bench.marks().funding_state["BTCUSDT"].mark_price == 10
    assert bench.feed.patience() <= 1.0
    bench.clock.move(1)
    assert bench.feed.patience() == 0.0
    bench.feed.save()
    assert bench.marks().funding_state["BTCUSDT"].mark_price == 12


def test_a_loss_is_in_the_file_at_once_however_much_was_written(bench: Bench) -> None:
    for number in range(1, 13):
        bench.take(marks(mark_row(at_ms=number)))

    bench.feed.lose("connected but silent: wrong route?", 3, 4.0)

    status = bench.marks().connection_status
    assert (status.connected, status.reconnect_attempts) == (False, 3)
    assert bench.heartbeat().status == "reconnecting in 4 s (attempt 3): connected but silent: wrong route?"
    assert bench.feed.status() == "reconnecting"
    assert bench.metric("stream_losses_total") == 1


def test_a_loss_is_warned_of_once_and_its_repetitions_are_counted_only(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    for attempt in (1, 2, 3):
        bench.feed.lose("connection refused", attempt, 1.0)
    bench.feed.lose("connection refused", 1, 1.0)

    levels = [record.levelname for record in caplog.records if record.message == "stream lost"]
    assert levels == ["WARNING", "DEBUG", "DEBUG", "WARNING"]
    assert bench.metric("stream_losses_total") == 4


def test_a_stream_that_was_there_again_is_lost_anew_and_that_is_news(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.feed.lose("silent for 15 s after delivering", 1, 1.0)
    bench.take(marks(mark_row(at_ms=9)))

    bench.feed.lose("closed by the exchange", 2, 2.0)  # too soon for the first failure to be forgiven

    reasons = [record.__dict__["reason"] for record in caplog.records if record.message == "stream lost"]
    assert reasons == ["silent for 15 s after delivering", "closed by the exchange"]


def test_a_regained_stream_is_in_the_file_at_once_and_forgiven_later(bench: Bench) -> None:
    bench.take(marks(mark_row(at_ms=9)))
    bench.feed.lose("lost", 3, 4.0)
    for _ in range(10):
        bench.feed.lose("lost", 4, 4.0)

    bench.take(marks(mark_row(at_ms=10)))
    assert (bench.marks().connection_status.connected, bench.marks().connection_status.reconnect_attempts) == (True, 4)

    bench.clock.move(60)
    bench.feed.forgive()
    bench.save()
    assert bench.marks().connection_status.reconnect_attempts == 0


def test_the_status_counts_the_symbols_when_all_frames_of_a_tick_are_there(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert bench.feed.status() == "waiting for data"

    bench.take(marks(mark_row("BTCUSDT")))
    assert bench.feed.status() == "receiving the first ticks"
    assert not bench.feed.settled()
    bench.take(marks(mark_row("ETHUSDT")))
    bench.clock.move(2)
    bench.feed.save()

    assert bench.feed.settled()
    assert bench.feed.status() == "streaming 2 symbols since 2026-10-01 12:02:03 UTC, 2 mark prices received"
    assert [record.__dict__["symbols"] for record in caplog.records if record.message == "streaming"] == [2]
    assert documents.metrics_path(bench.runtime_dir, "funding-ws").exists()


def test_symbols_not_heard_of_for_an_hour_leave_both_files(bench: Bench) -> None:
    bench.take(marks(mark_row("OLDUSDT"), mark_row("BTCUSDT")))
    bench.take(ticker("OLDUSDT"))
    bench.clock.move(3601)

    bench.take(marks(mark_row("BTCUSDT", at_ms=2000)))

    assert bench.marks().funding_state.keys() == {"BTCUSDT"}
    assert bench.marks().connection_status.symbol_count == 1
    bench.take(ticker("BTCUSDT"))
    assert bench.tickers().tickers.keys() == {"BTCUSDT"}


def test_an_outage_of_hours_makes_nothing_leave_the_files(bench: Bench) -> None:
    bench.take(marks(mark_row("BTCUSDT"), mark_row("ETHUSDT")))
    bench.feed.lose("connection refused", 1, 1.0)
    bench.clock.move(9 * 3600)

    bench.feed.save(urgent=True)
    bench.feed.lose("connection refused", 2, 1.0)

    assert bench.marks().funding_state.keys() == {"BTCUSDT", "ETHUSDT"}
    assert bench.marks().connection_status.symbol_count == 2


def test_a_full_disk_keeps_the_data_and_lets_the_watchdog_know_after_a_minute(bench: Bench) -> None:
    with disk_that_holds(10):
        bench.take(marks(mark_row()))
        assert bench.feed.writable()
        bench.clock.move(59)
        bench.feed.save()
        assert bench.feed.writable()
        bench.clock.move(2)
        assert not bench.feed.writable()

    bench.feed.save()

    assert bench.feed.writable()
    assert bench.marks().funding_state["BTCUSDT"].mark_price == 91725.878


def test_the_end_leaves_a_file_that_says_nobody_is_connected(bench: Bench) -> None:
    bench.take(marks(mark_row()))

    bench.feed.close()

    assert not bench.marks().connection_status.connected
    assert bench.marks().funding_state.keys() == {"BTCUSDT"}
    assert documents.metrics_path(bench.runtime_dir, "funding-ws").exists()


def test_the_last_tickers_are_in_their_file_at_the_end_too(bench: Bench) -> None:
    bench.feed.take(bench.source, 1, ticker().encode())

    bench.feed.close()

    assert bench.tickers().tickers.keys() == {"BTCUSDT"}


def test_a_restart_keeps_the_rows_of_the_last_run_with_their_age(
    daemon: Daemon, runtime_dir: Path, clock: MovedClock
) -> None:
    old = funding_row(NOW - 90)
    path = runtime_dir / documents.FUNDING
    file.write(path, documents.encode(funding_document({"BTCUSDT": old, "ETHUSDT": old})))
    (runtime_dir / f".{documents.FUNDING}.1-1.tmp").touch()
    (runtime_dir / f".{documents.TICKERS}.1-1.tmp").touch()

    bench = Bench(daemon, runtime_dir, clock)
    bench.take(marks(mark_row("BTCUSDT", at_ms=1)))

    rows = bench.marks().funding_state
    assert rows["ETHUSDT"] == old
    assert rows["BTCUSDT"].updated_at == NOW
    assert not list(runtime_dir.glob("*.tmp"))


def test_a_loss_before_the_first_data_still_counts_the_rows_of_the_last_run(
    daemon: Daemon, runtime_dir: Path, clock: MovedClock
) -> None:
    file.write(runtime_dir / documents.FUNDING, documents.encode(funding_document({"BTCUSDT": funding_row()})))
    bench = Bench(daemon, runtime_dir, clock)

    bench.feed.lose("connection refused", 1, 1.0)

    assert bench.marks().connection_status.symbol_count == len(bench.marks().funding_state) == 1


@pytest.mark.parametrize("content", [b"", b"{torn", b'{"version":2}', b"\xff", b"[" * 100_000])
def test_a_broken_file_of_the_last_run_is_moved_aside(
    daemon: Daemon, runtime_dir: Path, clock: MovedClock, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = runtime_dir / documents.FUNDING
    path.write_bytes(content)

    bench = Bench(daemon, runtime_dir, clock)

    assert path.with_name(f"{documents.FUNDING}.corrupt-{int(NOW)}").read_bytes() == content
    assert "state file of the last run is broken" in caplog.messages
    bench.take(marks(mark_row()))
    assert bench.marks().funding_state.keys() == {"BTCUSDT"}

"""What losses, restarts, a full disk and the end do to the memory and the files of the WS daemon."""

import logging
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.feeds import Bench, mark_row, marks, ticker
from tests.unit.examples import NOW, funding_document, funding_row
from tests.unit.state.test_file import disk_that_holds
from volspike.runtime.daemon import Daemon
from volspike.state import documents, file


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

"""What frames do to the memory and the files of the WS daemon, without a socket."""

import os
import time
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.feeds import Bench, mark_row, marks, ticker
from tests.unit.examples import NOW
from volspike.daemons import funding_feed
from volspike.runtime.daemon import Daemon
from volspike.state import documents


def test_a_frame_is_in_the_file_at_once(bench: Bench) -> None:
    bench.take(marks(mark_row("BTCUSDT"), mark_row("ETHUSDT", r="", T=0)))

    told = bench.marks()
    assert told.connection_status.connected
    assert (told.connection_status.messages_received, told.connection_status.symbol_count) == (2, 2)
    btc, eth = told.funding_state["BTCUSDT"], told.funding_state["ETHUSDT"]
    assert (btc.mark_price, btc.funding_rate, btc.updated_at) == (91725.878, 0.0000128, NOW)
    assert (eth.funding_rate, eth.next_funding_time) == (None, 0)
    assert (told.updated_at, told.daemon_pid) == (NOW, os.getpid())


def test_a_clock_that_is_set_does_not_move_the_instant_of_the_latest_message(bench: Bench) -> None:
    began = time.monotonic()
    bench.take(marks(mark_row(at_ms=1)))
    first = bench.marks().connection_status
    bench.clock.step(7200)
    bench.clock.move(3)

    bench.take(marks(mark_row(at_ms=2)))

    then = bench.marks().connection_status
    assert (then.last_message_time, first.last_message_time) == (NOW + 7203, NOW)
    passed = (then.last_message_monotonic or 0) - (first.last_message_monotonic or 0)
    assert 3 <= passed <= 3 + time.monotonic() - began


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

"""One scan: every symbol for itself, alerts before memory, and no quiet market where none was seen."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.processes import until
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import EXCHANGE_INFO, OPEN_HOUR, SNAPSHOT, Market, error, tools_of
from tests.unit.examples import NOW
from volspike.daemons import volume_scan, volume_teller
from volspike.daemons.volume_scan import Outcome, Tools, scan
from volspike.model.alerts import AlertType, VolumeEpisode, VolumeMemory
from volspike.model.delivery import Kind
from volspike.model.documents import HourlyVolumeDocument
from volspike.model.market import Candle
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned
from volspike.settings import Settings
from volspike.state import documents

Made = Callable[..., Settings]


@pytest.fixture
def market(server: AnsweringServer) -> Market:
    """Ten symbols, of which BTC spikes in the open hour; the backend knows nothing."""
    made = Market(server)
    quiet = [f"QUIET{number}USDT" for number in range(9)]
    made.list("BTCUSDT", *quiet)
    made.trade("BTCUSDT", 1e6, 1e6, 4e6)
    for symbol in quiet:
        made.trade(symbol, 1e6, 1e6, 2e6)
    return made


@pytest.fixture
def tools(daemon: Daemon, settings: Made, market: Market) -> Iterator[Tools]:
    with tools_of(daemon, settings(binance_rest_url=market.server.url)) as made:
        yield made


def keys(tools: Tools) -> list[str]:
    return [message.key for message in tools.outbox.messages(Kind.VOLUME, 0)]


def test_every_symbol_is_seen_and_what_spikes_is_told(
    tools: Tools, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    outcome = scan(tools, NOW)

    assert (outcome.symbols, outcome.seen, outcome.problem, outcome.failed) == (10, 10, "", False)
    assert [alert.symbol for alert in outcome.told] == ["BTCUSDT"]
    assert keys(tools) == ["volume:BTCUSDT:2026-10-01T12:SPIKE"]
    assert "BTC hourly volume 4.00M (4.00× prev) — VOLUME SPIKE!" in caplog.messages
    assert tools.memories.of("BTCUSDT").episode == VolumeEpisode(OPEN_HOUR, 0)


def test_the_hours_it_has_seen_are_kept_for_others(tools: Tools, market: Market, settings: Made) -> None:
    scan(tools, NOW)
    scan(tools, NOW + 300)

    content = (settings().runtime_dir / documents.HOURLY_VOLUME).read_bytes()
    row = documents.decode(content, HourlyVolumeDocument).hourly_volume["BTCUSDT"]
    assert [hour.quote_volume for hour in row.hours] == [1e6, 1e6, 4e6]
    asked = [path.partition("limit=")[2] for path in market.server.asked if "klines?symbol=BTCUSDT" in path]
    assert asked == ["25", "3"]


def test_it_is_remembered_for_the_next_scan_and_the_next_process(tools: Tools, settings: Made) -> None:
    scan(tools, NOW)

    assert scan(tools, NOW + 300).told == []
    assert b'"BTCUSDT"' in (settings().state_dir / documents.VOLUME_ALERTS).read_bytes()


def test_the_weight_is_one_for_each_symbol_and_one_for_the_list(tools: Tools, market: Market) -> None:
    scan(tools, NOW)
    scan(tools, NOW + 300)

    assert (market.asked("/fapi/v1/klines"), market.asked(EXCHANGE_INFO)) == (20, 1)


def test_a_symbol_that_fails_costs_only_itself_and_is_owed_to_the_next_scan(tools: Tools, market: Market) -> None:
    market.refuse("BTCUSDT", Answer(503))

    first = scan(tools, NOW)
    market.trade("BTCUSDT", 1e6, 1e6, 4e6)
    second = scan(tools, NOW + 300)

    assert (first.seen, first.failed, first.told) == (9, False, [])
    assert "HTTP 503" in first.problem
    assert [alert.symbol for alert in second.told] == ["BTCUSDT"]


def test_a_scan_that_saw_too_little_has_failed(tools: Tools, market: Market) -> None:
    for symbol in ("BTCUSDT", "QUIET1USDT"):
        market.refuse(symbol, Answer(body=b"<html>"))

    outcome = scan(tools, NOW)

    assert (outcome.seen, outcome.failed) == (8, True)
    assert "answered 200 with something else" in outcome.problem


@pytest.mark.parametrize(("hours", "failed"), [(-1, False), (1, False), (2, True), (24, True)])
def test_candles_of_long_ago_are_no_sight_of_the_market(tools: Tools, hours: int, failed: bool) -> None:
    outcome = scan(tools, NOW + hours * 3600)

    assert (outcome.seen, outcome.failed) == ((0, True) if failed else (10, False))
    assert (outcome.problem == volume_scan.NOT_CURRENT) is failed


def test_a_ban_is_a_failure_and_after_it_nothing_is_asked(tools: Tools, market: Market) -> None:
    scan(tools, NOW)
    banned_until = f"banned until {int(NOW + 600) * 1000}."
    for path in list(market.server.answers):
        market.server.answers[path] = error(-1003, 418, banned_until)
    asked = market.asked("/fapi/v1/klines")

    banned = scan(tools, NOW + 300)
    under_way = market.asked("/fapi/v1/klines") - asked
    again = scan(tools, NOW + 301)

    assert (banned.seen, banned.failed, again.seen, again.failed) == (0, True, 0, True)
    assert under_way <= 10
    assert market.asked("/fapi/v1/klines") == asked + under_way
    assert "shut this machine out" in again.problem


def test_a_country_that_is_refused_is_not_asked_about_every_symbol(
    tools: Tools, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume_scan, "HANDS", 1)
    scan(tools, NOW)
    for path in list(market.server.answers):
        market.server.answers[path] = Answer(451)
    asked = market.asked("/fapi/v1/klines")

    outcome = scan(tools, NOW + 300)

    assert (outcome.seen, outcome.failed) == (0, True)
    assert "HTTP 451" in outcome.problem
    assert market.asked("/fapi/v1/klines") <= asked + 2


def test_without_a_list_of_symbols_the_scan_has_failed(tools: Tools, market: Market) -> None:
    market.server.answers[EXCHANGE_INFO] = Answer(503)

    outcome = scan(tools, NOW)

    assert (outcome.symbols, outcome.failed) == (0, True)
    assert "HTTP 503" in outcome.problem


def test_an_unknown_symbol_has_the_list_asked_for_again(tools: Tools, market: Market) -> None:
    market.refuse("QUIET3USDT", error(-1121))
    market.refuse("QUIET4USDT", error(-1100))

    scan(tools, NOW)
    tools.listing.refresh()

    assert market.asked(EXCHANGE_INFO) == 2


def test_one_slow_symbol_holds_nobody_up(tools: Tools, market: Market) -> None:
    market.trade("QUIET0USDT", 1e6, 1e6, 2e6, after=60)
    told: list[str] = []

    def watch() -> None:
        with suppress(AssertionError):
            until(lambda: keys(tools), 20, "an alert")
        told.extend(keys(tools))
        market.server.closing.set()  # the slow one answers at last

    watcher = threading.Thread(target=watch)
    watcher.start()
    outcome = scan(tools, NOW)
    watcher.join()

    assert told == ["volume:BTCUSDT:2026-10-01T12:SPIKE"]
    assert (outcome.seen, outcome.failed) == (10, False)


def test_what_has_not_answered_in_time_is_owed(
    tools: Tools, market: Market, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.trade("QUIET0USDT", 1e6, 1e6, 2e6, after=60)
    take, seen = tools.volumes.take, []

    def take_until_the_time_is_up(symbol: str, candles: list[Candle]) -> None:
        take(symbol, candles)
        seen.append(symbol)
        if len(seen) == 9:
            clock.move(volume_scan.DEADLINE_SECONDS)

    monkeypatch.setattr(tools.volumes, "take", take_until_the_time_is_up)

    outcome = scan(tools, NOW)

    assert (outcome.seen, outcome.failed) == (9, False)
    assert outcome.problem == "no answer within 90 s"
    assert [alert.symbol for alert in outcome.told] == ["BTCUSDT"]


def test_a_backend_that_hangs_does_not_hold_an_alert_up(
    tools: Tools, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume_teller, "ENRICHING_SECONDS", 0.05)
    monkeypatch.setattr(volume_scan, "GLANCE_SECONDS", 0.01)
    market.server.answers[SNAPSHOT] = Answer(after=30)
    begun = time.monotonic()

    outcome = scan(tools, NOW)

    assert time.monotonic() - begun < 10
    assert [alert.oi_change for alert in outcome.told] == [None]
    assert keys(tools) == ["volume:BTCUSDT:2026-10-01T12:SPIKE"]


def test_an_alert_that_cannot_be_put_is_not_remembered_and_comes_up_again(tools: Tools, settings: Made) -> None:
    outbox = settings().state_dir / documents.OUTBOX
    aside = outbox.with_name("aside")
    aside.mkdir()
    for file in outbox.parent.glob("outbox.db*"):
        file.rename(aside / file.name)
    outbox.mkdir()

    first = scan(tools, NOW)
    outbox.rmdir()
    second = scan(tools, NOW + 300)

    assert (first.failed, first.told, first.seen) == (True, [], 10)
    assert first.unkept
    assert [alert.alert_type for alert in second.told] == [AlertType.SPIKE]
    assert keys(tools) == ["volume:BTCUSDT:2026-10-01T12:SPIKE"]


def test_the_first_scan_of_an_hour_puts_the_words_on_both_hours(
    tools: Tools, market: Market, clock: MovedClock
) -> None:
    market.trade("BTCUSDT", 1e6, 4e6, 16e6)

    outcome = scan(tools, NOW)

    assert [(alert.hour_timestamp.hour, alert.alert_type) for alert in outcome.told] == [
        (11, AlertType.SPIKE),
        (12, AlertType.SPIKE),
    ]
    assert tools.memories.of("BTCUSDT") == VolumeMemory(OPEN_HOUR - 3600, VolumeEpisode(OPEN_HOUR, 0))


def test_a_signal_ends_a_scan_at_once(tools: Tools, market: Market) -> None:
    market.trade("QUIET0USDT", 1e6, after=30)
    begun = time.monotonic()

    def send_it() -> None:
        with suppress(AssertionError):
            until(lambda: keys(tools), 10, "an alert")
        signal.raise_signal(signal.SIGTERM)

    sender = threading.Thread(target=send_it)
    sender.start()

    try:
        with pytest.raises(Abandoned):
            scan(tools, NOW)
        assert time.monotonic() - begun < 20
    finally:
        sender.join()  # its signal ends this scan or nothing, least of all whoever runs the tests

    assert keys(tools) == ["volume:BTCUSDT:2026-10-01T12:SPIKE"]


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [
        (Outcome(NOW, 1.0, 530, 530), False),
        (Outcome(NOW, 1.0, 530, 477), False),
        (Outcome(NOW, 1.0, 530, 476), True),
        (Outcome(NOW, 1.0, 0, 0), True),
        (Outcome(NOW, 1.0, 530, 530, unkept="disk full"), True),
    ],
)
def test_nine_tenths_of_the_market_are_a_scan(outcome: Outcome, failed: bool) -> None:
    assert outcome.failed is failed

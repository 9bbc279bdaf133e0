"""The funding feed: when it counts as well, and what its stream remembers, loses and forgets."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.examples import NOW, funding_document, funding_row, mark_price, ticker
from volspike.model.market import ConnectionStatus
from volspike.rules import funding
from volspike.rules.funding import Quote, Stream

UPTIME = 86_400.0


def health_of(ages: list[float], *, connected: bool = True) -> funding.FeedHealth:
    rows = {f"S{number}USDT": funding_row(NOW - age) for number, age in enumerate(ages)}
    return funding.feed_health(funding.view(funding_document(rows, connected=connected)), NOW)


@pytest.mark.parametrize(
    ("ages", "connected", "error"),
    [
        ([1.0] * 10, True, ""),
        ([1.0] * 9 + [9999.0], True, ""),
        ([1.0] * 8 + [9999.0] * 2, True, "Only 8 of 10 symbols are fresh, at least 90 % expected"),
        ([179.9] * 3, True, ""),
        ([180.0] * 3, True, "Data stale: newest row 180 s old, at most 180 allowed"),
        ([], True, "No data yet"),
        ([1.0], False, "WebSocket disconnected"),
        ([], False, "WebSocket disconnected"),
    ],
)
def test_the_feed_is_well_while_connected_young_and_mostly_fresh(
    ages: list[float], connected: bool, error: str
) -> None:
    health = health_of(ages, connected=connected)

    assert (health.error, health.status) == (error, "unhealthy" if error else "healthy")


def test_the_health_of_the_feed_counts_and_dates_its_rows() -> None:
    told = msgspec.to_builtins(health_of([2.0, 60.0, 181.0]))

    assert told.pop("error").startswith("Only 2 of 3")
    assert told == {
        "status": "unhealthy",
        "websocketConnected": True,
        "symbolCount": 3,
        "uptimeSeconds": 300.0,
        "lastConnectedTime": NOW - 300,
        "messagesReceived": 12960,
        "reconnectAttempts": 0,
        "oldestDataAgeSeconds": 181.0,
        "newestDataAgeSeconds": 2.0,
        "freshSymbolCount": 2,
    }


def test_a_healthy_feed_mentions_no_error_and_a_lost_one_no_uptime() -> None:
    assert "error" not in msgspec.to_builtins(health_of([1.0]))
    assert health_of([1.0], connected=False).uptime_seconds == 0.0


def test_a_feed_without_rows_has_no_ages() -> None:
    health = health_of([])

    assert (health.oldest_data_age_seconds, health.newest_data_age_seconds) == (None, None)


@given(st.lists(st.integers(0, 400), max_size=30))
def test_a_row_is_fresh_for_health_exactly_when_it_would_be_quoted(ages: list[int]) -> None:
    rows = {f"S{number}USDT": funding_row(NOW - age) for number, age in enumerate(ages)}
    feed = funding.view(funding_document(rows))

    quoted = sum(type(funding.quote(feed, symbol, NOW)) is Quote for symbol in rows)

    assert funding.feed_health(feed, NOW).fresh_symbol_count == quoted


def test_the_stream_is_connected_from_the_first_row_of_a_connection() -> None:
    stream, accepted = funding.receive(Stream(), [mark_price("BTCUSDT"), mark_price("ETHUSDT")], NOW, UPTIME)

    assert accepted == 2
    assert stream.status == ConnectionStatus(True, NOW, 0, 2, 1, NOW, UPTIME, 2)


def test_a_connection_keeps_the_time_since_when_it_delivers() -> None:
    stream, _ = funding.receive(Stream(), [mark_price(at_ms=1)], NOW, UPTIME)

    stream, _ = funding.receive(stream, [mark_price(at_ms=2)], NOW + 1, UPTIME + 1)

    assert stream.status == ConnectionStatus(True, NOW, 0, 2, 2, NOW + 1, UPTIME + 1, 1)


def test_a_frame_without_news_is_no_sign_of_life() -> None:
    stream, _ = funding.receive(Stream(), [mark_price(at_ms=5)], NOW, UPTIME)

    again, accepted = funding.receive(stream, [mark_price(at_ms=5)], NOW + 1, UPTIME + 1)

    assert accepted == 0
    assert again is stream


def test_a_lost_stream_says_so_and_keeps_its_rows() -> None:
    stream, _ = funding.receive(Stream(), [mark_price(at_ms=5)], NOW, UPTIME)

    lost = funding.lose(stream, 3)

    assert (lost.status.connected, lost.status.reconnect_attempts) == (False, 3)
    assert lost.status.last_connected_time == NOW
    assert lost.book.rows == stream.book.rows


def test_event_times_survive_a_loss_so_that_a_frozen_exchange_is_never_news_again() -> None:
    stream, _ = funding.receive(Stream(), [mark_price(at_ms=5)], NOW, UPTIME)
    lost = funding.lose(stream, 1)

    again, accepted = funding.receive(lost, [mark_price(at_ms=4), mark_price(at_ms=5)], NOW + 60, UPTIME + 60)

    assert accepted == 0
    assert again is lost
    assert not again.status.connected


def test_a_regained_stream_counts_from_its_first_new_row_and_keeps_its_attempts_until_they_are_forgiven() -> None:
    stream, _ = funding.receive(Stream(), [mark_price(at_ms=5)], NOW, UPTIME)

    regained, _ = funding.receive(funding.lose(stream, 3), [mark_price(at_ms=6)], NOW + 60, UPTIME + 60)

    assert regained.status == ConnectionStatus(True, NOW + 60, 3, 2, 2, NOW + 60, UPTIME + 60, 1)
    assert funding.forgive(regained).status.reconnect_attempts == 0


def remembered(ages: list[int], last_message_time: float | None) -> tuple[Stream, list[str]]:
    """Return a stream of symbols so old, with a ticker each, and their names."""
    names = [f"S{number}USDT" for number in range(len(ages))]
    rows = {name: funding_row(NOW - age) for name, age in zip(names, ages, strict=True)}
    status = ConnectionStatus(symbol_count=len(rows), last_message_time=last_message_time)
    stream = Stream(funding.Book(rows, dict.fromkeys(names, 1)), status=status)
    return funding.receive_tickers(stream, [ticker(name) for name in names], NOW), names


@given(st.lists(st.integers(0, 8000), min_size=1, max_size=20))
@example([3600, 3601])
def test_pruning_forgets_exactly_the_symbols_not_heard_of_for_an_hour_before_the_newest_message(
    ages: list[int],
) -> None:
    stream, names = remembered(ages, last_message_time=NOW)

    pruned = funding.prune(stream)

    kept = {name for name, age in zip(names, ages, strict=True) if age <= 3600}
    assert pruned.book.rows.keys() == pruned.book.event_times_ms.keys() == kept
    assert pruned.tickers.rows.keys() == pruned.tickers.event_times_ms.keys() == kept
    assert pruned.status.symbol_count == len(kept)
    assert funding.prune(pruned) is pruned


@pytest.mark.parametrize("last_message_time", [None, NOW - 80_000])
def test_during_an_outage_nothing_has_left_the_exchange(last_message_time: float | None) -> None:
    stream, _ = remembered([80_000, 80_001, 83_600], last_message_time)

    assert funding.prune(stream) is stream


def test_the_document_is_what_the_stream_remembers() -> None:
    stream, _ = funding.receive(Stream(), [mark_price()], NOW, UPTIME)

    told = funding.document(stream, NOW + 1, 4711)

    assert (told.version, told.updated_at, told.daemon_pid) == (1, NOW + 1, 4711)
    assert told.funding_state == stream.book.rows
    assert told.connection_status is stream.status

"""The funding book: what a fold keeps, and what an answer tells or refuses."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.examples import DUE_MS, NOW, funding_document, funding_row, mark_price, ticker
from volspike.model.market import FundingRow, MarkPrice
from volspike.rules import funding
from volspike.rules.funding import Disconnected, Quote, Stale, Stream, SymbolNotFound

UPTIME = 86_400.0

events = st.lists(
    st.builds(
        mark_price,
        symbol=st.sampled_from(["BTCUSDT", "ETHUSDT", "币安人生USDT", "4USDT"]),
        at_ms=st.integers(1, 20),
        mark=st.floats(0.0001, 1e6),
    ),
    max_size=30,
)


def folded(*frames: list[MarkPrice]) -> funding.Book:
    book = funding.EMPTY
    for frame in frames:
        book, _ = funding.fold(book, frame, NOW)
    return book


@given(events)
def test_each_symbol_keeps_the_first_of_its_newest_events(stream: list[MarkPrice]) -> None:
    book = folded(stream)

    for symbol in {event.symbol for event in stream}:
        own = [event for event in stream if event.symbol == symbol]
        newest = max(own, key=lambda event: event.event_time_ms)  # max returns the first of equals
        assert book.rows[symbol].mark_price == newest.mark_price
        assert book.event_times_ms[symbol] == newest.event_time_ms


@given(events)
def test_only_news_is_counted(stream: list[MarkPrice]) -> None:
    _, accepted = funding.fold(funding.EMPTY, stream, NOW)

    seen: dict[str, int] = {}
    news = 0
    for event in stream:
        if event.event_time_ms > seen.get(event.symbol, 0):
            seen[event.symbol] = event.event_time_ms
            news += 1
    assert accepted == news


@given(events, st.randoms(use_true_random=False))
def test_the_order_of_unrelated_symbols_does_not_matter(stream: list[MarkPrice], chance: random.Random) -> None:
    symbols = sorted({event.symbol for event in stream})
    chance.shuffle(symbols)
    regrouped = [event for symbol in symbols for event in stream if event.symbol == symbol]

    assert folded(regrouped) == folded(stream)


@given(events, events)
def test_it_does_not_matter_how_the_stream_is_cut_into_frames(first: list[MarkPrice], second: list[MarkPrice]) -> None:
    assert folded(first, second) == folded(first + second)


@given(events)
def test_a_frame_that_comes_twice_changes_nothing(stream: list[MarkPrice]) -> None:
    once, _ = funding.fold(funding.EMPTY, stream, NOW)

    twice, accepted = funding.fold(once, stream, NOW + 1)

    assert (twice, accepted) == (once, 0)


@given(events, events)
def test_a_fold_leaves_the_book_it_was_given_alone(first: list[MarkPrice], second: list[MarkPrice]) -> None:
    book = folded(first)
    before = (dict(book.rows), dict(book.event_times_ms))

    funding.fold(book, second, NOW + 1)

    assert (book.rows, book.event_times_ms) == before


@pytest.mark.parametrize(("later_by_ms", "mark", "received_at"), [(1, 2.0, NOW + 1), (0, 1.0, NOW), (-1, 1.0, NOW)])
def test_an_older_or_equal_event_never_overwrites(later_by_ms: int, mark: float, received_at: float) -> None:
    book = folded([mark_price(at_ms=1000, mark=1.0)])

    book, _ = funding.fold(book, [mark_price(at_ms=1000 + later_by_ms, mark=2.0)], NOW + 1)

    row = book.rows["BTCUSDT"]
    assert (row.mark_price, row.updated_at) == (mark, received_at)


def test_a_row_is_stamped_with_the_receipt_of_its_own_event_only() -> None:
    book = folded([mark_price("BTCUSDT"), mark_price("ETHUSDT")])

    book, _ = funding.fold(book, [mark_price("ETHUSDT", int(NOW * 1000) + 1000)], NOW + 1)

    assert {symbol: row.updated_at for symbol, row in book.rows.items()} == {"BTCUSDT": NOW, "ETHUSDT": NOW + 1}


@pytest.mark.parametrize(
    ("rate", "due_ms", "told_rate", "told_due"),
    [
        (0.0001, DUE_MS, 0.0001, DUE_MS),
        (0.0, DUE_MS, 0.0, DUE_MS),
        (-0.0003, DUE_MS, -0.0003, DUE_MS),
        (0.0, 0, None, 0),
        (0.0001, 0, None, 0),
        (None, DUE_MS, None, 0),
        (None, 0, None, 0),
    ],
)
def test_a_contract_without_funding_has_neither_rate_nor_date(
    rate: float | None, due_ms: int, told_rate: float | None, told_due: int
) -> None:
    book = folded([mark_price(rate=rate, due_ms=due_ms)])

    row = book.rows["BTCUSDT"]
    assert (row.funding_rate, row.next_funding_time) == (told_rate, told_due)


DAY_MS = 86_400_000


@pytest.mark.parametrize(("lead_ms", "accepted"), [(DAY_MS - 1, 1), (DAY_MS, 1), (DAY_MS + 1, 0), (10**16, 0)])
def test_an_event_from_more_than_a_day_ahead_is_dropped_and_silences_nobody(lead_ms: int, accepted: int) -> None:
    now_ms = int(NOW * 1000)

    book, taken = funding.fold(funding.EMPTY, [mark_price(at_ms=now_ms + lead_ms, mark=1.0)], NOW)
    after, _ = funding.fold(book, [mark_price(at_ms=now_ms, mark=2.0)], NOW)

    assert taken == accepted
    assert after.rows["BTCUSDT"].mark_price == (1.0 if accepted else 2.0)


def test_the_newest_event_is_the_newest_that_can_be_true() -> None:
    now_ms = int(NOW * 1000)
    events_of_a_frame = [mark_price(at_ms=now_ms + lead) for lead in (-5, DAY_MS, DAY_MS + 1, 3)]

    assert funding.newest_event_ms(events_of_a_frame, NOW) == now_ms + DAY_MS
    assert funding.newest_event_ms(events_of_a_frame[2:3], NOW) == 0
    assert funding.newest_event_ms([], NOW) == 0


def test_tickers_change_only_the_symbols_that_arrive() -> None:
    before = funding.receive_tickers(Stream(), [ticker("BTCUSDT", 1.0), ticker("ETHUSDT", 2.0)], NOW)

    after = funding.receive_tickers(before, [ticker("ETHUSDT", 3.0, at_ms=int(NOW * 1000) + 1)], NOW + 1)

    assert {name: (row.last_price, row.updated_at) for name, row in after.tickers.rows.items()} == {
        "BTCUSDT": (1.0, NOW),
        "ETHUSDT": (3.0, NOW + 1),
    }
    assert before.tickers.rows["ETHUSDT"].last_price == 2.0
    assert (after.book, after.status) == (before.book, before.status)


@pytest.mark.parametrize(("later_by_ms", "last", "received_at"), [(1, 2.0, NOW + 1), (0, 1.0, NOW), (-1, 1.0, NOW)])
def test_an_older_or_equal_ticker_never_overwrites(later_by_ms: int, last: float, received_at: float) -> None:
    stream = funding.receive_tickers(Stream(), [ticker(last=1.0, at_ms=1000)], NOW)

    stream = funding.receive_tickers(stream, [ticker(last=2.0, at_ms=1000 + later_by_ms)], NOW + 1)

    row = stream.tickers.rows["BTCUSDT"]
    assert (row.last_price, row.updated_at) == (last, received_at)


def test_a_ticker_from_more_than_a_day_ahead_is_dropped() -> None:
    stream = funding.receive_tickers(Stream(), [ticker(at_ms=int(NOW * 1000) + DAY_MS + 1)], NOW)

    assert stream.tickers == funding.Tickers()


@pytest.mark.parametrize(
    ("symbol", "coin_margined"),
    [
        ("BTCUSD_PERP", True),
        ("BTCUSD_260925", True),
        ("BTCUSDT", False),
        ("BTCUSDT_260925", False),
        ("ETHUSDC_260925", False),
        ("币安人生USDT", False),
        ("PERPUSDT", False),
        ("USDUSDT", False),
    ],
)
def test_coin_margined_contracts_are_known_by_their_names(symbol: str, coin_margined: bool) -> None:
    assert bool(funding.COIN_MARGINED.search(symbol)) is coin_margined


def answer(
    *, known: bool = True, connected: bool = True, newest_age: float = 1.0, row_age: float = 1.0
) -> Quote | funding.Refusal:
    rows = {"ETHUSDT": funding_row(NOW - newest_age)}
    if known:
        rows["BTCUSDT"] = funding_row(NOW - row_age)
    return funding.quote(funding.view(funding_document(rows, connected=connected)), "btcusdt", NOW)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, Quote),
        ({"known": False}, SymbolNotFound),
        ({"known": False, "connected": False, "newest_age": 999.0}, SymbolNotFound),
        ({"connected": False, "newest_age": 10.0, "row_age": 10.0}, Quote),
        ({"connected": False, "newest_age": 10.01, "row_age": 10.01}, Disconnected),
        ({"connected": False, "newest_age": 999.0, "row_age": 999.0}, Disconnected),
        ({"connected": False, "newest_age": 5.0, "row_age": 170.0}, Quote),
        ({"connected": False, "newest_age": 5.0, "row_age": 181.0}, Stale),
        ({"row_age": 180.0}, Quote),
        ({"row_age": 180.01}, Stale),
        ({"newest_age": 999.0, "row_age": 180.0}, Quote),
    ],
)
def test_refusals_are_tested_in_the_order_of_the_table(case: dict[str, float], expected: type[object]) -> None:
    assert type(answer(**case)) is expected  # type: ignore[arg-type]


@given(st.booleans(), st.booleans(), st.integers(0, 400), st.integers(0, 400))
def test_every_combination_is_refused_for_its_first_reason(
    known: bool, connected: bool, newest_age: int, row_age: int
) -> None:
    given_answer = answer(known=known, connected=connected, newest_age=newest_age, row_age=row_age)

    newest = min(newest_age, row_age) if known else newest_age
    expected: type[object] = Quote
    if not known:
        expected = SymbolNotFound
    elif not connected and newest > 10:
        expected = Disconnected
    elif row_age > 180:
        expected = Stale
    assert type(given_answer) is expected


def test_a_quote_says_everything_that_is_known() -> None:
    feed = funding.view(funding_document({"BTCUSDT": funding_row(NOW - 1.23456)}))

    told = msgspec.to_builtins(funding.quote(feed, "BtcUsdt", NOW))

    assert told == {
        "symbol": "BTCUSDT",
        "markPrice": 91725.878,
        "fundingRate": 0.0001,
        "nextFundingTime": DUE_MS,
        "indexPrice": 91769.878,
        "updatedAt": NOW - 1.23456,
        "ageSeconds": 1.23,
    }


def test_missing_parts_of_a_quote_are_null() -> None:
    feed = funding.view(funding_document({"BTCUSDT_261225": FundingRow(None, 91000.0, None, 0, NOW)}))

    told = msgspec.to_builtins(funding.quote(feed, "btcusdt_261225", NOW))

    assert (told["fundingRate"], told["nextFundingTime"], told["indexPrice"]) == (None, None, None)


def test_refusals_say_why_in_the_words_that_clients_know() -> None:
    assert msgspec.to_builtins(answer(known=False)) == {"symbol": "BTCUSDT", "error": "Symbol not found"}
    assert msgspec.to_builtins(answer(connected=False, newest_age=60.125, row_age=90.0)) == {
        "disconnectedForSeconds": 60.12,
        "error": "WebSocket disconnected",
    }
    assert msgspec.to_builtins(answer(row_age=200.5)) == {
        "symbol": "BTCUSDT",
        "ageSeconds": 200.5,
        "maxAgeSeconds": 180,
        "error": "Data stale",
    }


def test_a_clock_that_stepped_back_makes_nothing_younger_than_now() -> None:
    assert funding.age_seconds(NOW + 5, NOW) == 0.0


def test_a_feed_without_rows_knows_no_symbol_and_no_newest_row() -> None:
    feed = funding.view(funding_document({}, connected=False))

    assert feed.newest is None
    assert type(funding.quote(feed, "BTCUSDT", NOW)) is SymbolNotFound
    assert funding.disconnection(feed, NOW) is None

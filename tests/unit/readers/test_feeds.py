"""What the files of the other daemons say, while it is fresh."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import DUE_MS, NOW, funding_document, funding_row
from volspike.model.documents import VERSION, OpenInterestDocument, TickerDocument
from volspike.model.market import FundingRow, OpenInterestRow, TickerRow
from volspike.readers.feeds import Feeds
from volspike.settings import Settings
from volspike.state import documents

Made = Callable[..., Settings]
QUOTE = {
    "symbol": "BTCUSDT", "markPrice": 1.5, "fundingRate": 0.0001, "nextFundingTime": DUE_MS, "indexPrice": None,
    "updatedAt": NOW - 7200, "ageSeconds": 0.5,
}  # fmt: skip


@pytest.fixture
def files(runtime_dir: Path) -> Path:
    """A runtime directory in which every file has one row of now."""
    tickers = TickerDocument(VERSION, {"BTCUSDT": TickerRow(65000.0, 1.0, 1e9, NOW)}, NOW)
    interest = OpenInterestDocument(VERSION, {"BTCUSDT": OpenInterestRow(91.5, NOW)}, NOW)
    (runtime_dir / documents.FUNDING).write_bytes(documents.encode(funding_document()))
    (runtime_dir / documents.TICKERS).write_bytes(documents.encode(tickers))
    (runtime_dir / documents.OPEN_INTEREST).write_bytes(documents.encode(interest))
    return runtime_dir


def test_what_the_files_hold_is_told_while_it_is_fresh(files: Path, settings: Made, clock: MovedClock) -> None:
    feeds = Feeds(settings(), clock)

    assert feeds.funding() == {"BTCUSDT": funding_row()}
    assert feeds.last_prices() == {"BTCUSDT": 65000.0}
    assert feeds.open_interest() == {"BTCUSDT": 91.5}


def test_each_feed_ends_at_its_own_age(files: Path, settings: Made, clock: MovedClock) -> None:
    feeds = Feeds(settings(), clock)

    clock.move(11)
    assert (feeds.last_prices(), len(feeds.open_interest()), len(feeds.funding())) == (None, 1, 1)
    clock.move(50)
    assert (len(feeds.open_interest()), len(feeds.funding())) == (0, 1)
    clock.move(120)
    assert len(feeds.funding()) == 0


def test_without_files_nothing_is_known(settings: Made, clock: MovedClock) -> None:
    feeds = Feeds(settings(), clock)

    assert (feeds.funding(), feeds.last_prices(), feeds.open_interest()) == ({}, None, {})


def test_a_feed_that_is_switched_off_is_not_looked_at(files: Path, settings: Made, clock: MovedClock) -> None:
    feeds = Feeds(settings(ws_funding_enabled=False), clock)

    assert (feeds.funding(), feeds.last_prices()) == ({}, None)
    assert feeds.open_interest() == {"BTCUSDT": 91.5}


def test_another_machine_s_funding_is_asked_for_where_its_address_is_set(
    files: Path, settings: Made, clock: MovedClock, server: AnsweringServer
) -> None:
    server.answers["/funding/all"] = Answer(200, json.dumps({"data": [QUOTE]}).encode())

    feeds = Feeds(settings(ws_funding_api_url=server.url), clock)

    assert feeds.funding() == {"BTCUSDT": FundingRow(0.0001, 1.5, None, DUE_MS, NOW - 7200)}


def test_a_machine_that_is_lost_is_reported_once_and_its_return_too(
    settings: Made, clock: MovedClock, server: AnsweringServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    feeds = Feeds(settings(ws_funding_api_url=server.url), clock)

    assert [feeds.funding() for _ in range(3)] == [{}, {}, {}]
    server.answers["/funding/all"] = Answer(200, json.dumps({"data": [QUOTE]}).encode())
    assert [len(feeds.funding()) for _ in range(2)] == [1, 1]

    assert caplog.messages == ["lost: funding of the other machine", "recovered: funding of the other machine"]

"""What an alert tells beside its candle, when it is known."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.processes import until
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import SNAPSHOT, Market, error, spike, tools_of
from tests.unit.examples import DUE_MS, NOW, funding_document
from volspike.daemons.volume_enrichment import Enrichment, Sources
from volspike.model.documents import VERSION, OpenInterestDocument
from volspike.model.market import OpenInterestRow
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents

Made = Callable[..., Settings]
OPEN_INTEREST = "/fapi/v1/openInterest"
PREMIUM = "/fapi/v1/premiumIndex"
ALERT = spike()


def snapshot(value: float, at: str = "2026-10-01T12:00:00Z") -> Answer:
    return Answer(
        body=json.dumps({"found": True, "symbol": "BTCUSDT", "openInterest": value, "ts": at, "source": "x"}).encode()
    )


@pytest.fixture
def market(server: AnsweringServer, runtime_dir: Path) -> Market:
    """Everything is known: funding, a snapshot of 80 contracts at the start of the hour, 100 contracts now."""
    (runtime_dir / documents.FUNDING).write_bytes(documents.encode(funding_document()))
    polled = OpenInterestDocument(VERSION, {"BTCUSDT": OpenInterestRow(100.0, NOW)}, NOW)
    (runtime_dir / documents.OPEN_INTEREST).write_bytes(documents.encode(polled))
    server.answers[SNAPSHOT] = snapshot(80.0)
    server.answers[OPEN_INTEREST] = Answer(body=b'{"openInterest":"90"}')
    return Market(server)


@pytest.fixture
def sources(daemon: Daemon, settings: Made, market: Market) -> Iterator[Sources]:
    with tools_of(daemon, settings(binance_rest_url=market.server.url)) as tools:
        yield tools.sources


def test_an_alert_gets_its_funding_rate_and_the_move_of_open_interest_since_the_hour_began(
    sources: Sources, market: Market
) -> None:
    enriched = Enrichment(sources).enrich(ALERT)

    assert enriched == replace(ALERT, funding_rate=0.0001, oi_change=0.25)
    assert f"{SNAPSHOT}?symbol=BTCUSDT&ts=2026-10-01T12:00:00Z" in market.server.asked[0].replace(".000000", "")
    assert market.asked(OPEN_INTEREST) == 0


def test_open_interest_that_is_not_polled_is_asked_for(sources: Sources, clock: MovedClock) -> None:
    clock.move(61)

    assert Enrichment(sources).enrich(ALERT).oi_change == 0.125


def premium(rate: str, symbol: str = "BTCUSDT") -> Answer:
    row = {"symbol": symbol, "markPrice": "1", "lastFundingRate": rate, "nextFundingTime": DUE_MS}
    return Answer(body=json.dumps([row]).encode())


def test_what_the_feed_holds_at_the_last_moment_is_told(sources: Sources, market: Market, runtime_dir: Path) -> None:
    (runtime_dir / documents.FUNDING).unlink()
    market.server.answers[SNAPSHOT] = dataclasses.replace(snapshot(80.0), after=60)

    with ThreadPoolExecutor(1) as thread:
        enriching = thread.submit(Enrichment(sources).enrich, ALERT)
        until(lambda: market.asked(SNAPSHOT) == 1, 30, "the question for a snapshot")
        (runtime_dir / documents.FUNDING).write_bytes(documents.encode(funding_document()))
        market.server.closing.set()  # it is answered at last

    assert enriching.result() == replace(ALERT, funding_rate=0.0001, oi_change=0.25)
    assert market.asked(PREMIUM) == 0


def test_while_the_feed_has_no_funding_all_of_it_is_asked_for_once_in_a_scan(
    sources: Sources, market: Market, clock: MovedClock
) -> None:
    clock.move(181)
    market.server.answers[PREMIUM] = premium("0.0002")
    enrichment = Enrichment(sources)

    assert [enrichment.enrich(ALERT).funding_rate for _ in range(3)] == [0.0002] * 3
    assert market.asked(PREMIUM) == 1


@pytest.mark.parametrize("answer", [Answer(503), error(-1000), premium("0.0002", "ETHUSDT"), premium("")])
def test_funding_that_nobody_knows_is_left_out_and_not_asked_for_again_in_the_same_scan(
    sources: Sources, market: Market, clock: MovedClock, answer: Answer
) -> None:
    clock.move(181)
    market.server.answers[PREMIUM] = answer
    enrichment = Enrichment(sources)

    assert [enrichment.enrich(ALERT).funding_rate for _ in range(3)] == [None] * 3
    assert market.asked(PREMIUM) == 1


def test_a_symbol_that_a_living_feed_does_not_have_is_not_asked_for(sources: Sources, market: Market) -> None:
    assert Enrichment(sources).enrich(replace(ALERT, symbol="NEWUSDT")).funding_rate is None
    assert market.asked(PREMIUM) == 0


def test_an_exchange_that_does_not_answer_is_not_asked_for_funding_either(
    sources: Sources, market: Market, clock: MovedClock
) -> None:
    clock.move(181)
    market.server.answers[OPEN_INTEREST] = Answer(503)

    assert Enrichment(sources).enrich(ALERT).funding_rate is None
    assert market.asked(PREMIUM) == 0


def test_where_nobody_wants_the_feed_no_funding_is_told(daemon: Daemon, settings: Made, market: Market) -> None:
    market.server.answers[PREMIUM] = premium("0.0002")

    with tools_of(daemon, settings(binance_rest_url=market.server.url, ws_funding_enabled=False)) as tools:
        assert Enrichment(tools.sources).enrich(ALERT).funding_rate is None
    assert market.asked(PREMIUM) == 0


@pytest.mark.parametrize(
    "answer", [snapshot(0.0), snapshot(80.0, "2026-10-01T11:45:00Z"), Answer(body=b'{"found":false}')]
)
def test_without_a_snapshot_of_the_hour_s_start_no_move_is_told_and_nothing_is_asked_for_it(
    sources: Sources, market: Market, clock: MovedClock, answer: Answer
) -> None:
    clock.move(61)
    market.server.answers[SNAPSHOT] = answer

    assert Enrichment(sources).enrich(ALERT).oi_change is None
    assert market.asked(OPEN_INTEREST) == 0


def test_a_backend_that_fails_is_not_asked_again_in_the_same_scan_and_is_reported_once(
    sources: Sources, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    market.server.answers[SNAPSHOT] = Answer(503)

    for _ in range(2):
        enrichment = Enrichment(sources)
        assert [enrichment.enrich(ALERT).oi_change for _ in range(3)] == [None] * 3
    assert market.asked(SNAPSHOT) == 2

    market.server.answers[SNAPSHOT] = snapshot(80.0)
    assert Enrichment(sources).enrich(ALERT).oi_change == 0.25
    assert caplog.messages == ["lost: snapshots", "recovered: snapshots"]


def test_an_exchange_that_does_not_answer_is_not_asked_again_in_the_same_scan(
    sources: Sources, market: Market, clock: MovedClock
) -> None:
    clock.move(61)
    market.server.answers[OPEN_INTEREST] = Answer(503)
    enrichment = Enrichment(sources)

    assert [enrichment.enrich(ALERT).oi_change for _ in range(3)] == [None] * 3
    assert market.asked(OPEN_INTEREST) == 1


def test_a_symbol_that_settles_costs_only_itself(sources: Sources, market: Market, clock: MovedClock) -> None:
    clock.move(61)
    market.server.answers[f"{OPEN_INTEREST}?symbol=OLDUSDT"] = error(-4108)
    enrichment = Enrichment(sources)

    assert enrichment.enrich(replace(ALERT, symbol="OLDUSDT")).oi_change is None
    assert enrichment.enrich(ALERT).oi_change == 0.125


def test_many_threads_may_enrich_at_once(sources: Sources) -> None:
    enrichment = Enrichment(sources)

    with ThreadPoolExecutor(8) as threads:
        enriched = list(threads.map(enrichment.enrich, [ALERT] * 24))

    assert {(alert.funding_rate, alert.oi_change) for alert in enriched} == {(0.0001, 0.25)}

"""The list of symbols: asked for when it must be, and kept when it cannot be."""

import logging

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import EXCHANGE_INFO, Market
from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, Transient
from volspike.daemons.listing import Listing


@pytest.fixture
def market(server: AnsweringServer) -> Market:
    made = Market(server)
    made.list("BTCUSDT", "币安人生USDT")
    return made


@pytest.fixture
def listing(market: Market, clock: MovedClock) -> Listing:
    return Listing(Rest(market.server.url, clock, None), clock)


def test_only_trading_perpetuals_in_usdt_are_listed(server: AnsweringServer, clock: MovedClock) -> None:
    rows = [
        b'{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","quoteAsset":"USDT"}',
        b'{"symbol":"TSLAUSDT","contractType":"TRADIFI_PERPETUAL","status":"TRADING","quoteAsset":"USDT"}',
        b'{"symbol":"OLDUSDT","contractType":"PERPETUAL","status":"SETTLING","quoteAsset":"USDT"}',
        b'{"symbol":"BTCUSDC","contractType":"PERPETUAL","status":"TRADING","quoteAsset":"USDC"}',
    ]
    server.answers[EXCHANGE_INFO] = Answer(body=b'{"symbols":[' + b",".join(rows) + b"]}")

    assert Listing(Rest(server.url, clock, None), clock).symbols() == ("BTCUSDT",)


def test_it_is_asked_for_once_an_hour(listing: Listing, market: Market, clock: MovedClock) -> None:
    for _ in range(3):
        assert listing.symbols() == ("BTCUSDT", "币安人生USDT")
        listing.refresh()
    assert market.asked(EXCHANGE_INFO) == 1

    clock.move(3600)
    listing.refresh()
    assert market.asked(EXCHANGE_INFO) == 2


def test_a_symbol_that_turned_out_unknown_has_it_asked_for_again(
    listing: Listing, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    listing.symbols()
    market.list("BTCUSDT", "NEWUSDT")

    listing.doubt()
    listing.refresh()

    assert listing.symbols() == ("BTCUSDT", "NEWUSDT")
    (record,) = [record for record in caplog.records if record.message == "listing changed"]
    assert (record.__dict__["come"], record.__dict__["gone"]) == (["NEWUSDT"], ["币安人生USDT"])


@pytest.mark.parametrize("answer", [Answer(503), Answer(451), Answer(body=b"<html>"), Answer(body=b'{"symbols":[]}')])
def test_a_list_that_does_not_come_leaves_the_old_one_and_is_reported_once(
    listing: Listing, market: Market, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    caplog.set_level(logging.INFO)
    listing.symbols()
    good, market.server.answers[EXCHANGE_INFO] = market.server.answers[EXCHANGE_INFO], answer

    listing.doubt()
    for _ in range(3):
        listing.refresh()
    market.server.answers[EXCHANGE_INFO] = good
    listing.refresh()

    assert listing.symbols() == ("BTCUSDT", "币安人生USDT")
    assert caplog.messages == ["lost: the list of symbols", "recovered: the list of symbols"]


def test_a_list_that_has_lost_more_than_half_leaves_the_old_one(listing: Listing, market: Market) -> None:
    market.list("AUSDT", "BUSDT", "CUSDT", "DUSDT")
    listing.symbols()

    for symbols, listed in ((["AUSDT"], 4), (["AUSDT", "BUSDT"], 2)):
        market.list(*symbols)
        listing.doubt()
        listing.refresh()
        assert len(listing.symbols()) == listed


@pytest.mark.parametrize(("answer", "kind"), [(Answer(503), Transient), (Answer(451), Permanent)])
def test_without_any_list_its_failure_is_raised(
    listing: Listing, market: Market, answer: Answer, kind: type[Exception]
) -> None:
    market.server.answers[EXCHANGE_INFO] = answer

    with pytest.raises(kind):
        listing.symbols()

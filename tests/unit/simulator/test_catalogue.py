"""exchangeInfo and fundingInfo."""

from collections import Counter
from typing import Any, cast

from volspike.simulator import catalogue
from volspike.simulator.market import Market
from volspike.simulator.recording import Recording


def test_exchange_info_lists_every_symbol_with_the_fields_of_the_real_one(market: Market, noon: int) -> None:
    document = cast("Any", catalogue.exchange_info(market.contracts, noon + 1234))

    assert len(document["symbols"]) == 820
    assert len(document["symbols"][0]) == 25
    assert document["serverTime"] == noon * 1000
    assert {"TRADING", "SETTLING", "TRADING_HALT"} <= {symbol["status"] for symbol in document["symbols"]}
    assert document["rateLimits"][0]["limit"] == 2400


def test_funding_info_lists_intervals(bundled: Recording) -> None:
    rows = catalogue.funding_info(bundled.fundings)

    assert Counter(row["fundingIntervalHours"] for row in rows) == {4: 440, 8: 269, 1: 2}

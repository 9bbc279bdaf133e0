"""Funding and open interest of the market that was read, as answers."""

from collections.abc import Iterable
from enum import StrEnum

from volspike.assistant.answers import Funding, FundingList, OpenInterest, OpenInterestList
from volspike.assistant.words import age, instant, known_symbol
from volspike.model.market import FundingRow, OpenInterestRow
from volspike.readers.market import Market
from volspike.rules.annual import annual_funding
from volspike.rules.freshness import MAX_OPEN_INTEREST_AGE_SECONDS
from volspike.rules.funding import MAX_AGE_SECONDS


class FundingOrder(StrEnum):
    """Which fundings come first."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    LARGEST = "largest"


class Timeframe(StrEnum):
    """Within which time open interest has moved."""

    MINUTES_5 = "5min"
    MINUTES_15 = "15min"
    HOUR = "1h"


def funding(market: Market, asked: str) -> Funding:
    """Return the funding of one symbol, however old. Raises UnknownSymbolError."""
    symbol = known_symbol(asked, market.funding)
    return _funding(market, symbol, market.funding[symbol])


def top_funding(market: Market, order: FundingOrder, count: int) -> FundingList:
    """Return the fresh fundings that come first; `largest` looks at their size alone."""
    rated = [row for row in _fundings(market) if row.funding_rate_fraction is not None and not row.is_stale]
    sign = {FundingOrder.HIGHEST: -1.0, FundingOrder.LOWEST: 1.0}

    def place(row: Funding) -> float:
        rate = row.funding_rate_fraction or 0.0
        return sign[order] * rate if order in sign else -abs(rate)

    return FundingList(
        as_of=instant(market.at),
        fundings=sorted(rated, key=place)[:count],
        symbols_with_fresh_funding=len(rated),
        note=_funding_note(market),
    )


def _fundings(market: Market) -> Iterable[Funding]:
    return (_funding(market, symbol, row) for symbol, row in market.funding.items())


def _funding(market: Market, symbol: str, row: FundingRow) -> Funding:
    hours = market.funding_hours.get(symbol)
    rate = row.funding_rate
    return Funding(
        symbol=symbol,
        mark_price_in_quote_asset=row.mark_price,
        funding_rate_fraction=rate,
        funding_interval_hours=hours,
        annualised_funding_fraction=annual_funding(rate, hours) if rate is not None and hours else None,
        next_funding_at=instant(row.next_funding_time / 1000) if row.next_funding_time else None,
        age_seconds=age(row.updated_at, market.at),
        is_stale=abs(market.at - row.updated_at) > MAX_AGE_SECONDS,
    )


def _funding_note(market: Market) -> str:
    if market.newest_at is None:
        return "no funding data yet: the funding feed has not run"
    newest = age(market.newest_at, market.at)
    if newest > MAX_AGE_SECONDS:
        return f"the funding feed is silent: its newest row is {newest:.0f} s old, so no rate counts as the present"
    return "" if market.connected else "the funding feed is not connected to Binance just now"


def open_interest(market: Market, asked: str) -> OpenInterest:
    """Return the open interest of one symbol, however old. Raises UnknownSymbolError."""
    symbol = known_symbol(asked, market.open_interest)
    return _open_interest(market, symbol, market.open_interest[symbol])


def top_open_interest_changes(market: Market, timeframe: Timeframe, count: int) -> OpenInterestList:
    """Return the symbols whose open interest has moved most within a time, up or down, among the fresh ones."""
    rows = [_open_interest(market, symbol, row) for symbol, row in market.open_interest.items()]
    fresh = [row for row in rows if not row.is_stale]
    moved = [row for row in fresh if _change(row, timeframe) is not None]
    return OpenInterestList(
        as_of=instant(market.at),
        open_interests=sorted(moved, key=lambda row: -abs(_change(row, timeframe) or 0.0))[:count],
        symbols_with_fresh_open_interest=len(fresh),
        note=_open_interest_note(market, len(fresh), len(moved), timeframe),
    )


def _change(row: OpenInterest, timeframe: Timeframe) -> float | None:
    changes = {
        Timeframe.MINUTES_5: row.change_5min_fraction,
        Timeframe.MINUTES_15: row.change_15min_fraction,
        Timeframe.HOUR: row.change_1h_fraction,
    }
    return changes[timeframe]


def _open_interest(market: Market, symbol: str, row: OpenInterestRow) -> OpenInterest:
    price = market.funding.get(symbol)
    priced = price is not None and abs(market.at - price.updated_at) <= MAX_AGE_SECONDS
    return OpenInterest(
        symbol=symbol,
        open_interest_contracts=row.open_interest,
        open_interest_usdt=row.open_interest * price.mark_price if priced and price is not None else None,
        change_5min_fraction=row.change_5min,
        change_15min_fraction=row.change_15min,
        change_1h_fraction=row.change_1h,
        age_seconds=age(row.updated_at, market.at),
        is_stale=abs(market.at - row.updated_at) > MAX_OPEN_INTEREST_AGE_SECONDS,
    )


def _open_interest_note(market: Market, fresh: int, moved: int, timeframe: Timeframe) -> str:
    if not market.open_interest:
        return "no open interest yet: the OI poller has not run"
    if not fresh:
        return f"open interest is stale: no symbol was asked for within the last {MAX_OPEN_INTEREST_AGE_SECONDS} s"
    return "" if moved else f"no change is known yet: the OI poller has not run for {timeframe}"

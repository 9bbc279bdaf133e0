"""Which values of the other daemons' files are still the present, and which are unknown by now.

Each row is judged by its own time. A row from the future, left over from before the clock was set back, is as
unknown as an old one.
"""

from collections.abc import Mapping

from volspike.model.market import FundingRow, OpenInterestRow, TickerRow
from volspike.rules.funding import MAX_AGE_SECONDS

MAX_TICKER_AGE_SECONDS = 10
MAX_OPEN_INTEREST_AGE_SECONDS = 60


def funding(rows: Mapping[str, FundingRow], now: float) -> dict[str, FundingRow]:
    """Return the rows that are at most 180 s old."""
    return {symbol: row for symbol, row in rows.items() if abs(now - row.updated_at) <= MAX_AGE_SECONDS}


def last_prices(rows: Mapping[str, TickerRow], now: float) -> dict[str, float] | None:
    """Return the last price of every symbol while the feed is alive; None when no row is younger than 10 s.

    Only symbols that trade are in the feed's frames, so an older row beside younger ones still holds.
    """
    if not any(abs(now - row.updated_at) <= MAX_TICKER_AGE_SECONDS for row in rows.values()):
        return None
    return {symbol: row.last_price for symbol, row in rows.items()}


def open_interest(rows: Mapping[str, OpenInterestRow], now: float) -> dict[str, float]:
    """Return the open interest, in contracts, that was asked for within the last 60 s."""
    limit = MAX_OPEN_INTEREST_AGE_SECONDS
    return {symbol: row.open_interest for symbol, row in rows.items() if abs(now - row.updated_at) <= limit}

"""The rows of the Market page, and what of them has changed."""

from volspike.dashboard.views.feed import LATE_SECONDS
from volspike.dashboard.views.words import MINUTE, age
from volspike.model.market import OpenInterestRow, VolumeRow
from volspike.readers.market import Market
from volspike.rules import hourly_volume
from volspike.rules.annual import annual_funding
from volspike.rules.freshness import MAX_OPEN_INTEREST_AGE_SECONDS

LATE_VOLUME_SECONDS = 660.0
"""Two scans and a minute."""
LATE_TICKER_SECONDS = 180.0
"""A symbol that nobody trades has no new ticker for a while, and its day is right all the same; but where its mark
price is late, the feed that brings both is silent."""
AGE_STEP_SECONDS = 10
"""Within the first minute an age is told in such steps: a page of old rows shall not change every second."""


Row = dict[str, str | float | None]
"""One symbol as the table shows it, by names that are short for the wire; what is unknown is None or left out.

`s` symbol, `m` mark price, `d` change in 24 hours, `f` funding rate, `a` the same for a year, `n` minutes to the next
funding, `o` open interest and `o5`, `o15`, `o60` how it has moved in 5 min, 15 min and 1 h, `v` volume of this hour
(of the one just closed, until this one tells something) and `r` how many times that of the hour before. Prices and
volumes are in the quote asset, changes and rates are fractions. `fa`, `da`, `wa`, `oa` and `va` are the ages of mark
and funding, the change in 24 hours, open interest, its changes, and volume, where they are late: open interest is told
in USDT, and is as late as the mark price that it was worked out with; `wa` is left out where it is not late.
"""


class Table:
    """The rows as of the newest market, worked out once for all pages."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.changed: list[Row] = []
        """Of each row that differs from the one before, its symbol and the values that do."""
        self.gone: list[str] = []
        """The symbols that are not there any more."""
        self._market: Market | None = None

    def take(self, market: Market) -> None:
        """Work the rows out, unless that has been done for this market."""
        if market is self._market:
            return
        self._market = market
        rows = {symbol: row(market, symbol) for symbol in sorted(market.funding.keys() | market.volumes.keys())}
        self.gone = sorted(self.rows.keys() - rows.keys())
        self.changed = [
            difference for symbol, after in rows.items() if (difference := _difference(self.rows.get(symbol), after))
        ]
        self.rows = rows


def row(market: Market, symbol: str) -> Row:
    """Return the row of one symbol."""
    made: Row = {"s": symbol}
    funding = market.funding.get(symbol)
    if funding is not None:
        hours = market.funding_hours.get(symbol)
        rate = funding.funding_rate
        made["m"] = funding.mark_price
        made["f"] = rate
        made["a"] = annual_funding(rate, hours) if rate is not None and hours else None
        made["n"] = minutes_to(funding.next_funding_time, market.at)
        made["fa"] = late(funding.updated_at, market.at, LATE_SECONDS)
    ticker = market.tickers.get(symbol)
    if ticker is not None:
        made["d"] = ticker.price_change_pct_24h / 100
        made["da"] = late(ticker.updated_at, market.at, LATE_SECONDS if made.get("fa") else LATE_TICKER_SECONDS)
    interest = market.open_interest.get(symbol)
    if interest is not None:
        made.update(_of_open_interest(interest, funding.mark_price if funding else None, market.at))
        if age_of_worth := made["oa"] or made.get("fa"):
            made["wa"] = age_of_worth
    volume = market.volumes.get(symbol)
    if volume is not None:
        made.update(_of_volume(volume, market.at))
    return made


def _of_open_interest(interest: OpenInterestRow, mark: float | None, now: float) -> Row:
    return {
        "o": None if mark is None else interest.open_interest * mark,
        "o5": interest.change_5min,
        "o15": interest.change_15min,
        "o60": interest.change_1h,
        "oa": late(interest.updated_at, now, MAX_OPEN_INTEREST_AGE_SECONDS),
    }


def _of_volume(volume: VolumeRow, now: float) -> Row:
    hours = hourly_volume.telling(volume.hours, volume.updated_at)
    if not hours:
        return {}
    return {
        "v": hours[-1].quote_volume,
        "r": hourly_volume.ratio(hours),
        "va": late(volume.updated_at, now, LATE_VOLUME_SECONDS),
    }


def minutes_to(next_funding_ms: int, now: float) -> int | None:
    """Return the whole minutes until then; None where there is no funding, or its time has passed."""
    seconds = next_funding_ms / 1000 - now
    return int(seconds // MINUTE) if next_funding_ms and seconds >= 0 else None


def late(updated_at: float, now: float, limit_seconds: float) -> str:
    """Return how old a value is if that is beyond the limit, else nothing."""
    seconds = now - updated_at
    if seconds <= limit_seconds:
        return ""
    return age(seconds // AGE_STEP_SECONDS * AGE_STEP_SECONDS if seconds < MINUTE else seconds)


def _difference(before: Row | None, after: Row) -> Row | None:
    """Return the values that differ, with None for one that is there no more; None when there is no difference."""
    if before is None:
        return after
    if before == after:
        return None
    names = before.keys() | after.keys()
    return {"s": after["s"]} | {name: after.get(name) for name in names if before.get(name) != after.get(name)}

"""The questions an assistant may ask; the first lines of each are what it reads of them. None changes anything."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from volspike.assistant import condition, market, told
from volspike.assistant.answers import AlertList, Funding, FundingList, Health, OpenInterest, OpenInterestList
from volspike.assistant.market import FundingOrder, Timeframe
from volspike.assistant.words import UnknownSymbolError
from volspike.model.delivery import Kind
from volspike.readers.alerts import AlertReader
from volspike.readers.health import HealthReader
from volspike.readers.market import Market, MarketReader
from volspike.settings import Settings

MOST = 50
"""Rows in one answer: what is more than a glance is for the dashboard."""
Symbol = Annotated[str, Field(description="Such as BTCUSDT, BTC/USDT or btc.", max_length=40)]
Count = Annotated[int, Field(description="How many at most.", ge=1, le=MOST)]


class Questions:
    """What is asked is read at that moment; questions take turns, for they come in threads."""

    def __init__(self, settings: Settings) -> None:
        self._clock = settings.clock
        self._market = MarketReader(settings, settings.clock)
        self._alerts = AlertReader(settings)
        self._health = HealthReader(settings)
        self._turn = threading.Lock()

    def funding(self, symbol: Symbol) -> Funding:
        """Funding rate and mark price of one perpetual on Binance USDⓈ-M Futures.

        The rate is a fraction for one funding interval (0.0001 is 0.01 %). Look at is_stale before using it.
        """
        with self._present_market() as read:
            return market.funding(read, symbol)

    def top_funding(self, order: FundingOrder = FundingOrder.LARGEST, count: Count = 10) -> FundingList:
        """The perpetuals with the highest (longs pay), lowest (shorts pay) or largest rate of their next funding.

        Some are funded every hour, others every eight: what is paid over time is annualised_funding_fraction.
        """
        with self._present_market() as read:
            return market.top_funding(read, order, count)

    def open_interest(self, symbol: Symbol) -> OpenInterest:
        """Open interest of one perpetual, and its change within 5 minutes, 15 minutes and 1 hour as fractions.

        Only liquid symbols are polled, so others are unknown here.
        """
        with self._present_market() as read:
            return market.open_interest(read, symbol)

    def top_open_interest_changes(self, timeframe: Timeframe = Timeframe.HOUR, count: Count = 10) -> OpenInterestList:
        """The liquid perpetuals whose open interest has moved most within a timeframe, up or down."""
        with self._present_market() as read:
            return market.top_open_interest_changes(read, timeframe, count)

    def latest_alerts(
        self,
        kind: Annotated[Kind | None, Field(description="Only these (trigger: user alerts); all if left out.")] = None,
        symbol: Annotated[str, Field(description="Only of this symbol; all when empty.", max_length=40)] = "",
        hours: Annotated[float, Field(description="How far back, in hours.", gt=0, le=48)] = 24.0,
        count: Count = 20,
    ) -> AlertList:
        """The latest alerts of the suite, newest first: volume spikes, jumps of open interest, user alerts, health.

        They are read from the outbox, which keeps delivered ones for 48 hours.
        """
        with self._turn:
            read = self._alerts.read()
        return told.latest(read, self._clock.now(), kind=kind, symbol=symbol, hours=hours, count=count)

    def suite_health(self) -> Health:
        """How the alerting suite itself is: verdict of its monitor, daemons, deliveries, request weight at Binance.

        Ask this first when other answers are stale or empty.
        """
        with self._turn:
            read = self._health.read()
        return condition.health(read)

    @contextmanager
    def _present_market(self) -> Iterator[Market]:
        """Read the market; what is not known of it becomes an answer that says so."""
        with self._turn:
            read = self._market.read()
        try:
            yield read
        except UnknownSymbolError as error:
            raise ToolError(str(error)) from None

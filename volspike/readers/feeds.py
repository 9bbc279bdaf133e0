"""What the daemons' files say of the market, each value only while it is fresh."""

from collections.abc import Mapping

from volspike.clients.errors import Transient
from volspike.clients.local import funding_api
from volspike.model.documents import FundingDocument, OpenInterestDocument, TickerDocument
from volspike.model.market import FundingRow
from volspike.rules import freshness
from volspike.runtime.clock import Clock
from volspike.runtime.condition import Condition
from volspike.settings import Settings
from volspike.state import documents


class Feeds:
    """The feeds of a suite; each look re-reads a file only when it has changed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self.funding_enabled = settings.ws_funding_enabled
        """Whether anybody wants funding."""
        self._remote_url = settings.ws_funding_api_url
        self._remote = Condition("funding of the other machine", clock.monotonic)
        self._funding = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument)
        self._tickers = documents.reader(settings.runtime_dir / documents.TICKERS, TickerDocument)
        self._open_interest = documents.reader(settings.runtime_dir / documents.OPEN_INTEREST, OpenInterestDocument)

    def funding(self) -> Mapping[str, FundingRow]:
        """Return mark price and funding of every symbol heard of within 180 s; of none while the feed is not used."""
        if not self.funding_enabled:
            return {}
        if self._remote_url:
            return self._remote_funding(self._remote_url)
        document = self._funding.read()
        return freshness.funding(document.funding_state, self._clock.now()) if document else {}

    def last_prices(self) -> Mapping[str, float] | None:
        """Return every symbol's last price, or None while the feed is silent or not used."""
        document = self._tickers.read() if self.funding_enabled else None
        return freshness.last_prices(document.tickers, self._clock.now()) if document else None

    def open_interest(self) -> Mapping[str, float]:
        """Return the open interest, in contracts, of every symbol asked for within the last 60 s."""
        document = self._open_interest.read()
        return freshness.open_interest(document.open_interest, self._clock.now()) if document else {}

    def _remote_funding(self, url: str) -> Mapping[str, FundingRow]:
        """Return what the funding API of another machine holds for fresh, by its own clock."""
        try:
            rows = funding_api.ask_all(url)
        except Transient as error:
            self._remote.fails(str(error))
            return {}
        self._remote.works()
        return rows

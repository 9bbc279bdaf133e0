"""The whole market as one value: what the files of the daemons say of every symbol."""

from collections.abc import Mapping

from msgspec import Struct

from volspike.model.documents import FundingDocument, OpenInterestDocument, TickerDocument
from volspike.model.market import FundingRow, OpenInterestRow, TickerRow
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents


class Market(Struct, frozen=True):
    """What is known of every symbol, as of `at`; a value tells its own age, whoever shows it judges it.

    `connected` is None as long as the feed has not told of itself.
    """

    at: float
    funding: Mapping[str, FundingRow]
    tickers: Mapping[str, TickerRow]
    open_interest: Mapping[str, OpenInterestRow]
    connected: bool | None = None
    newest_at: float | None = None
    """When the newest row of the feed was received."""


class MarketReader:
    """Reads the files again when they have changed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._funding = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument)
        self._tickers = documents.reader(settings.runtime_dir / documents.TICKERS, TickerDocument)
        self._open_interest = documents.reader(settings.runtime_dir / documents.OPEN_INTEREST, OpenInterestDocument)

    def read(self) -> Market:
        """Return the market as the files tell it now; empty as long as there are none."""
        funding, tickers, open_interest = self._funding.read(), self._tickers.read(), self._open_interest.read()
        rows = funding.funding_state if funding else {}
        return Market(
            at=self._clock.now(),
            funding=rows,
            tickers=tickers.tickers if tickers else {},
            open_interest=open_interest.open_interest if open_interest else {},
            connected=funding.connection_status.connected if funding else None,
            newest_at=max([row.updated_at for row in rows.values()], default=None),
        )

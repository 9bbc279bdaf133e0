"""The whole market as one value: what the files of the daemons say of every symbol."""

from collections.abc import Mapping

from msgspec import Struct

from volspike.model.documents import (
    EmergencyStop,
    FundingDocument,
    FundingIntervalsDocument,
    HourlyVolumeDocument,
    OpenInterestDocument,
    TickerDocument,
)
from volspike.model.market import FundingRow, OpenInterestRow, TickerRow, VolumeRow
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, emergency


class Market(Struct, frozen=True):
    """What is known of every symbol, as of the second `at`; every row tells its own time, whoever shows it judges it.

    `connected` is None as long as the feed has not told of itself, `newest_at` is when its newest row was received.
    `funding_hours` are those between two fundings. While an `emergency_stop` holds, nobody asks for anything newer.
    """

    at: int
    funding: Mapping[str, FundingRow] = {}
    tickers: Mapping[str, TickerRow] = {}
    open_interest: Mapping[str, OpenInterestRow] = {}
    volumes: Mapping[str, VolumeRow] = {}
    funding_hours: Mapping[str, int] = {}
    connected: bool | None = None
    newest_at: float | None = None
    emergency_stop: EmergencyStop | None = None


class MarketReader:
    """Reads the files again when they have changed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._state_dir = settings.state_dir
        self._funding = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument)
        self._tickers = documents.reader(settings.runtime_dir / documents.TICKERS, TickerDocument)
        self._open_interest = documents.reader(settings.runtime_dir / documents.OPEN_INTEREST, OpenInterestDocument)
        self._volumes = documents.reader(settings.runtime_dir / documents.HOURLY_VOLUME, HourlyVolumeDocument)
        self._intervals = documents.reader(settings.runtime_dir / documents.FUNDING_INTERVALS, FundingIntervalsDocument)

    def read(self) -> Market:
        """Return the market as the files tell it now; empty as long as there are none."""
        funding, tickers, open_interest = self._funding.read(), self._tickers.read(), self._open_interest.read()
        volumes, intervals = self._volumes.read(), self._intervals.read()
        rows = funding.funding_state if funding else {}
        return Market(
            at=int(self._clock.now()),
            funding=rows,
            tickers=tickers.tickers if tickers else {},
            open_interest=open_interest.open_interest if open_interest else {},
            volumes=volumes.hourly_volume if volumes else {},
            funding_hours=intervals.hours if intervals else {},
            connected=funding.connection_status.connected if funding else None,
            newest_at=max([row.updated_at for row in rows.values()], default=None),
            emergency_stop=emergency.read(self._state_dir),
        )

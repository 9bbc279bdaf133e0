"""What a volume alert tells beside its candle: the funding rate, and how open interest moved within the hour.

None of it may hold an alert up: what does not answer soon is left out, and is not asked again in the same scan.
"""

import threading
from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from volspike.clients.backend.client import Backend
from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, Transient
from volspike.model.alerts import VolumeAlert
from volspike.readers.feeds import Feeds
from volspike.runtime.condition import Condition

TIMEOUT_SECONDS = (1.0, 1.5)
PATIENCE_SECONDS = 1.0
"""How long a question may wait for weight."""


class Sources(NamedTuple):
    """Where the values come from; `rest` and `backend` answer within seconds or not at all."""

    feeds: Feeds
    rest: Rest
    backend: Backend
    snapshots: Condition
    """How the backend's snapshots are, whose loss and return is told once."""


class Enrichment:
    """The values for the alerts of one scan, for any number of threads."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._funding_lock = threading.Lock()
        self._funding: Mapping[str, float | None] | None = None
        self._backend_fails = False
        self._exchange_fails = False

    def enrich(self, alert: VolumeAlert) -> VolumeAlert:
        """Return the alert with what is known; what is not stays out.

        Funding comes last: the first scan begins together with the feed, which may speak meanwhile.
        """
        change = self._open_interest_change(alert)
        return replace(alert, funding_rate=self._funding_rates().get(alert.symbol), oi_change=change)

    def _funding_rates(self) -> Mapping[str, float | None]:
        with self._funding_lock:
            if self._funding is None:
                rows = self._sources.feeds.funding()
                self._funding = {symbol: row.funding_rate for symbol, row in rows.items()} or self._ask_funding_rates()
            return self._funding

    def _ask_funding_rates(self) -> Mapping[str, float | None]:
        """Return what the exchange says of all symbols; nothing where nobody wants funding."""
        if self._exchange_fails or not self._sources.feeds.funding_enabled:
            return {}
        try:
            return {row.symbol: row.funding_rate for row in self._sources.rest.premium_indexes()}
        except Permanent:
            return {}
        except Transient:
            self._exchange_fails = True
            return {}

    def _open_interest_change(self, alert: VolumeAlert) -> float | None:
        then = self._snapshot(alert.symbol, alert.hour_timestamp.timestamp())
        now = self._open_interest(alert.symbol) if then else None
        return (now - then) / then if then and now is not None else None

    def _snapshot(self, symbol: str, at: float) -> float | None:
        if self._backend_fails:
            return None
        try:
            found = self._sources.backend.open_interest_at(symbol, at)
        except (Transient, Permanent) as error:
            self._backend_fails = True
            with self._lock:
                self._sources.snapshots.fails(str(error))
            return None
        with self._lock:
            self._sources.snapshots.works()
        return found

    def _open_interest(self, symbol: str) -> float | None:
        polled = self._sources.feeds.open_interest().get(symbol)
        if polled is not None or self._exchange_fails:
            return polled
        try:
            return self._sources.rest.open_interest(symbol)
        except Permanent:
            return None  # it concerns this symbol only
        except Transient:
            self._exchange_fails = True
            return None

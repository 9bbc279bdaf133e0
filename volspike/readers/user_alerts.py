"""The alerts that the people of this machine have set: kept by the embedded backend, seen beside today's market."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from volspike.clients.backend.owner import Owner
from volspike.clients.backend.wire import OwnAlert
from volspike.clients.errors import Misdirected, Permanent, Transient
from volspike.model.documents import FundingDocument
from volspike.model.market import market_symbol
from volspike.readers.feeds import Feeds
from volspike.rules import alert_values, thresholds
from volspike.rules.alert_values import Market
from volspike.rules.thresholds import Watched
from volspike.settings import Settings, is_embedded
from volspike.state import documents


class NotTaken(ValueError):  # noqa: N818 - says it all
    """Something that cannot be watched; the message names it, what was given, and what is allowed."""


class BadThreshold(NotTaken):
    """A threshold that is none."""


class NotListed(NotTaken):
    """A symbol that the exchange does not list."""


class Unavailable(Exception):  # noqa: N818 - says it all
    """The backend does not do what it was asked; the message says why, and what helps."""


class Look(Struct, frozen=True):
    """The alerts beside the market of the same moment, and why there may be others that cannot be read."""

    at: float
    alerts: tuple[OwnAlert, ...] = ()
    market: Market = Market()
    problem: str = ""


def are_kept_here(settings: Settings) -> bool:
    """Tell whether the embedded backend keeps the alerts; a hosted one has pages of its own for that."""
    return is_embedded(settings.backend_url, settings.backend_port)


class UserAlerts:
    """The alerts at the embedded backend of a suite, for any number of threads.

    Every method that asks the backend raises Unavailable.
    """

    def __init__(self, settings: Settings, key: str) -> None:
        self._url = settings.backend_url
        self._key = key
        self._clock = settings.clock
        self._known: tuple[OwnAlert, ...] = ()
        self._listed = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument)
        self._feeds = Feeds(replace(settings, ws_funding_api_url=""), settings.clock)

    def all(self) -> list[OwnAlert]:
        """Return all alerts, those that have fired among them, symbol by symbol."""
        with self._owner() as owner:
            return sorted(owner.alerts(), key=lambda alert: (alert.symbol, alert.alert_type, alert.threshold, alert.id))

    def look(self) -> Look:
        """Return all alerts as of now; those that were known already while the backend does not answer."""
        problem = ""
        try:
            self._known = tuple(self.all())
        except Unavailable as error:
            problem = str(error)
        return Look(self._clock.now(), self._known, self.market(), problem)

    def add(self, symbol: str, watched: Watched, threshold: str) -> OwnAlert:
        """Set an alert, symbol and threshold as people write them, and return it. Raises NotTaken."""
        value = thresholds.parse(watched, threshold)
        if value is None:
            raise BadThreshold(f"threshold {threshold!r}: {thresholds.allowed(watched, threshold)}")
        market = market_symbol(symbol.strip())
        self._refuse_unlisted(symbol.strip(), market)
        with self._owner() as owner:
            return owner.add(market, thresholds.TYPES[watched], value)

    def rearm(self, alert_id: str) -> OwnAlert:
        """Arm an alert again, without its past, and return it."""
        with self._owner() as owner:
            return owner.rearm(alert_id)

    def remove(self, alert_id: str) -> None:
        """Remove an alert."""
        with self._owner() as owner:
            owner.remove(alert_id)

    def market(self) -> Market:
        """Return what the files of this machine know of the present; another machine is not asked for this."""
        rates = {symbol: row.funding_rate for symbol, row in self._feeds.funding().items()}
        known = {symbol: rate for symbol, rate in rates.items() if rate is not None}
        return Market(self._feeds.last_prices() or {}, known, self._feeds.open_interest())

    def present(self, alert: OwnAlert) -> float | None:
        """Return the value that an alert watches; None when it is not known."""
        return alert_values.value(self.market(), alert)

    def _refuse_unlisted(self, symbol: str, market: str) -> None:
        """Raise NotListed for nothing, and where the funding feed knows what is listed, and this is not."""
        if not symbol:
            raise NotListed("symbol '': must be one such as BTCUSDT, btc or BTC/USDT")
        feed = self._listed.read()
        if feed is not None and feed.funding_state and market not in feed.funding_state:
            count = len(feed.funding_state)
            raise NotListed(f"{market} is not listed: the funding feed knows {count} symbols, not this one")

    @contextmanager
    def _owner(self) -> Iterator[Owner]:
        """Speak to the backend, its errors put into words that help."""
        try:
            with Owner(self._url, self._key) as owner:
                yield owner
        except Misdirected as error:
            raise Unavailable(f"{error}; is VOLSPIKE_API_KEY the key of the backend at {self._url}?") from None
        except Transient as error:
            raise Unavailable(f"{error}; is the suite running? see volspike status") from None
        except Permanent as error:
            raise Unavailable(str(error)) from None

"""The alerts of all kinds, newest first, read from the outbox: whatever backend or chat they go to."""

from collections.abc import Collection, Iterator
from datetime import datetime

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

from volspike.clients.errors import Permanent, Transient
from volspike.delivery.database import Missing
from volspike.delivery.ledger import Ledger, Told
from volspike.model.delivery import Kind
from volspike.readers.following import AT_ONCE, Following
from volspike.settings import Settings
from volspike.state import documents

KEPT = 5000
"""About two days of a lively market; what is older is in the backend."""


class Figures(Struct, frozen=True, gc=False, rename="camel"):
    """What the payload of an alert tells in numbers; None where its kind, or this one, has no such number.

    Changes and rates are fractions, volumes are USDT, prices USDT. `pct_change` is that of open interest within
    `timeframe`, `oi_change` that within the hour of a volume alert, which begins at `hour_timestamp`.
    """

    volume_ratio: float | None = None
    current_volume: float | None = None
    pct_change: float | None = None
    timeframe: str | None = None
    price: float | None = None
    price_change: float | None = None
    funding_rate: float | None = None
    oi_change: float | None = None
    hour_timestamp: datetime | None = None


class Alert(Struct, frozen=True, gc=False):
    """An alert as people look at it; `id` grows in the order in which alerts were put, `at` is epoch seconds."""

    id: int
    key: str
    kind: Kind
    symbol: str
    at: float
    text: str
    figures: Figures


class Alerts(Struct, frozen=True):
    """The newest alerts of the outbox, newest first, and why there may be newer ones that cannot be read."""

    newest_first: tuple[Alert, ...] = ()
    problem: str = ""

    def chosen(
        self, *, kinds: Collection[Kind] = (), symbols: Collection[str] = (), since: float = 0.0
    ) -> Iterator[Alert]:
        """Yield those of these kinds and symbols, where any are named, that happened at `since` or later."""
        return (
            alert
            for alert in self.newest_first
            if alert.at >= since and (not kinds or alert.kind in kinds) and (not symbols or alert.symbol in symbols)
        )


class AlertReader:
    """Reads what is new in the outbox, and keeps the newest; it only looks, so it keeps nobody from writing."""

    def __init__(self, settings: Settings, kept: int = KEPT) -> None:
        self._following = Following(Ledger(settings.state_dir / documents.OUTBOX, settings.clock, read_only=True))
        self._kept = kept
        self._seen: Alerts | None = None

    def read(self) -> Alerts:
        """Return the newest alerts; those that were known already where the outbox cannot be read just now."""
        try:
            while self._take(self._following.following() if self._seen else self._following.latest(self._kept)):
                continue
        except Missing:
            return self._seen or Alerts()
        except (Transient, Permanent) as error:
            return Alerts(self._seen.newest_first if self._seen else (), str(error))
        return self._seen or Alerts()

    def _take(self, told: list[Told]) -> bool:
        """Keep what was told; return whether there may be more, for who asks once a day."""
        known = self._seen.newest_first if self._seen else ()
        if told and known and told[0].id <= known[0].id:  # the outbox has begun anew, and so have its numbers
            known = ()
        if told or self._seen is None:
            self._seen = Alerts((*reversed([alert(item) for item in told]), *known)[: self._kept])
        return len(told) >= AT_ONCE


def alert(item: Told) -> Alert:
    """Return a message of the outbox as an alert; a payload that does not decode costs only its figures."""
    message = item.message
    return Alert(
        item.id, message.key, message.kind, message.symbol, message.at, message.text, _figures(message.payload)
    )


_decoder: Decoder[Figures] = Decoder(Figures)
_NO_FIGURES = Figures()


def _figures(payload: bytes) -> Figures:
    try:
        return _decoder.decode(payload) if payload else _NO_FIGURES
    except (MsgspecError, ValueError):
        return _NO_FIGURES

"""One symbol's last hours: its open interest, and the alerts that were told of it."""

from typing import NamedTuple

from msgspec import Struct

from volspike.clients.errors import Permanent, Transient
from volspike.delivery.ledger import Ledger
from volspike.model.delivery import Kind
from volspike.model.documents import OpenInterestDocument
from volspike.model.market import asset_of
from volspike.readers.alerts import Alert, alert
from volspike.rules import history
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, histories

STEP_SECONDS = 30
"""Samples nearer to each other than that are one point of a chart."""
MOST_ALERTS = 100


class Point(NamedTuple):
    """A value and when it was so, epoch seconds."""

    at: float
    value: float


class Mark(NamedTuple):
    """An alert as a chart marks it: when it was told, and the beginning of the hour that it is about, if of any."""

    at: float
    kind: Kind
    text: str
    hour: float | None = None


class SymbolPast(Struct, frozen=True):
    """What is known of a symbol's past, oldest first; open interest is in contracts."""

    open_interest: tuple[Point, ...] = ()
    alerts: tuple[Mark, ...] = ()


class SymbolReader:
    """The past of one symbol: the history that the OI poller saves now and then, and what came since."""

    def __init__(self, settings: Settings, clock: Clock, symbol: str) -> None:
        self._clock = clock
        self._symbol = symbol
        self._history_path = settings.state_dir / documents.OI_HISTORY
        self._outbox_path = settings.state_dir / documents.OUTBOX
        self._newest = documents.reader(settings.runtime_dir / documents.OPEN_INTEREST, OpenInterestDocument)
        self._history_at = 0.0
        self._points: dict[int, Point] = {}

    def read(self) -> SymbolPast:
        """Return the past as it is known now."""
        self._read_history()
        document = self._newest.read()
        row = document.open_interest.get(self._symbol) if document else None
        if row is not None:
            self._take(Point(row.updated_at, row.open_interest))
        since = self._clock.now() - history.KEEP_SECONDS
        self._points = {step: point for step, point in self._points.items() if point.at >= since}
        return SymbolPast(tuple(self._points[step] for step in sorted(self._points)), self._alerts())

    def _read_history(self) -> None:
        """Read the file again when it was written; one that cannot be read adds nothing."""
        try:
            written_at = self._history_path.stat().st_mtime
            if written_at == self._history_at:
                return
            found = histories.of_symbol(self._history_path, self._symbol)
        except (OSError, histories.Torn):
            return
        self._history_at = written_at
        for at, value, _ in history.points(found):
            self._take(Point(at, value))

    def _take(self, point: Point) -> None:
        self._points[int(point.at // STEP_SECONDS)] = point

    def _alerts(self) -> tuple[Mark, ...]:
        """Return what was told of the symbol; nothing while there is no outbox, or it cannot be read just now."""
        names = {self._symbol, asset_of(self._symbol)}
        try:
            with Ledger(self._outbox_path, self._clock, read_only=True) as ledger:
                told = ledger.latest(MOST_ALERTS, symbols=names)
        except (Transient, Permanent):
            return ()
        return tuple(_mark(alert(item)) for item in told)


def _mark(told: Alert) -> Mark:
    hour = told.figures.hour_timestamp
    return Mark(told.at, told.kind, told.text, hour.timestamp() if hour else None)

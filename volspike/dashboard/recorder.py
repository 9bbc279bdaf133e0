"""A day of funding for the charts: no other daemon keeps what the rate was, and Binance is not asked by a page.

A point every five minutes for a day: 7 KB a symbol, 6 MB for all of them. It is saved every half hour and at the end,
in the form of the history of open interest: writing it with each point would cost a disk 1.6 GB a day.
A process that is killed has lost the points since then.
"""

from collections.abc import Mapping

from volspike.model.documents import FundingDocument
from volspike.rules import freshness, history
from volspike.rules.history import History, Reach
from volspike.runtime.clock import Clock
from volspike.settings import Settings
from volspike.state import documents, histories, keeper
from volspike.state.keeper import Keeper

LOOK_SECONDS = 15.0
POINT_SECONDS = 300
SAVE_SECONDS = 1800.0
KEEP_SECONDS = 86_400.0
_REACH = Reach((), KEEP_SECONDS)
_NOTHING = History()


class Recorder:
    """The funding rate and the mark price of each symbol, as of every five minutes."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._feed = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument)
        self._file = Keeper(settings.state_dir / documents.FUNDING_HISTORY, clock.monotonic, durable=True)
        recalled = keeper.recall_with(self._file.path, histories.read, clock.now()) or {}
        self._histories: Mapping[str, History] = history.prune(recalled, _REACH, clock.now())
        self._saved_at = clock.monotonic()
        self._recorded = 0

    def record(self) -> int:
        """Add a point of every symbol whose funding is known, if these five minutes have none; return how many have."""
        document, now = self._feed.read(), self._clock.now()
        rows = freshness.funding(document.funding_state, now) if document else {}
        if not rows or int(now) // POINT_SECONDS == self._recorded:
            return len(self._histories)
        self._recorded = int(now) // POINT_SECONDS
        grown = history.prune(self._histories, _REACH, now)
        for symbol, row in rows.items():
            if row.funding_rate is not None:
                before = grown.get(symbol, _NOTHING)
                grown[symbol] = history.add(before, now, row.funding_rate, row.mark_price, KEEP_SECONDS)
        self._histories = grown
        if self._clock.monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()
        return len(grown)

    def of(self, symbol: str) -> list[tuple[float, float, float]]:
        """Return the points of one symbol, oldest first: time, funding rate (a fraction), mark price."""
        return history.points(self._histories.get(symbol, _NOTHING))

    def save(self) -> None:
        """Write the file; a disk that fails is reported, and costs no more than the file."""
        self._saved_at = self._clock.monotonic()
        self._file.touch()
        self._file.save(lambda: histories.pieces(self._histories), urgent=True)

"""`.hourly_volume.json`: the volume of each symbol's last hours, kept for whoever shows it."""

from collections.abc import Container, Sequence
from pathlib import Path

from volspike.model.documents import VERSION, HourlyVolumeDocument
from volspike.model.market import Candle, VolumeRow
from volspike.rules import hourly_volume
from volspike.runtime.clock import Clock
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper

NEW_HOURS = 25
"""Of a symbol that was not looked at lately: a day and the hour that runs, at the weight of three."""
KNOWN_HOURS = 3
RECENT_SECONDS = 3600
"""So soon after the last look, three candles leave no hour out."""


class Volumes:
    """What the scans have seen of each symbol's hours; it outlives the daemon, not the machine."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = Keeper(path, clock.monotonic)
        remembered = keeper.recall(path, HourlyVolumeDocument, clock.now())
        self._rows = remembered.hourly_volume if remembered else {}

    def wanted(self, symbol: str) -> int:
        """Return how many candles of a symbol to ask for."""
        row = self._rows.get(symbol)
        return KNOWN_HOURS if row and self._clock.now() - row.updated_at < RECENT_SECONDS else NEW_HOURS

    def take(self, symbol: str, candles: Sequence[Candle]) -> None:
        """Take what a scan has seen of a symbol."""
        known = self._rows[symbol].hours if symbol in self._rows else ()
        self._rows[symbol] = VolumeRow(hourly_volume.step(known, candles), self._clock.now())
        self._file.touch()

    def save(self, symbols: Container[str]) -> None:
        """Write the file, without the symbols that are gone from the list."""
        self._rows = {symbol: row for symbol, row in self._rows.items() if symbol in symbols}
        document = HourlyVolumeDocument(VERSION, self._rows, self._clock.now())
        self._file.save(lambda: documents.encode(document), urgent=True)

"""The volume rule over recorded hourly candles, as if a scan had looked at each hour on the mark of its end."""

from typing import NamedTuple

from volspike.model.alerts import VolumeAlert, VolumeMemory
from volspike.model.market import Candle
from volspike.replay import cells
from volspike.replay.cells import BadCellError
from volspike.replay.run import Run
from volspike.replay.table import Table
from volspike.rules import volume_spike
from volspike.rules.volume_spike import HOUR, Limits, Observation

COLUMNS = (
    ("open_time", "open_time_utc", "timestamp"),
    ("open",),
    ("close",),
    ("quote_volume", "quote_asset_volume"),
)


class _Past(NamedTuple):
    memory: VolumeMemory
    candle: Candle


class KlineRun(Run[VolumeAlert]):
    """A file of candles; each spike comes once, as the scan at the end of its hour sees it."""

    unjudged = "no candle follows another of its symbol by an hour, so there was nothing to compare"

    def __init__(self, table: Table, symbol: str | None, limits: Limits) -> None:
        self._places = table.need("candles", *COLUMNS)
        super().__init__(table, symbol)
        self._limits = limits
        self._past: dict[str, _Past] = {}

    def _take(self, symbol: str, row: list[str]) -> list[VolumeAlert]:
        candle = self._candle(symbol, row)
        past = self._past.get(symbol)
        candles = (candle,) if past is None else (past.candle, candle)
        mark = candle.open_time_ms / 1000 + HOUR
        memory, alerts = volume_spike.step(
            VolumeMemory() if past is None else past.memory, self._limits, Observation(symbol, mark, mark, candles)
        )
        self._past[symbol] = _Past(memory, candle)
        self._count(symbol, mark - HOUR, judged=candle.open_time_ms - candles[0].open_time_ms == HOUR * 1000)
        return alerts

    def _candle(self, symbol: str, row: list[str]) -> Candle:
        open_time, open_, close, quote_volume = (row[place] for place in self._places)
        seconds = cells.instant("open_time", open_time)
        if seconds % HOUR:
            raise BadCellError("open_time", open_time, "the start of an hour (candles must be hourly)")
        self._follows(symbol, seconds, "open_time", open_time)
        return Candle(
            int(seconds) * 1000,
            cells.positive("open", open_),
            cells.positive("close", close),
            cells.from_zero("quote_volume", quote_volume),
        )

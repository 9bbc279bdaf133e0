"""Three hours of one symbol's open interest, and what it was a lookback ago.

A sample takes 24 bytes and a step copies them: 600 symbols × 3 h at 10 s are 15.6 MB (Python objects would be six
times that), and the copies of one sweep cost some milliseconds. The bytes are doubles in the machine's own order.
"""

import math
import struct
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from msgspec import Struct

from volspike.model.market import OpenInterestSample

KEEP_SECONDS = 3 * 3600
TOLERANCE_SHARE = 0.1
TOLERANCE_LEAST_SECONDS = 30.0
TOLERANCE_MOST_SECONDS = 120.0
_RECORD = struct.Struct("ddd")
RECORD_BYTES = _RECORD.size
_FIELDS = 3


class Reach(Struct, frozen=True):
    """How far back to look, once for each lookback, and how long to remember."""

    lookback_seconds: tuple[float, ...]
    keep_seconds: float = KEEP_SECONDS


class History(Struct, frozen=True, gc=False):
    """The samples of one symbol, oldest first: time, open interest, mark price (NaN for unknown) of each."""

    records: bytes = b""

    def __len__(self) -> int:
        return len(self.records) // RECORD_BYTES


class Baseline(Struct, frozen=True, gc=False):
    """An earlier sample that the present one is held against."""

    at: float
    open_interest: float
    mark_price: float | None


def tolerance(lookback_seconds: float) -> float:
    """Return how many seconds a baseline may lie off the lookback's mark, either way."""
    return min(max(lookback_seconds * TOLERANCE_SHARE, TOLERANCE_LEAST_SECONDS), TOLERANCE_MOST_SECONDS)


def step(memory: History, reach: Reach, sample: OpenInterestSample) -> tuple[History, tuple[Baseline | None, ...]]:
    """Take one sample; return the new history and the baseline of each lookback, None where there is none.

    Open interest that is not above zero is dropped: it changes nothing and has no baseline.
    """
    if sample.open_interest <= 0:
        return memory, (None,) * len(reach.lookback_seconds)
    records = _earlier(memory.records, sample.at)
    times = _times(records)
    baselines = tuple(_nearest(records, times, sample.at, lookback) for lookback in reach.lookback_seconds)
    mark_price = math.nan if sample.mark_price is None else sample.mark_price
    return add(History(records), sample.at, sample.open_interest, mark_price, reach.keep_seconds), baselines


def add(memory: History, at: float, value: float, mark_price: float, keep_seconds: float) -> History:
    """Return the history with one more record, without those that are older than what is kept."""
    records = _earlier(memory.records, at)
    forgotten = bisect_left(_times(records), at - keep_seconds) * RECORD_BYTES
    return History(records[forgotten:] + _RECORD.pack(at, value, mark_price))


def points(memory: History) -> list[tuple[float, float, float]]:
    """Return the records, oldest first: time, value, mark price (NaN for unknown) of each."""
    return list(_RECORD.iter_unpack(memory.records))


def prune(histories: Mapping[str, History], reach: Reach, now: float) -> dict[str, History]:
    """Return the histories that still have something to tell: those of symbols asked for within the time kept."""
    since = now - reach.keep_seconds
    return {symbol: history for symbol, history in histories.items() if _newest(history.records) >= since}


def _newest(records: bytes) -> float:
    return _times(records)[-1] if records else -math.inf


def _times(records: bytes) -> "memoryview[float]":
    return memoryview(records).cast("d")[::_FIELDS]


def _earlier(records: bytes, at: float) -> bytes:
    """Return the records that are older than `at`: all of them, unless the clock was set back.

    A step back of up to the least tolerance costs the samples that now lie ahead. After a greater one every baseline
    would be of another time than its stamp says, and each symbol might alert at once: the history starts anew.
    """
    times = _times(records)
    if not times or times[-1] < at:
        return records
    if times[-1] - at > TOLERANCE_LEAST_SECONDS:
        return b""
    return records[: bisect_left(times, at) * RECORD_BYTES]


def _nearest(records: bytes, times: Sequence[float], at: float, lookback_seconds: float) -> Baseline | None:
    """Return the sample nearest to the lookback's mark, of two equally near the older, within the tolerance."""
    mark = at - lookback_seconds
    after = bisect_left(times, mark)
    near = [index for index in (after - 1, after) if 0 <= index < len(times)]
    if not near:
        return None
    index = min(near, key=lambda index: abs(times[index] - mark))  # min returns the first of equals
    if abs(times[index] - mark) > tolerance(lookback_seconds):
        return None
    stamp, open_interest, mark_price = _RECORD.unpack_from(records, index * RECORD_BYTES)
    return Baseline(stamp, open_interest, None if math.isnan(mark_price) else mark_price)

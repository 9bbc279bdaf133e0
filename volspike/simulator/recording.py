"""The bundled extract of recorded market data: what it holds and how it is loaded.

One gzip-compressed JSON document in the project's own compact format, written by
:mod:`volspike.simulator.extract`; `data/README.md` says where the numbers come from. Rows that occur hundreds of
times are arrays instead of objects, in the order of the fields below.
"""

import gzip
from pathlib import Path

import msgspec

VERSION = 1
BUNDLED = Path(__file__).with_name("data") / "recording.json.gz"


class RecordingError(Exception):
    """The extract cannot be used; the message names the file and what is wrong with it, in one line."""


class Contract(msgspec.Struct, frozen=True, array_like=True):
    """One symbol of exchangeInfo, reduced to the fields that matter."""

    symbol: str
    pair: str
    contract_type: str
    status: str
    base: str
    quote: str
    margin: str
    underlying_type: str
    underlying_subtypes: list[str]
    delivery_ms: int
    onboard_ms: int
    price_precision: int
    quantity_precision: int
    tick_size: str
    step_size: str
    minimum_notional: str


class Premium(msgspec.Struct, frozen=True, array_like=True):
    """One row of premiumIndex, decimal strings exactly as recorded."""

    symbol: str
    mark: str
    index: str
    settle: str
    rate: str
    interest: str
    next_funding_ms: int


class Funding(msgspec.Struct, frozen=True, array_like=True):
    """One row of fundingInfo."""

    symbol: str
    hours: int
    cap: str
    floor: str


class Candles(msgspec.Struct, frozen=True):
    """Consecutive hourly candles of one symbol; `quote` is the quote volume."""

    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]
    quote: list[float]
    trades: list[int]


class Recording(msgspec.Struct, frozen=True):
    """All recorded numbers; the candles begin at `first_hour_ms`, open interest is in steps of five minutes."""

    version: int
    first_hour_ms: int
    hours: int
    contracts: list[Contract]
    premiums: list[Premium]
    fundings: list[Funding]
    candles: dict[str, Candles]
    open_interest: dict[str, list[float]]


def load(path: Path = BUNDLED) -> Recording:
    """Return the recording stored at `path`; raises RecordingError when it is missing, torn or foreign."""
    try:
        recording = msgspec.json.decode(gzip.decompress(path.read_bytes()), type=Recording)
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise RecordingError(f"{path.name}: not a usable recording ({error})") from error
    if recording.version != VERSION:
        raise RecordingError(f"{path.name}: version {recording.version}, expected {VERSION}")
    return recording


def dump(recording: Recording, path: Path) -> int:
    """Write `recording` to `path`, the same bytes for the same numbers, and return the size in bytes."""
    packed = gzip.compress(msgspec.json.encode(recording), mtime=0)
    path.write_bytes(packed)
    return len(packed)

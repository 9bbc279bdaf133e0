"""Make the bundled extract from a directory of recorded Binance data: `python -m volspike.simulator.extract DIR`.

DIR holds the raw recordings in these folders, each file gzip-compressed (the newest of a kind is taken):

    02_exchange_info/fapi_exchangeInfo_*.json.gz      answer of /fapi/v1/exchangeInfo
    04_klines/klines_1h_usdt_perp_*.csv.gz            symbol,open_time,open,high,low,close,volume,quote_volume,trades
    05_open_interest/oi_5m_<SYMBOL>_*.csv.gz          t (ms),oi
    06_funding/fundingInfo_*.json.gz                  answer of /fapi/v1/fundingInfo
    07_rest/premiumIndex_*.json.gz                    answer of /fapi/v1/premiumIndex

Candles are cut to two eventful days, 2026-02-05 and 06, of the majors and of the symbols that spiked most at
2026-02-06 00:00. A broken file ends the extraction with one line that names the file and the row.
"""

import csv
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from volspike.simulator import recording
from volspike.simulator.recording import Candles, Contract, Funding, Premium, Recording

FIRST_HOUR_MS = 1_770_249_600_000  # 2026-02-05 00:00 UTC
HOURS = 48
EVENTFUL_HOUR = 24
HOUR_MS = 3_600_000
STEP_MS = 300_000
STEPS = HOURS * HOUR_MS // STEP_MS
MAJORS = (
    "BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "DOGEUSDT", "ADAUSDT", "LINKUSDT", "ARBUSDT", "WIFUSDT",
)  # fmt: skip
SPIKING = 54
SPIKE_MULTIPLE = 3.0
SPIKE_QUOTE_VOLUME = 3_000_000.0
COLUMNS = ("open", "high", "low", "close", "volume", "quote_volume", "trades")

Row = dict[str, float]
T = TypeVar("T")


class ExtractError(Exception):
    """A recorded file cannot be used; the message names the file and the row in one line."""


class RawContract(msgspec.Struct, rename="camel"):
    """What is read of one symbol of exchangeInfo."""

    symbol: str
    pair: str
    contract_type: str
    status: str
    base_asset: str
    quote_asset: str
    margin_asset: str
    underlying_type: str
    delivery_date: int
    onboard_date: int
    price_precision: int
    quantity_precision: int
    filters: list[dict[str, str | int]]
    underlying_sub_type: list[str] = []

    def reduced(self) -> Contract:
        """Return the contract in the extract's own form."""
        by_type = {str(entry["filterType"]): entry for entry in self.filters}
        return Contract(
            self.symbol, self.pair, self.contract_type, self.status, self.base_asset, self.quote_asset,
            self.margin_asset, self.underlying_type, self.underlying_sub_type, self.delivery_date, self.onboard_date,
            self.price_precision, self.quantity_precision,
            str(by_type.get("PRICE_FILTER", {}).get("tickSize", "0.01")),
            str(by_type.get("LOT_SIZE", {}).get("stepSize", "1")),
            str(by_type.get("MIN_NOTIONAL", {}).get("notional", "5")),
        )  # fmt: skip


class RawExchangeInfo(msgspec.Struct):
    """What is read of exchangeInfo; rows stay raw so that a broken one can be named."""

    symbols: list[msgspec.Raw]


class RawPremium(msgspec.Struct, rename="camel"):
    """One row of premiumIndex."""

    symbol: str
    mark_price: str
    index_price: str
    estimated_settle_price: str
    last_funding_rate: str
    interest_rate: str
    next_funding_time: int


class RawFunding(msgspec.Struct, rename="camel"):
    """One row of fundingInfo."""

    symbol: str
    funding_interval_hours: int
    adjusted_funding_rate_cap: str
    adjusted_funding_rate_floor: str


def extract(directory: Path) -> Recording:
    """Read the recorded files below `directory` and return the extract; raises ExtractError."""
    contracts = read_contracts(newest(directory, "02_exchange_info/fapi_exchangeInfo_*.json.gz"))
    tradable = {
        contract.symbol
        for contract in contracts
        if (contract.contract_type, contract.quote, contract.status) == ("PERPETUAL", "USDT", "TRADING")
    }
    series = read_hours(newest(directory, "04_klines/klines_1h_usdt_perp_*.csv.gz"), tradable)
    return Recording(
        version=recording.VERSION,
        first_hour_ms=FIRST_HOUR_MS,
        hours=HOURS,
        contracts=contracts,
        premiums=read_premiums(newest(directory, "07_rest/premiumIndex_*.json.gz")),
        fundings=read_fundings(newest(directory, "06_funding/fundingInfo_*.json.gz")),
        candles={symbol: candles(series[symbol]) for symbol in chosen(series)},
        open_interest=dict(map(read_open_interest, sorted(directory.glob("05_open_interest/oi_5m_*.csv.gz")))),
    )


def newest(directory: Path, pattern: str) -> Path:
    """Return the last file in order of name that matches `pattern`."""
    found = sorted(directory.glob(pattern))
    if not found:
        raise ExtractError(f"{directory}: no file {pattern}")
    return found[-1]


def read_contracts(path: Path) -> list[Contract]:
    """Return the symbols of a recorded exchangeInfo."""
    document = decode_file(path, RawExchangeInfo)
    return [row.reduced() for row in decode_rows(path, document.symbols, RawContract)]


def read_premiums(path: Path) -> list[Premium]:
    """Return the rows of a recorded premiumIndex."""
    return [
        Premium(
            row.symbol, row.mark_price, row.index_price, row.estimated_settle_price, row.last_funding_rate,
            row.interest_rate, row.next_funding_time,
        )
        for row in decode_rows(path, decode_file(path, list[msgspec.Raw]), RawPremium)
    ]  # fmt: skip


def read_fundings(path: Path) -> list[Funding]:
    """Return the rows of a recorded fundingInfo."""
    return [
        Funding(row.symbol, row.funding_interval_hours, row.adjusted_funding_rate_cap, row.adjusted_funding_rate_floor)
        for row in decode_rows(path, decode_file(path, list[msgspec.Raw]), RawFunding)
    ]


def decode_file(path: Path, kind: type[T]) -> T:
    """Return the JSON document in the gzip file at `path`."""
    try:
        return msgspec.json.decode(gzip.decompress(path.read_bytes()), type=kind)
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise ExtractError(f"{path.name}: {error}") from error


def decode_rows(path: Path, rows: list[msgspec.Raw], kind: type[T]) -> Iterator[T]:
    """Yield each row as `kind`; a broken one is named by its place, counted from 1."""
    for number, row in enumerate(rows, start=1):
        try:
            yield msgspec.json.decode(row, type=kind)
        except msgspec.DecodeError as error:
            raise ExtractError(f"{path.name}: row {number}: {error}") from error


def read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a gzip-compressed CSV file with their number in the file; the header is row 1."""
    try:
        with gzip.open(path, "rt", newline="", encoding="utf-8") as lines:
            yield from enumerate(csv.DictReader(lines), start=2)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ExtractError(f"{path.name}: {error}") from error


def number(path: Path, place: int, row: dict[str, str], column: str) -> float:
    """Return the number in `column` of a CSV row."""
    try:
        return float(row[column])
    except (KeyError, TypeError, ValueError) as error:
        raise ExtractError(f"{path.name}: row {place}: {column} {row.get(column)!r} is not a number") from error


def read_hours(path: Path, symbols: set[str]) -> dict[str, list[Row]]:
    """Return the candles of the two days by symbol; symbols without every hour are left out."""
    found: dict[str, dict[int, Row]] = {}
    for place, row in read_csv(path):
        hour = int(number(path, place, row, "open_time") - FIRST_HOUR_MS) // HOUR_MS
        if 0 <= hour < HOURS and row.get("symbol") in symbols:
            found.setdefault(row["symbol"], {})[hour] = {column: number(path, place, row, column) for column in COLUMNS}
    return {symbol: [hours[hour] for hour in range(HOURS)] for symbol, hours in found.items() if len(hours) == HOURS}


def chosen(series: dict[str, list[Row]]) -> list[str]:
    """Return the majors and the symbols that spiked most in the eventful hour, in order of name."""
    spikes: dict[str, float] = {}
    for symbol, hours in series.items():
        before, during = (hours[hour]["quote_volume"] for hour in (EVENTFUL_HOUR - 1, EVENTFUL_HOUR))
        if during >= SPIKE_QUOTE_VOLUME and during >= SPIKE_MULTIPLE * before > 0:
            spikes[symbol] = during / before
    strongest = sorted(spikes, key=lambda symbol: spikes[symbol], reverse=True)[:SPIKING]
    return sorted({*strongest, *(major for major in MAJORS if major in series)})


def candles(hours: list[Row]) -> Candles:
    """Turn rows into columns."""
    columns = {column: [row[column] for row in hours] for column in COLUMNS}
    return Candles(
        open=columns["open"], high=columns["high"], low=columns["low"], close=columns["close"],
        volume=columns["volume"], quote=columns["quote_volume"], trades=[int(count) for count in columns["trades"]],
    )  # fmt: skip


def read_open_interest(path: Path) -> tuple[str, list[float]]:
    """Return the symbol in the file's name and its open interest in steps of five minutes over the two days.

    A step that was not recorded repeats the one before it; a few stamps are some seconds late in the source.
    """
    symbol = path.name.removeprefix("oi_5m_").partition("_")[0]
    steps: dict[int, float] = {}
    for place, row in read_csv(path):
        step = int(number(path, place, row, "t") - FIRST_HOUR_MS) // STEP_MS
        if 0 <= step < STEPS:
            steps[step] = number(path, place, row, "oi")
    if 0 not in steps:
        raise ExtractError(f"{path.name}: no row for the first five minutes of the two days")
    values = [steps[0]]
    for step in range(1, STEPS):
        values.append(steps.get(step, values[-1]))
    return symbol, values


def main(arguments: list[str]) -> int:
    """Write the bundled extract from the directory given; return the exit code."""
    match arguments:
        case [directory]:
            try:
                size = recording.dump(extract(Path(directory)), recording.BUNDLED)
            except ExtractError as error:
                sys.stderr.write(f"{error}\n")
                return 1
            sys.stdout.write(f"{recording.BUNDLED}: {size} bytes\n")
            return 0
        case _:
            sys.stderr.write("usage: python -m volspike.simulator.extract DIR\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

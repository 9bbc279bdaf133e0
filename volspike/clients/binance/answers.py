"""Answers of the REST API to the suite's nouns; pure.

Source: Binance USDⓈ-M Futures, "Exchange Information", "Mark Price", "Kline/Candlestick Data", "Open Interest", "Get
Funding Rate Info", "24hr Ticker Price Change Statistics", "Symbol Price Ticker V2", as documented in late 2026.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct, ValidationError

from volspike.clients.binance.wire import UNDECODABLE, Amount, Finite, Instant, Malformed, Name, Positive
from volspike.model.market import Candle, Contract, PremiumIndex

Row = TypeVar("Row", bound=Struct)


class _PremiumIndexRow(Struct, rename="camel"):
    symbol: Name
    mark_price: Finite
    last_funding_rate: str
    next_funding_time: Instant


class _ContractRow(Struct, rename="camel"):
    symbol: Name
    contract_type: str
    status: str
    quote_asset: str


class _ExchangeInfo(Struct):
    symbols: list[Raw]


class _CandleRow(Struct, array_like=True):
    """The elements of a candle up to the last one that is wanted; those after it are ignored."""

    open_time_ms: Instant
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: Amount
    close_time_ms: Instant
    quote_volume: Amount


class _OpenInterest(Struct, rename="camel"):
    open_interest: Amount


class _VolumeRow(Struct, rename="camel"):
    symbol: Name
    quote_volume: Amount


class _IntervalRow(Struct, rename="camel"):
    symbol: Name
    funding_interval_hours: Annotated[int, Meta(gt=0)]


class _PriceRow(Struct):
    symbol: Name
    price: Positive


class _ServerTime(Struct, rename="camel"):
    server_time: Instant


class ErrorBody(Struct):
    """The body of a refused request."""

    code: int
    msg: str


def parse_premium_index(content: bytes) -> list[PremiumIndex]:
    """Return the rows of a premiumIndex answer, one or all; rows that do not decode are left out.

    Raises Malformed when the answer is neither a row nor a list of rows.
    """
    raw = _rows_of(content)
    return [_premium_index(row) for row in _decoded(raw, _PremiumIndexRow)]


def _premium_index(row: _PremiumIndexRow) -> PremiumIndex:
    try:
        rate = msgspec.convert(row.last_funding_rate, Finite, strict=False)
    except ValidationError:
        rate = None
    has_funding = row.next_funding_time > 0
    return PremiumIndex(row.symbol, row.mark_price, rate if has_funding else None, row.next_funding_time)


def parse_exchange_info(content: bytes) -> list[Contract]:
    """Return the listed contracts; a row that does not decode is left out. Raises Malformed."""
    try:
        raw = msgspec.json.decode(content, type=_ExchangeInfo).symbols
    except UNDECODABLE as error:
        raise Malformed(f"not an exchangeInfo answer ({error}): {content[:60]!r}") from None
    rows = _decoded(raw, _ContractRow)
    return [Contract(row.symbol, row.contract_type, row.status, row.quote_asset) for row in rows]


_decode_open_interest = msgspec.json.Decoder(_OpenInterest, strict=False).decode


def parse_candles(content: bytes) -> list[Candle]:
    """Return the candles of an answer, oldest first; rows that do not decode are left out.

    Raises Malformed when the answer is no list, or there are rows and none of them decodes.
    """
    raw = _rows_of(content)
    rows = _decoded(raw, _CandleRow)
    if raw and not rows:
        raise Malformed(f"not a candle in it: {content[:60]!r}")
    return [Candle(row.open_time_ms, row.open, row.close, row.quote_volume) for row in rows]


def parse_open_interest(content: bytes) -> float:
    """Return the open interest of an answer, in contracts. Raises Malformed."""
    try:
        return _decode_open_interest(content).open_interest
    except UNDECODABLE as error:
        raise Malformed(f"not an openInterest answer ({error}): {content[:60]!r}") from None


def parse_quote_volumes(content: bytes) -> dict[str, float]:
    """Return the 24-hour volumes of a ticker answer by symbol; rows that do not decode are left out.

    Raises Malformed when the answer is neither a row nor a list of rows.
    """
    return {row.symbol: row.quote_volume for row in _decoded(_rows_of(content), _VolumeRow)}


def parse_funding_intervals(content: bytes) -> dict[str, int]:
    """Return the hours between two fundings of a fundingInfo answer by symbol; rows that do not decode are left out.

    Raises Malformed when the answer is neither a row nor a list of rows.
    """
    return {row.symbol: row.funding_interval_hours for row in _decoded(_rows_of(content), _IntervalRow)}


def parse_last_prices(content: bytes) -> dict[str, float]:
    """Return the last prices of a ticker answer by symbol; rows that do not decode are left out, and prices of zero.

    Raises Malformed when the answer is neither a row nor a list of rows.
    """
    return {row.symbol: row.price for row in _decoded(_rows_of(content), _PriceRow)}


def parse_server_time(content: bytes) -> float:
    """Return the exchange's time in epoch seconds. Raises Malformed."""
    try:
        return msgspec.json.decode(content, type=_ServerTime).server_time / 1000
    except UNDECODABLE as error:
        raise Malformed(f"not a time answer ({error}): {content[:60]!r}") from None


def parse_error(content: bytes) -> ErrorBody | None:
    """Return Binance's own error, or None when the body is something else, such as a firewall's HTML."""
    try:
        return msgspec.json.decode(content, type=ErrorBody)
    except UNDECODABLE:
        return None


def _rows_of(content: bytes) -> list[Raw]:
    text = content.lstrip()
    try:
        if text.startswith(b"{"):
            return [msgspec.json.decode(text, type=Raw)]
        return msgspec.json.decode(text, type=list[Raw])
    except UNDECODABLE as error:
        raise Malformed(f"neither a row nor a list of rows ({error}): {content[:60]!r}") from None


def _decoded(raw: list[Raw], kind: type[Row]) -> list[Row]:
    decode = msgspec.json.Decoder(kind, strict=False).decode
    rows = []
    for item in raw:
        try:
            rows.append(decode(item))
        except UNDECODABLE:
            continue
    return rows

"""Binance's JSON to the suite's nouns; pure.

Stream rows are told apart by their event type `e`, never by their keys: a 24hrTicker row has a `p` too, and it is
the price *change*. Numbers come as strings. Statuses and types are open sets. One strange row costs itself only:
a frame is first read whole and typed, and row by row only when that fails.

Source: Binance USDⓈ-M Futures, "Mark Price Stream for All market", "All Market Tickers Streams", "Exchange
Information", "Mark Price", as documented in late 2026; `st` (1 USDⓈ-M, 2 COIN-M) from live captures.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from msgspec import Meta, MsgspecError, Raw, Struct, ValidationError

from volspike.model.market import Candle, Contract, MarkPrice, PremiumIndex, Ticker
from volspike.rules.funding import COIN_MARGINED

Finite = Annotated[float, Meta(ge=-1e18, le=1e18)]
"""A number that is neither infinite nor NaN."""
Positive = Annotated[float, Meta(gt=0, le=1e18)]
Amount = Annotated[float, Meta(ge=0, le=1e18)]
Instant = Annotated[int, Meta(ge=0, le=10**14)]
"""Epoch ms."""
Name = Annotated[str, Meta(min_length=1, max_length=64)]

COIN_M = 2

Row = TypeVar("Row", bound=Struct)


class Malformed(ValueError):  # noqa: N818 - says it all
    """A frame that is no JSON of Binance's; the message quotes its beginning."""


class MarkPriceRow(
    MarkPrice,
    frozen=True,
    gc=False,
    kw_only=True,
    tag_field="e",
    tag="markPriceUpdate",
    rename={
        "symbol": "s",
        "event_time_ms": "E",
        "mark_price": "p",
        "index_price": "i",
        "funding_rate": "r",
        "next_funding_time_ms": "T",
        "margin": "st",
    },
):
    """A `markPriceUpdate` row; `margin` tells USDⓈ-M (1) from COIN-M (2) and was absent before June 2026."""

    symbol: Name
    event_time_ms: Instant
    mark_price: Finite
    index_price: Finite | None = None
    funding_rate: Finite | None
    next_funding_time_ms: Instant
    margin: int = 0


class TickerRow(
    Ticker,
    frozen=True,
    gc=False,
    kw_only=True,
    tag_field="e",
    tag="24hrTicker",
    rename={
        "symbol": "s",
        "event_time_ms": "E",
        "last_price": "c",
        "price_change_pct_24h": "P",
        "quote_volume_24h": "q",
        "margin": "st",
    },
):
    """A `24hrTicker` row, of which `p`, the price change, is not read at all."""

    symbol: Name
    event_time_ms: Instant
    last_price: Finite
    price_change_pct_24h: Finite
    quote_volume_24h: Finite
    margin: int = 0


class Frame(NamedTuple):
    """What one frame told: rows by event type, how many did not decode, and the other event it may have been."""

    mark_prices: list[MarkPrice]
    tickers: list[Ticker]
    rejected: int = 0
    problem: str = ""
    """What is wrong with the first rejected row."""
    notice: str = ""
    """The type of an event that is not a row, such as serverShutdown."""


class _Envelope(Struct):
    stream: str
    data: list[MarkPriceRow | TickerRow]


class _Wrapped(Struct):
    e: str


_decode_envelope = msgspec.json.Decoder(_Envelope, strict=False).decode
_decode_outline: Callable[[Raw], dict[str, Raw] | list[Raw]] = msgspec.json.Decoder(dict[str, Raw] | list[Raw]).decode
_decode_event: Callable[[Raw], str | _Wrapped] = msgspec.json.Decoder(str | _Wrapped).decode
_decode_json = msgspec.json.Decoder().decode

_UNDECODABLE = (MsgspecError, ValueError, RecursionError)
"""What decoding a stranger's bytes raises: ValueError for broken UTF-8, RecursionError for endless nesting."""


def parse_frame(content: bytes) -> Frame:
    """Return what a frame of the market stream told. Raises Malformed when it is not JSON at all."""
    try:
        rows = _decode_envelope(content).data
    except _UNDECODABLE:
        return _parse_slowly(content)
    return _sorted_out(rows, 0, "")


def _sorted_out(rows: list[MarkPriceRow | TickerRow], rejected: int, problem: str) -> Frame:
    mark_prices: list[MarkPrice] = []
    tickers: list[Ticker] = []
    for row in rows:
        if row.margin == COIN_M or (not row.margin and COIN_MARGINED.search(row.symbol)):
            continue
        if type(row) is MarkPriceRow:
            mark_prices.append(row)
        else:
            tickers.append(row)  # type: ignore[arg-type]
    return Frame(mark_prices, tickers, rejected, problem)


def _parse_slowly(content: bytes) -> Frame:
    """Read a frame part by part: a row that does not decode, for whatever reason, costs only itself."""
    part = Raw(content)
    outline = _outline(part, content)
    if isinstance(outline, dict) and "data" in outline:
        part = outline["data"]
        outline = _outline(part, content)
    if isinstance(outline, list):
        return _parse_rows(outline)
    event = _event_type(outline)
    return _parse_rows([part]) if event in _ROWS else Frame([], [], notice=event)


def _outline(part: Raw, content: bytes) -> dict[str, Raw] | list[Raw]:
    try:
        return _decode_outline(part)
    except ValidationError:
        raise Malformed(f"neither rows nor an event: {content[:60]!r}") from None
    except _UNDECODABLE as error:
        raise Malformed(f"not JSON ({error}): {content[:60]!r}") from None


def _event_type(outline: dict[str, Raw]) -> str:
    """Return the type of an event, or of the one inside `event`; nothing for an answer such as an ACK."""
    try:
        event = _decode_event(outline.get("e", outline.get("event", Raw(b"null"))))
    except _UNDECODABLE:
        return ""
    return event if isinstance(event, str) else event.e


def _parse_rows(parts: list[Raw]) -> Frame:
    rows: list[MarkPriceRow | TickerRow] = []
    rejected, problem = 0, ""
    for part in parts:
        item: object = None
        try:
            item = _decode_json(part)
            rows.append(_parse_row(item))
        except _UNDECODABLE as error:
            rejected += 1
            problem = problem or f"{_symbol_of(item)}: {error}"
    return _sorted_out(rows, rejected, problem)


FUNDING_ALIASES = ("r", "R", "fr", "lastFundingRate", "fundingRate", "estimatedSettlePriceRate")
MARK_ALIASES = ("p", "markPrice")


def _mark_price_row(item: dict[str, Any]) -> MarkPriceRow:
    rate = next((item[key] for key in FUNDING_ALIASES if key in item), None)
    mark = next((item[key] for key in MARK_ALIASES if key in item), None)
    index = item.get("i")
    normalised = {**item, "r": None if rate == "" else rate, "p": mark, "i": None if index == "" else index}
    return msgspec.convert(normalised, MarkPriceRow, strict=False)


def _ticker_row(item: dict[str, Any]) -> TickerRow:
    return msgspec.convert(item, TickerRow, strict=False)


_ROWS: Mapping[str, Callable[[dict[str, Any]], MarkPriceRow | TickerRow]] = {
    "markPriceUpdate": _mark_price_row,
    "24hrTicker": _ticker_row,
}


def _parse_row(item: object) -> MarkPriceRow | TickerRow:
    if not isinstance(item, dict):
        raise ValidationError(f"a row is an object, not {type(item).__name__}")
    event = item.get("e")
    if not isinstance(event, str) or event not in _ROWS:
        raise ValidationError(f"event type {event!r} is not known")
    return _ROWS[event](item)


def _symbol_of(item: object) -> str:
    symbol = item.get("s") if isinstance(item, dict) else None
    return symbol[:64] if isinstance(symbol, str) else "a row without a symbol"


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
    except _UNDECODABLE as error:
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
    except _UNDECODABLE as error:
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
    except _UNDECODABLE as error:
        raise Malformed(f"not a time answer ({error}): {content[:60]!r}") from None


def parse_error(content: bytes) -> ErrorBody | None:
    """Return Binance's own error, or None when the body is something else, such as a firewall's HTML."""
    try:
        return msgspec.json.decode(content, type=ErrorBody)
    except _UNDECODABLE:
        return None


def _rows_of(content: bytes) -> list[Raw]:
    text = content.lstrip()
    try:
        if text.startswith(b"{"):
            return [msgspec.json.decode(text, type=Raw)]
        return msgspec.json.decode(text, type=list[Raw])
    except _UNDECODABLE as error:
        raise Malformed(f"neither a row nor a list of rows ({error}): {content[:60]!r}") from None


def _decoded(raw: list[Raw], kind: type[Row]) -> list[Row]:
    decode = msgspec.json.Decoder(kind, strict=False).decode
    rows = []
    for item in raw:
        try:
            rows.append(decode(item))
        except _UNDECODABLE:
            continue
    return rows

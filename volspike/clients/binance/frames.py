"""Frames of the market stream to the suite's nouns; pure.

Rows are told apart by their event type `e`, never by their keys: a 24hrTicker row has a `p` too, and it is the price
*change*. A frame is first read whole and typed, and row by row only when that fails.

Source: Binance USDⓈ-M Futures, "Mark Price Stream for All market", "All Market Tickers Streams", as documented in late
2026; `st` (1 USDⓈ-M, 2 COIN-M) from live captures.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, ValidationError

from volspike.clients.binance.wire import UNDECODABLE, Finite, Instant, Malformed, Name
from volspike.model.market import MarkPrice, Ticker
from volspike.rules.funding import COIN_MARGINED

COIN_M = 2


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


def parse_frame(content: bytes) -> Frame:
    """Return what a frame of the market stream told. Raises Malformed when it is not JSON at all."""
    try:
        rows = _decode_envelope(content).data
    except UNDECODABLE:
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
    except UNDECODABLE as error:
        raise Malformed(f"not JSON ({error}): {content[:60]!r}") from None


def _event_type(outline: dict[str, Raw]) -> str:
    """Return the type of an event, or of the one inside `event`; nothing for an answer such as an ACK."""
    try:
        event = _decode_event(outline.get("e", outline.get("event", Raw(b"null"))))
    except UNDECODABLE:
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
        except UNDECODABLE as error:
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

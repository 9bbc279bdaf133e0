"""Values that many tests start from; each test names only what it is about."""

from collections.abc import Mapping

from volspike.model.documents import VERSION, FundingDocument
from volspike.model.health import UnitState
from volspike.model.market import ConnectionStatus, FundingRow, MarkPrice, Ticker

NOW = 1_790_856_123.0
"""2026-10-01 12:02:03 UTC."""
DUE_MS = 1_790_870_400_000
"""The next funding."""


def mark_price(
    symbol: str = "BTCUSDT",
    at_ms: int = int(NOW * 1000),
    mark: float = 91725.878,
    *,
    rate: float | None = 0.0001,
    due_ms: int = DUE_MS,
) -> MarkPrice:
    """Return a mark-price event."""
    return MarkPrice(symbol, at_ms, mark, mark + 44, rate, due_ms)


def ticker(symbol: str = "BTCUSDT", last: float = 91700.0, *, at_ms: int = int(NOW * 1000)) -> Ticker:
    """Return a 24-hour event."""
    return Ticker(symbol, at_ms, last, -4.65, 12e9)


def funding_row(updated_at: float = NOW, *, mark: float = 91725.878, rate: float | None = 0.0001) -> FundingRow:
    """Return what is known of one symbol."""
    return FundingRow(rate, mark, mark + 44, DUE_MS if rate is not None else 0, updated_at)


def funding_document(
    rows: Mapping[str, FundingRow] | None = None, *, connected: bool = True, attempts: int = 0, now: float = NOW
) -> FundingDocument:
    """Return the content of a funding file."""
    rows = {"BTCUSDT": funding_row(now)} if rows is None else rows
    status = ConnectionStatus(connected, now - 300, attempts, 12960, 20, now, symbol_count=len(rows))
    return FundingDocument(VERSION, dict(rows), status, now, 4711)


def unit_state(
    daemon: str = "funding-ws",
    unit: str = "binance-funding-ws.service",
    active_state: str = "active",
    *,
    enabled: bool = True,
    sub_state: str = "running",
    result: str = "success",
    exit_status: int = 0,
    main_pid: int = 4711,
    since: float | None = NOW - 3600,
) -> UnitState:
    """Return what systemd says about a unit."""
    return UnitState(
        daemon, unit, enabled, active_state, sub_state, result, exit_status, main_pid, since, 30_000_000, "working"
    )

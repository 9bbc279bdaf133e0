"""What the state files hold. Every one carries a version; a reader refuses a version it does not know."""

from msgspec import Struct

from volspike.model.market import ConnectionStatus, FundingRow, TickerRow

VERSION = 1


class FundingDocument(Struct, frozen=True):
    """`.funding_state.json`: mark prices and funding by symbol, and the state of the stream."""

    version: int
    funding_state: dict[str, FundingRow]
    connection_status: ConnectionStatus
    updated_at: float
    daemon_pid: int


class TickerDocument(Struct, frozen=True):
    """`.ticker_state.json`: 24-hour statistics by symbol."""

    version: int
    tickers: dict[str, TickerRow]
    updated_at: float


class Heartbeat(Struct, frozen=True):
    """`.heartbeat/<daemon>.json`: when a daemon last did something, what, and when it promises the next sign."""

    version: int
    daemon: str
    pid: int
    started_at: float
    at: float
    status: str
    next_due: float


class Maintenance(Struct, frozen=True):
    """`.maintenance.json`: until when the operator wants no repairs."""

    version: int
    until: float


class Ban(Struct, frozen=True):
    """`ban.json`: until when Binance has told the monitor to keep away."""

    version: int
    until: float

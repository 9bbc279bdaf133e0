"""Market data as the suite speaks of it.

Prices are in the quote asset, funding rates are fractions (0.0001 is 0.01 %), instants are epoch seconds unless
the name says ms. Field names in state files are the camelCase forms that operators' scripts know.
"""

from msgspec import Struct, field


class MarkPrice(Struct, frozen=True, gc=False):
    """One symbol's mark price and funding estimate at one instant of the exchange."""

    symbol: str
    event_time_ms: int
    mark_price: float
    index_price: float | None
    funding_rate: float | None
    next_funding_time_ms: int


class Ticker(Struct, frozen=True, gc=False):
    """One symbol's rolling 24-hour statistics; the change is in percent, as the exchange gives it."""

    symbol: str
    event_time_ms: int
    last_price: float
    price_change_pct_24h: float
    quote_volume_24h: float


class FundingRow(Struct, frozen=True, gc=False, rename="camel"):
    """What is known of one symbol's funding.

    `next_funding_time` is in ms, 0 for contracts that have no funding; `updated_at` is when this symbol's own row
    was received.
    """

    funding_rate: float | None
    mark_price: float
    index_price: float | None
    next_funding_time: int
    updated_at: float


class TickerRow(Struct, frozen=True, gc=False, rename="camel"):
    """What is known of one symbol's last 24 hours; `updated_at` is when its own row was received."""

    last_price: float
    price_change_pct_24h: float = field(name="priceChangePct24h")  # msgspec's camel case would say 24H
    quote_volume_24h: float = field(name="quoteVolume24h")
    updated_at: float


class ConnectionStatus(Struct, frozen=True):
    """The life of the market stream, as the state file tells it.

    `last_message_monotonic` is the instant of `last_message_time` by a clock of the machine that no step can move.
    """

    connected: bool = False
    last_connected_time: float | None = None
    reconnect_attempts: int = 0
    messages_received: int = 0
    frames_received: int = 0
    last_message_time: float | None = None
    last_message_monotonic: float | None = None
    symbol_count: int = field(name="symbolCount", default=0)


class PremiumIndex(Struct, frozen=True, gc=False):
    """Mark price and funding of one symbol as REST answers them."""

    symbol: str
    mark_price: float
    funding_rate: float | None
    next_funding_time_ms: int


class Candle(Struct, frozen=True, gc=False):
    """One hour of one symbol, as much of it as the rules ask for; `quote_volume` is in the quote asset (USDT).

    A demo's proposal for a newcomer asks for minutes of the same shape.
    """

    open_time_ms: int
    open: float
    close: float
    quote_volume: float


class OpenInterestSample(Struct, frozen=True, gc=False):
    """One symbol's open interest at one instant, in contracts, which on USDⓈ-M are units of the base asset.

    Mark price and funding rate are those of the same instant; None is unknown.
    """

    symbol: str
    at: float
    open_interest: float
    mark_price: float | None = None
    funding_rate: float | None = None


class OpenInterestRow(Struct, frozen=True, gc=False, omit_defaults=True):
    """What is known of one symbol's open interest, in contracts; `updated_at` is when it was asked for.

    The changes are those that the alerts of these timeframes judge, as fractions; None where there is no baseline.
    """

    open_interest: float = field(name="openInterest")
    updated_at: float = field(name="updatedAt")
    change_5min: float | None = field(name="change5min", default=None)
    change_15min: float | None = field(name="change15min", default=None)
    change_1h: float | None = field(name="change1h", default=None)


class HourVolume(Struct, frozen=True, gc=False, array_like=True):
    """The volume of one hour in the quote asset, as far as it has come; `start` is in epoch seconds."""

    start: int
    quote_volume: float


class VolumeRow(Struct, frozen=True, gc=False, rename="camel"):
    """The volume of one symbol's last hours, oldest first; `updated_at` is when they were asked for."""

    hours: tuple[HourVolume, ...]
    updated_at: float


class Contract(Struct, frozen=True, gc=False):
    """One listed contract. Status and type are open sets: new values appear without notice."""

    symbol: str
    contract_type: str
    status: str
    quote_asset: str


def is_tradable_perpetual(contract: Contract) -> bool:
    """Tell whether a contract belongs to the suite's universe: a trading perpetual that is quoted in USDT."""
    return (contract.contract_type, contract.quote_asset, contract.status) == ("PERPETUAL", "USDT", "TRADING")


def asset_of(symbol: str) -> str:
    """Return the asset that people say instead of the symbol, which is the symbol without its suffix USDT."""
    return symbol.removesuffix("USDT")


def market_symbol(symbol: str) -> str:
    """Return the symbol of the market that a user's alert means: an old one names the asset alone (BTC).

    `BTC/USDT` is BTCUSDT, and a dated contract (BTCUSDT_261225) has all of its name.
    """
    name = symbol.upper().replace("/", "")
    return name if "_" in name else f"{asset_of(name)}USDT"

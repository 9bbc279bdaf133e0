"""The liquid universe: the symbols whose open interest is polled."""

from datetime import datetime

from msgspec import Struct, field


class Member(Struct, frozen=True, gc=False, rename="camel"):
    """A symbol of the universe as the suite remembers it; volume in USDT, times in epoch seconds."""

    quote_volume_24h: float = field(name="quoteVolume24h")  # msgspec's camel case would say 24H
    entered_at: float
    last_seen_at: float


class UniverseRow(Struct, frozen=True, rename="camel"):
    """A symbol of the universe as the backend takes it: `entered_at` is given for a new one and null for the others."""

    symbol: str
    quote_volume_24h: float = field(name="quoteVolume24h")
    entered_at: datetime | None
    last_seen_at: datetime

"""What an assistant is answered: typed, with the unit in each name, and never without its age.

Fractions are of 1 (0.01 is 1 %), instants ISO 8601 in UTC. What is not known is null; what is too old to count as the
present says so in `is_stale`.
"""

from pydantic import BaseModel, Field


class Funding(BaseModel):
    """Funding of one symbol."""

    symbol: str
    mark_price_in_quote_asset: float = Field(description="USDT for BTCUSDT, USDC for BTCUSDC, BTC for ETHBTC.")
    funding_rate_fraction: float | None = Field(description="Of the next funding; positive: longs pay shorts.")
    funding_interval_hours: int | None = Field(description="Hours between two fundings of this symbol.")
    annualised_funding_fraction: float | None = Field(description="This rate for a year, nothing compounded.")
    next_funding_at: str | None
    age_seconds: float = Field(description="How long ago this was received.")
    is_stale: bool = Field(description="Too old to count as the present: do not use it as such.")


class FundingList(BaseModel):
    """Fundings in an order, of those symbols whose rate is fresh."""

    as_of: str
    fundings: list[Funding]
    symbols_with_fresh_funding: int
    note: str = Field(description="What to know of these data before using them; empty when all is well.")


class OpenInterest(BaseModel):
    """Open interest of one symbol, and by how much it has moved."""

    symbol: str
    open_interest_contracts: float = Field(description="In units of the base asset.")
    open_interest_usdt: float | None = Field(description="At the mark price.")
    change_5min_fraction: float | None
    change_15min_fraction: float | None
    change_1h_fraction: float | None
    age_seconds: float
    is_stale: bool


class OpenInterestList(BaseModel):
    """Open interests in an order, of those symbols whose value is fresh."""

    as_of: str
    open_interests: list[OpenInterest]
    symbols_with_fresh_open_interest: int
    note: str = Field(description="What to know of these data before using them; empty when all is well.")


class Alert(BaseModel):
    """One alert that the suite has told."""

    at: str
    kind: str
    symbol: str
    text: str
    key: str = Field(description="Names the episode, such as volume:BTCUSDT:2026-01-02T14:SPIKE.")


class AlertList(BaseModel):
    """Alerts, the newest first."""

    as_of: str
    alerts: list[Alert]
    more_match: bool = Field(description="Whether there are older ones that match, beyond the number asked for.")
    note: str


class Daemon(BaseModel):
    """One daemon of the suite."""

    name: str
    does: str
    state: str = Field(description="In systemd's words, such as active or failed; unknown if nobody can say.")
    last_status: str
    last_sign_of_life_seconds_ago: float | None
    is_overdue: bool = Field(description="Whether its next sign of life is late; jobs of timers rest for long.")
    memory_bytes: int | None


class Destination(BaseModel):
    """How deliveries to one destination stand."""

    name: str
    waiting: int
    oldest_waiting_seconds: float | None = Field(description="Quiet hours do not count.")
    quiet_until: str | None = Field(description="Alerts for people wait until then; null outside of quiet hours.")
    delivered_24h: int
    refused_24h: int
    expired_24h: int
    paused_because: str


class Health(BaseModel):
    """The suite's own condition."""

    as_of: str
    is_healthy: bool | None = Field(description="The monitor's last verdict; null before its first, or if it is stale.")
    verdict_age_seconds: float | None
    errors: list[str]
    warnings: list[str]
    emergency_stop: str = Field(description="Since when nothing is asked and nothing sent; empty if it is not so.")
    daemons: list[Daemon]
    destinations: list[Destination]
    destinations_age_seconds: float | None = Field(description="How long ago the courier told them; it does every 5 s.")
    muted_symbols: list[str]
    binance_weight_used_this_minute: int | None
    binance_shut_out_until: str | None

"""The alert that a demo proposes to a newcomer: one that fires while they watch."""

from collections.abc import Sequence

from volspike.clients.errors import Permanent, Transient
from volspike.model.market import Candle
from volspike.settings import Settings

SYMBOL = "BTCUSDT"
ANY_PRICE = "65000"
"""Proposed where the present price is not known."""
MINUTE = "1m"
AHEAD_SECONDS = 120.0
LEAST_SHARE = 0.0001
TIMEOUT_SECONDS = (1.0, 1.0)
"""The supervisor of all daemons waits for it."""


def price(settings: Settings) -> str:
    """Return a price that the demo's exchange is about to reach, if it goes on as it does."""
    from volspike.clients.binance.rest import Rest

    try:
        exchange = Rest(settings.binance_rest_url, settings.clock, account=None, timeout=TIMEOUT_SECONDS)
        minutes = exchange.candles(SYMBOL, 2, MINUTE)
    except (Transient, Permanent):
        return ANY_PRICE
    return f"{ahead(minutes, settings.clock.now()):.0f}" if minutes else ANY_PRICE


def ahead(minutes: Sequence[Candle], now: float) -> float:
    """Return where the price will be in two minutes, and no nearer than a hair: minutes on one side of it fire nothing.

    In a demo the price goes straight for many minutes, so that one just beside the present price is soon left behind,
    before anybody has typed it.
    """
    begun, present = minutes[0], minutes[-1].close
    per_second = (present - begun.open) / max(now - begun.open_time_ms / 1000, 1.0)
    hair = present * LEAST_SHARE
    way = per_second * AHEAD_SECONDS
    return present + (min(way, -hair) if way < 0 else max(way, hair))

"""The alert that is proposed to a newcomer: one that may fire while they watch."""

from collections.abc import Sequence

from volspike.clients.errors import Permanent, Transient
from volspike.model.documents import FundingDocument
from volspike.model.market import Candle
from volspike.rules import funding
from volspike.rules.funding import Quote
from volspike.settings import Settings
from volspike.state import documents

SYMBOL = "BTCUSDT"
UNKNOWN = "PRICE"
"""What stands for it where the present price is not known."""
ABOVE_SHARE = 0.001
"""How far above the mark price: Bitcoin goes that far within minutes, and not before the command is typed."""
MINUTE = "1m"
AHEAD_SECONDS = 120.0
LEAST_SHARE = 0.0001
TIMEOUT_SECONDS = (1.0, 1.0)
"""The supervisor of all daemons waits for it."""


def price(settings: Settings, *, simulated: bool) -> str:
    """Return a price that may soon be reached: in a demo the one to which the exchange goes, else one nearby."""
    found = _of_demo(settings) if simulated else _nearby(settings)
    return UNKNOWN if found is None else f"{found:.0f}"


def _nearby(settings: Settings) -> float | None:
    """Return a price just above the mark price that the feed has told of; Binance is not asked for it."""
    document = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument).read()
    if document is None:
        return None
    quote = funding.quote(funding.view(document), SYMBOL, settings.clock.now())
    return quote.mark_price * (1 + ABOVE_SHARE) if isinstance(quote, Quote) else None


def _of_demo(settings: Settings) -> float | None:
    """Return a price that the demo's exchange is about to reach, if it goes on as it does."""
    from volspike.clients.binance.rest import Rest

    try:
        exchange = Rest(settings.binance_rest_url, settings.clock, account=None, timeout=TIMEOUT_SECONDS)
        minutes = exchange.candles(SYMBOL, 2, MINUTE)
    except (Transient, Permanent):
        return None
    return ahead(minutes, settings.clock.now()) if minutes else None


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

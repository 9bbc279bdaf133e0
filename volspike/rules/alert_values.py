"""Which values of the market user alerts watch, each in the unit of its type."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from volspike.model.alerts import UserAlert, UserAlertType
from volspike.model.market import market_symbol


class Needs(Struct, frozen=True):
    """The symbols of which some alerts want to know something; open interest in USD takes the last price too."""

    last_prices: frozenset[str]
    funding_rates: frozenset[str]
    open_interest: frozenset[str]

    @property
    def symbols(self) -> frozenset[str]:
        """Return all of them."""
        return self.last_prices | self.funding_rates | self.open_interest


class Market(Struct, frozen=True):
    """What is known at one instant, by symbol: prices in USDT, rates as fractions, open interest in contracts."""

    last_prices: Mapping[str, float] = {}
    funding_rates: Mapping[str, float] = {}
    open_interest: Mapping[str, float] = {}


def needs(alerts: Iterable[UserAlert]) -> Needs:
    """Return what has to be known to check these alerts, and no more."""
    wanted: dict[UserAlertType, set[str]] = {kind: set() for kind in UserAlertType}
    for alert in alerts:
        wanted[alert.alert_type].add(alert.symbol)
    markets = {kind: frozenset(map(market_symbol, symbols)) for kind, symbols in wanted.items()}
    open_interest = markets[UserAlertType.OI_CROSS]
    prices = markets[UserAlertType.PRICE_CROSS] | open_interest
    return Needs(prices, markets[UserAlertType.FUNDING_CROSS], open_interest)


def known(market: Market, alerts: Iterable[UserAlert]) -> tuple[list[tuple[UserAlert, float]], list[UserAlert]]:
    """Return the alerts each with the value it watches, and those of which it is not known."""
    valued: list[tuple[UserAlert, float]] = []
    valueless: list[UserAlert] = []
    for alert in alerts:
        watched = value(market, alert)
        if watched is None:
            valueless.append(alert)
        else:
            valued.append((alert, watched))
    return valued, valueless


def value(market: Market, alert: UserAlert) -> float | None:
    """Return the value that an alert watches; None when it is not known."""
    symbol = market_symbol(alert.symbol)
    if alert.alert_type is UserAlertType.FUNDING_CROSS:
        return market.funding_rates.get(symbol)
    price = market.last_prices.get(symbol)
    if alert.alert_type is UserAlertType.PRICE_CROSS or price is None:
        return price
    contracts = market.open_interest.get(symbol)
    return None if contracts is None else contracts * price

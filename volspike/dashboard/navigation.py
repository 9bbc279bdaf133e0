"""The pages that one can go to, in their order."""

from typing import NamedTuple


class Page(NamedTuple):
    """A page: where it is, what it is called, and its picture among the Material icons."""

    path: str
    title: str
    icon: str


MARKET = Page("/", "Market", "candlestick_chart")
SYMBOL = Page("/symbol/{symbol}", "Symbol", "show_chart")
ALERTS = Page("/alerts", "Alerts", "notifications")
MY_ALERTS = Page("/my-alerts", "My alerts", "add_alert")
HEALTH = Page("/health", "Health", "monitor_heart")
NEWS = Page("/news", "News", "newspaper")
NOT_FOUND = Page("", "Not found", "explore_off")

NAVIGATION = (MARKET, ALERTS, MY_ALERTS, HEALTH, NEWS)

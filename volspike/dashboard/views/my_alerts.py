"""The rows of the My alerts page, and what of them has changed."""

from collections.abc import Mapping
from typing import NamedTuple, TypedDict

from volspike.clients.backend.wire import OwnAlert
from volspike.dashboard.views.words import age
from volspike.model.alerts import UserAlertType
from volspike.readers.user_alerts import Look
from volspike.rules import alert_text, alert_values
from volspike.rules.alert_values import Market
from volspike.rules.thresholds import TYPES, WORDS, Watched

TITLES = {Watched.PRICE: "Price", Watched.FUNDING: "Funding", Watched.OPEN_INTEREST: "Open interest"}
EXAMPLES = {
    Watched.PRICE: "in USDT, such as 65,000",
    Watched.FUNDING: "such as 0.01% or -0.0001",
    Watched.OPEN_INTEREST: "in USD, such as 5e9",
}


class Row(TypedDict):
    """One alert as the table shows it; the names are short for the wire."""

    id: str
    s: str
    """Symbol."""
    w: str
    """What is watched."""
    h: str
    """The threshold, with its unit."""
    n: str
    """The value now, in the unit of the threshold."""
    d: float | None
    """How far the value has to go to the threshold, as a share of it; None where one is unknown or 0."""
    c: str
    """The value that was looked at last, and how long ago."""
    e: str
    """Whether it is armed, or how long ago it fired."""
    fired: bool


class Change(NamedTuple):
    """What has to be done to a table that shows other rows."""

    changed: list[Row]
    removed: list[Row]


def rows(look: Look) -> dict[str, Row]:
    """Return the row of each alert by its id."""
    return {alert.id: row(alert, look.market, look.at) for alert in look.alerts}


def row(alert: OwnAlert, market: Market, now: float) -> Row:
    """Return the row of an alert; `now` is epoch seconds."""
    present = alert_values.value(market, alert)
    return Row(
        id=alert.id,
        s=alert.symbol,
        w=TITLES[WORDS[alert.alert_type]],
        h=alert_text.with_unit(alert.alert_type, alert.threshold),
        n="–" if present is None else alert_text.watched(alert.alert_type, present),
        d=alert.threshold / present - 1 if present and alert.alert_type is not UserAlertType.FUNDING_CROSS else None,
        c=_checked(alert, now),
        e=_state(alert, now),
        fired=not alert.active,
    )


def change(shown: Mapping[str, Row], wanted: Mapping[str, Row]) -> Change:
    """Return what differs: new and other rows, and those that are there no more."""
    return Change(
        [made for name, made in wanted.items() if shown.get(name) != made],
        [made for name, made in shown.items() if name not in wanted],
    )


def hint(market: Market, symbol: str, watched: Watched) -> str:
    """Return what is known of the value that somebody thinks of watching, and how its threshold is written."""
    kind = TYPES[watched]
    alert = OwnAlert("", symbol.strip(), kind, 0.0, active=True)
    present = alert_values.value(market, alert) if alert.symbol else None
    now = "" if present is None else f" · now {alert_text.with_unit(kind, present)}"
    return f"{TITLES[watched]} {EXAMPLES[watched]}{now}"


def _checked(alert: OwnAlert, now: float) -> str:
    if alert.last_checked_value is None or alert.last_checked_at is None:
        return "–"
    value = alert_text.watched(alert.alert_type, alert.last_checked_value)
    return f"{value}, {age(now - alert.last_checked_at.timestamp())} ago"


def _state(alert: OwnAlert, now: float) -> str:
    if alert.active:
        return "armed"
    return f"fired {age(now - alert.fired_at.timestamp())} ago" if alert.fired_at else "fired"

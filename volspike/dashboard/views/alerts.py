"""The rows of the Alerts page: what is looked for, what of it is shown, and all of it as a file."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, TypedDict

from volspike.model.delivery import Kind
from volspike.readers.alerts import Alert, Alerts

MOST_ROWS = 1000
TITLES = {
    Kind.VOLUME: "Volume",
    Kind.OPEN_INTEREST: "Open interest",
    Kind.TRIGGER: "User alert",
    Kind.HEALTH: "Health",
}
HOUR_SECONDS = 3600
SPANS = {1: "last hour", 6: "last 6 hours", 24: "last 24 hours", 0: "all that is kept"}
"""By hours; 0 is without an end."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = (
    "time_utc", "kind", "symbol", "text", "volume_ratio", "volume_usdt", "open_interest_change", "timeframe",
    "price_usdt", "price_change", "funding_rate", "open_interest_change_in_hour", "key",
)  # fmt: skip


class Row(TypedDict):
    """One alert as the table shows it; the names are short for the wire, and what is unknown is None."""

    id: str
    t: float
    """When it happened, epoch seconds."""
    k: str
    """Its kind."""
    s: str
    """Symbol; empty where it concerns none."""
    x: str
    """What it says."""
    z: float | None
    """How strong it is: the multiple of the volume, or the share by which open interest moved."""
    p: float | None
    """Change of the price."""
    f: float | None
    """Funding rate."""
    o: float | None
    """Change of open interest within the hour."""


class Wanted(NamedTuple):
    """What somebody looks for: these kinds, or all; a part of a symbol's name; at most so many hours old, or any."""

    kinds: frozenset[Kind] = frozenset()
    name: str = ""
    hours: int = 0

    def found(self, alerts: Alerts, now: float) -> Iterator[Alert]:
        """Yield the alerts that are looked for, newest first; `now` is epoch seconds."""
        name = self.name.strip().upper().replace("/", "")
        since = now - self.hours * HOUR_SECONDS if self.hours else 0.0
        return (alert for alert in alerts.chosen(kinds=self.kinds, since=since) if name in alert.symbol)


class Change(NamedTuple):
    """What has to be done to a table that shows other rows: put these on top, take these away."""

    added: list[Row]
    removed: list[Row]


def wanted(symbol: str, kind: str, hours: str) -> Wanted:
    """Return what an address asks for; what it cannot mean counts as nothing asked."""
    kinds = frozenset(known for known in TITLES if known.value == kind)
    return Wanted(kinds, symbol, next((span for span in SPANS if str(span) == hours), 0))


def row(alert: Alert) -> Row:
    """Return the row of an alert."""
    figures = alert.figures
    strength = figures.volume_ratio if alert.kind is Kind.VOLUME else figures.pct_change
    return Row(
        id=alert.key,
        t=alert.at,
        k=alert.kind.value,
        s=alert.symbol,
        x=alert.text,
        z=strength,
        p=figures.price_change,
        f=figures.funding_rate,
        o=figures.oi_change,
    )


def change(shown: dict[str, Row], wanted: dict[str, Row]) -> Change:
    """Return how the rows that are shown become those that are wanted, where only new ones come on top."""
    return Change(
        [made for name, made in wanted.items() if name not in shown],
        [made for name, made in shown.items() if name not in wanted],
    )


def count(shown: int, found: int) -> str:
    """Return how many there are, in words."""
    if found == 0:
        return "No such alerts yet"
    alerts = f"{found:,} {'alert' if found == 1 else 'alerts'}"
    return alerts if shown == found else f"{alerts}, the newest {shown:,} shown"


def table(alerts: Iterable[Alert]) -> bytes:
    """Return alerts as a CSV file: changes and rates are fractions, what is unknown is nothing.

    Times are UTC, in the form that every spreadsheet takes for a time; with a `T` and a `Z` Excel takes it for a text.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    for alert in alerts:
        figures = alert.figures
        writer.writerow(
            [
                f"{datetime.fromtimestamp(alert.at, UTC):%Y-%m-%d %H:%M:%S}",
                alert.kind.value,
                _harmless(alert.symbol),
                _harmless(alert.text),
                figures.volume_ratio,
                figures.current_volume,
                figures.pct_change,
                figures.timeframe,
                figures.price,
                figures.price_change,
                figures.funding_rate,
                figures.oi_change,
                _harmless(alert.key),
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: names come from strangers."""
    return f"'{text}" if text.startswith(_FORMULA) else text

"""The alerts that were read, as answers."""

from collections.abc import Iterator
from itertools import islice

from volspike.assistant import answers
from volspike.assistant.words import instant, plain
from volspike.model.delivery import Kind
from volspike.model.market import asset_of, market_symbol
from volspike.readers.alerts import Alert, Alerts

SECONDS_PER_HOUR = 3600


def latest(
    alerts: Alerts, now: float, *, kind: Kind | None, symbol: str, hours: float, count: int
) -> answers.AlertList:
    """Return the newest alerts that match; an empty symbol matches all."""
    found = _chosen(alerts, kind, symbol, now - hours * SECONDS_PER_HOUR)
    chosen = list(islice(found, count + 1))
    return answers.AlertList(
        as_of=instant(now),
        alerts=[_answer(alert) for alert in chosen[:count]],
        more_match=len(chosen) > count,
        note=f"newer alerts may be missing: {plain(alerts.problem)}" if alerts.problem else "",
    )


def _chosen(alerts: Alerts, kind: Kind | None, symbol: str, since: float) -> Iterator[Alert]:
    name = symbol.strip()
    symbols = {name.upper(), market_symbol(name), asset_of(name.upper())} if name else set()
    return alerts.chosen(kinds=[kind] if kind else (), symbols=symbols, since=since)


def _answer(alert: Alert) -> answers.Alert:
    return answers.Alert(
        at=instant(alert.at), kind=alert.kind, symbol=alert.symbol, text=plain(alert.text), key=plain(alert.key)
    )

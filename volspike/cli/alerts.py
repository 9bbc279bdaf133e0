"""`volspike alerts`: the thresholds that you want to be told of, kept by the embedded backend of this machine."""

import math
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from msgspec.structs import replace
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from volspike.cli import suite
from volspike.cli.tables import duration
from volspike.clients.backend.wire import OwnAlert
from volspike.clients.errors import Misdirected, Permanent, Transient
from volspike.model.alerts import UserAlertType
from volspike.model.documents import FundingDocument
from volspike.model.market import market_symbol
from volspike.rules import alert_text, alert_values
from volspike.rules.alert_values import Market
from volspike.settings import Settings, is_embedded
from volspike.state import documents

if TYPE_CHECKING:
    from volspike.clients.backend.owner import Owner

USAGE_ERROR = 2
MAX_FUNDING_RATE = 0.1
"""Beyond what any exchange has ever charged: somebody meant percent."""
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


class Watched(StrEnum):
    """What an alert watches, in the words of the command line."""

    PRICE = "price"
    FUNDING = "funding"
    OPEN_INTEREST = "oi"


TYPES = {
    Watched.PRICE: UserAlertType.PRICE_CROSS,
    Watched.FUNDING: UserAlertType.FUNDING_CROSS,
    Watched.OPEN_INTEREST: UserAlertType.OI_CROSS,
}
WORDS = {alert_type: watched.value for watched, alert_type in TYPES.items()}

alerts = typer.Typer(
    no_args_is_help=True, help="Be told when a price, a funding rate or open interest crosses a value."
)
AlertId = Annotated[str, typer.Argument(help="The alert, as `volspike alerts list` names it.", metavar="ID")]


@alerts.command(context_settings={"ignore_unknown_options": True})  # a funding rate may be negative
def add(
    symbol: Annotated[str, typer.Argument(help="Such as BTCUSDT, btc or BTC/USDT.")],
    watched: Annotated[Watched, typer.Argument(help="What shall cross the threshold.", case_sensitive=False)],
    threshold: Annotated[str, typer.Argument(help="A price in USDT, a rate (0.01% or 0.0001), or USD (5e9).")],
) -> None:
    """Set an alert: it fires once, when the value reaches the threshold from either side."""
    value = parse_threshold(watched, threshold)
    if value is None:
        suite.fail(f"threshold {threshold!r}: {_allowed(watched, threshold)}", USAGE_ERROR)
    with _owner() as (owner, settings):
        market = market_symbol(symbol)
        _refuse_unlisted(settings, market)
        alert = owner.add(market, TYPES[watched], value)
        present = alert_values.value(_market(settings), alert)
    now = "" if present is None else f" (now {alert_text.watched(alert.alert_type, present)})"
    sys.stdout.write(f"Alert {alert.id}: {alert.symbol} {watched.value} crosses {_shown(alert)}{now}.\n")


@alerts.command(name="list")
def list_alerts(
    as_json: Annotated[bool, typer.Option("--json", help="The alerts as one JSON list.")] = False,
) -> None:
    """Show all alerts, those that have fired among them."""
    with _owner() as (owner, settings):
        kept = sorted(owner.alerts(), key=lambda alert: (alert.symbol, alert.alert_type, alert.threshold, alert.id))
    if as_json:
        sys.stdout.write(msgspec.json.encode(kept).decode() + "\n")
    elif kept:
        Console(width=None if sys.stdout.isatty() else 120).print(_table(kept, settings.clock.now()))
    else:
        sys.stdout.write("No alerts yet. Set one: volspike alerts add BTCUSDT price 65000\n")


@alerts.command()
def rearm(alert_id: AlertId) -> None:
    """Arm an alert again; it starts without a past, so that it cannot fire at once."""
    with _owner() as (owner, _):
        alert = owner.rearm(alert_id)
    sys.stdout.write(f"Alert {alert.id} is armed: {alert.symbol} {WORDS[alert.alert_type]} crosses {_shown(alert)}.\n")


@alerts.command()
def remove(alert_id: AlertId) -> None:
    """Remove an alert."""
    with _owner() as (owner, _):
        owner.remove(alert_id)
    sys.stdout.write(f"Alert {alert_id} is removed.\n")


def parse_threshold(watched: Watched, text: str) -> float | None:
    """Return the threshold in the unit of what is watched; None for anything that cannot be one."""
    percent = watched is Watched.FUNDING and text.endswith("%")
    if _has_stray_comma(text):
        return None
    try:
        value = float(text.removesuffix("%") if percent else text.replace(",", ""))
    except ValueError:
        return None
    value = value / 100 if percent else value
    if watched is Watched.FUNDING:
        return value if abs(value) <= MAX_FUNDING_RATE else None
    return value if value > 0 and math.isfinite(value) else None


def _has_stray_comma(text: str) -> bool:
    """Tell whether a comma does anything but part thousands; in half of the world it begins the decimals."""
    return "," in text and not _THOUSANDS.fullmatch(text)


def _allowed(watched: Watched, text: str) -> str:
    if _has_stray_comma(text):
        return "a comma may only part thousands, as in 65,000.5; decimals begin with a point, as in 0.05"
    if watched is Watched.FUNDING:
        return "a funding rate is given as 0.01% or 0.0001, and at most 10% either way"
    return "must be a number above 0, in USDT" if watched is Watched.PRICE else "must be a number above 0, in USD"


@contextmanager
def _owner() -> Iterator[tuple["Owner", Settings]]:
    """Speak to the embedded backend of the suite that is meant; end the command in one line when that fails."""
    from volspike.clients.backend.owner import Owner

    suite.become_service_user()
    settings = suite.load_settings()
    if not is_embedded(settings.backend_url, settings.backend_port):
        suite.fail(f"your alerts are managed at {settings.backend_url}; this command is for the embedded backend")
    key = suite.backend_key(settings)
    if not key:
        suite.fail("the embedded backend has no key yet; start the suite first: volspike up")
    try:
        with Owner(settings.backend_url, key) as owner:
            yield owner, settings
    except Misdirected as error:
        suite.fail(f"{error}; is VOLSPIKE_API_KEY the key of the backend at {settings.backend_url}?")
    except Transient as error:
        suite.fail(f"{error}; is the suite running? see volspike status")
    except Permanent as error:
        suite.fail(str(error))


def _refuse_unlisted(settings: Settings, market: str) -> None:
    """End the command when the funding feed knows what is listed, and this is not."""
    feed = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument).read()
    if feed is not None and feed.funding_state and market not in feed.funding_state:
        suite.fail(f"{market} is not listed: the funding feed knows {len(feed.funding_state)} symbols, not this one")


def _market(settings: Settings) -> Market:
    """Return what the files of this machine know of the present; another machine is not asked for this."""
    from volspike.daemons.feeds import Feeds

    feeds = Feeds(replace(settings, ws_funding_api_url=""), settings.clock)
    rates = {symbol: row.funding_rate for symbol, row in feeds.funding().items()}
    known = {symbol: rate for symbol, rate in rates.items() if rate is not None}
    return Market(feeds.last_prices() or {}, known, feeds.open_interest())


def _table(kept: list[OwnAlert], now: float) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("ID", "SYMBOL", "WATCHES"):
        table.add_column(column, no_wrap=True)
    for column in ("THRESHOLD", "LAST REPORTED"):
        table.add_column(column, no_wrap=True, justify="right")
    table.add_column("STATE", no_wrap=True)
    for alert in kept:
        table.add_row(
            escape(alert.id), escape(alert.symbol), WORDS[alert.alert_type], _shown(alert), _reported(alert, now),
            _state(alert, now),
        )  # fmt: skip
    return table


def _shown(alert: OwnAlert) -> str:
    return alert_text.with_unit(alert.alert_type, alert.threshold)


def _reported(alert: OwnAlert, now: float) -> str:
    if alert.last_checked_value is None or alert.last_checked_at is None:
        return "–"
    age = duration(now - alert.last_checked_at.timestamp())
    return f"{alert_text.with_unit(alert.alert_type, alert.last_checked_value)} {age} ago"


def _state(alert: OwnAlert, now: float) -> str:
    if alert.active:
        return "armed"
    return f"fired {duration(now - alert.fired_at.timestamp())} ago" if alert.fired_at else "fired"

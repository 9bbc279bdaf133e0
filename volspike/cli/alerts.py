"""`volspike alerts`: the thresholds that you want to be told of, kept by the embedded backend of this machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console

from volspike.cli import completions, example_alert, suite
from volspike.cli.listing import Column, Listing
from volspike.cli.manual import Command, CommandGroup
from volspike.cli.tables import duration
from volspike.clients.backend.wire import OwnAlert
from volspike.rules import alert_text
from volspike.rules.thresholds import WORDS, Watched
from volspike.settings import Settings

if TYPE_CHECKING:
    from volspike.readers.user_alerts import UserAlerts


alerts = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Be told when a price, a funding rate or open interest crosses a value.",
)
AlertId = Annotated[str, typer.Argument(help="The alert, as `volspike alerts list` names it.", metavar="ID")]


@alerts.command(cls=Command, context_settings={"ignore_unknown_options": True})  # a funding rate may be negative
def add(
    symbol: Annotated[
        str, typer.Argument(help="Such as BTCUSDT, btc or BTC/USDT.", autocompletion=completions.symbols)
    ],
    watched: Annotated[Watched, typer.Argument(help="What shall cross the threshold.", case_sensitive=False)],
    threshold: Annotated[str, typer.Argument(help="A price in USDT, a rate (0.01% or 0.0001), or USD (5e9).")],
) -> None:
    """Set an alert: it fires once, when the value reaches the threshold from either side."""
    with _user_alerts() as (kept, _):
        alert = kept.add(symbol, watched, threshold)
        present = kept.present(alert)
    now = "" if present is None else f" (now {alert_text.watched(alert.alert_type, present)})"
    sys.stdout.write(f"Alert {alert.id}: {alert.symbol} {watched.value} crosses {_shown(alert)}{now}.\n")


@alerts.command("list", cls=Command)
def list_alerts(
    as_json: Annotated[bool, typer.Option("--json", help="The alerts as one JSON list.")] = False,
) -> None:
    """Show all alerts, those that have fired among them."""
    with _user_alerts() as (user_alerts, settings):
        kept = user_alerts.all()
    if as_json:
        sys.stdout.write(msgspec.json.encode(kept).decode() + "\n")
    elif kept:
        listing(kept, settings.clock.now()).show(Console(highlight=False))
    else:
        near = example_alert.price(settings, simulated=False)
        sys.stdout.write(f"No alerts yet. Set one: volspike alerts add {example_alert.SYMBOL} price {near}\n")


@alerts.command(cls=Command)
def rearm(alert_id: AlertId) -> None:
    """Arm an alert again; it starts without a past, so that it cannot fire at once."""
    with _user_alerts() as (kept, _):
        alert = kept.rearm(alert_id)
    sys.stdout.write(f"Alert {alert.id} is armed: {alert.symbol} {WORDS[alert.alert_type]} crosses {_shown(alert)}.\n")


@alerts.command(cls=Command)
def remove(alert_id: AlertId) -> None:
    """Remove an alert."""
    with _user_alerts() as (kept, _):
        kept.remove(alert_id)
    sys.stdout.write(f"Alert {alert_id} is removed.\n")


@contextmanager
def _user_alerts() -> Iterator[tuple["UserAlerts", Settings]]:
    """Speak to the embedded backend of the suite that is meant; end the command in one line when that fails."""
    from volspike.readers.user_alerts import BadThreshold, NotListed, Unavailable, UserAlerts, are_kept_here

    suite.become_service_user()
    settings = suite.load_settings()
    if not are_kept_here(settings):
        suite.fail(f"your alerts are managed at {settings.backend_url}; this command is for the embedded backend")
    key = suite.backend_key(settings)
    if not key:
        suite.fail("the embedded backend has no key yet; start the suite first: volspike up")
    try:
        yield UserAlerts(settings, key), settings
    except BadThreshold as error:
        suite.fail(str(error), suite.EX_USAGE)
    except (NotListed, Unavailable) as error:
        suite.fail(str(error))


def listing(kept: list[OwnAlert], now: float) -> Listing:
    """Return alerts as rows for people."""
    rows = Listing(
        Column("ID"),
        Column("SYMBOL"),
        Column("WATCHES"),
        Column("THRESHOLD", "right"),
        Column("LAST REPORTED", "right", when_narrow="moves below"),
        Column("STATE"),
    )
    for alert in kept:
        watches, last = WORDS[alert.alert_type], _reported(alert, now)
        rows.add(alert.id, alert.symbol, watches, _shown(alert), last, _state(alert, now))
    return rows


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

"""`volspike mute` and `volspike unmute`: spare people the alerts of a symbol for a while."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from volspike.cli import completions, suite
from volspike.cli.ledger import instant
from volspike.cli.listing import Column, Listing
from volspike.cli.maintenance import A_DURATION, parse_duration
from volspike.cli.tables import left
from volspike.clients.errors import Transient
from volspike.delivery.mutes import Mutes
from volspike.model.documents import FundingDocument, Mute
from volspike.model.market import market_symbol
from volspike.settings import Settings
from volspike.state import documents


def mute(
    symbol: Annotated[str, typer.Argument(help="Such as BTCUSDT or BTC.", autocompletion=completions.symbols)] = "",
    duration: Annotated[str, typer.Argument(help="How long, such as 30m, 4h or 7d.", metavar="DURATION")] = "",
    *,
    listed: Annotated[bool, typer.Option("--list", help="List what is muted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The list as JSON, for machines.")] = False,
) -> None:
    """Tell people nothing of a symbol for so long; backends still get everything.

    What they are spared is in `volspike outbox list --state dropped`. It ends by itself, or by `volspike unmute`.
    """
    wants_list = listed or as_json
    if wants_list == bool(symbol) or bool(symbol) != bool(duration):
        suite.fail("give a symbol and how long, such as `volspike mute BTCUSDT 4h`, or --list", suite.EX_USAGE)
    mutes, settings = _opened()
    if wants_list:
        _show(mutes.in_force(), settings.clock.now(), as_json=as_json)
        return
    seconds = parse_duration(duration)
    if seconds is None:
        suite.fail(f"duration {duration!r}: must be {A_DURATION}", suite.EX_USAGE)
    name = market_symbol(symbol)
    _warn_if_unknown(name, settings)
    try:
        until = mutes.mute(name, float(seconds)).until
    except Transient as error:
        suite.fail(str(error))
    sys.stdout.write(f"People are told nothing of {name} until {instant(until)} UTC.\n")


def unmute(
    symbol: Annotated[str, typer.Argument(help="Such as BTCUSDT or BTC.", autocompletion=completions.symbols)],
) -> None:
    """Tell people of a symbol again. What they were spared meanwhile stays so; `volspike outbox retry ID` tells it."""
    mutes, _ = _opened()
    name = market_symbol(symbol)
    try:
        was_muted = mutes.unmute(name)
    except Transient as error:
        suite.fail(str(error))
    sys.stdout.write(f"{name} is told again.\n" if was_muted else f"{name} was not muted.\n")


def _opened() -> tuple[Mutes, Settings]:
    suite.become_service_user()
    settings = suite.load_places()
    if suite.nothing_runs(settings) and not settings.state_dir.exists():
        suite.fail(suite.NOTHING_RUNS)
    return Mutes(settings.state_dir, settings.clock), settings


def _warn_if_unknown(symbol: str, settings: Settings) -> None:
    """A slip would be taken for silence of the market; but the feed may be off, so it is no error."""
    feed = documents.reader(settings.runtime_dir / documents.FUNDING, FundingDocument).read()
    if feed is not None and symbol not in feed.funding_state:
        sys.stderr.write(
            f"volspike: warning: the feed knows no {symbol}; volspike unmute {symbol}, if that was a slip\n"
        )


def _show(mutes: dict[str, Mute], now: float, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(documents.encode(mutes).decode() + "\n")
    elif not mutes:
        sys.stdout.write("Nothing is muted.\n")
    else:
        listing = Listing(Column("SYMBOL"), Column("UNTIL (UTC)"), Column("LEFT", "right"))
        for symbol, mute_of in mutes.items():
            listing.add(symbol, instant(mute_of.until), left(mute_of.until - now))
        listing.show(Console(highlight=False))

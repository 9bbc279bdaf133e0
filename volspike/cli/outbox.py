"""`volspike outbox`: what is to be delivered, what became of it, and mending it by hand."""

import re
import sys
from collections.abc import Collection
from typing import Annotated

import typer
from msgspec import to_builtins

from volspike.cli import completions, ledger, outbox_tables, suite
from volspike.cli.manual import Command, CommandGroup
from volspike.delivery.ledger import Ledger
from volspike.model.delivery import BACKEND, BACKEND_DEV, TELEGRAM, Destination, Entry, Kind, State, Tally
from volspike.rules import quiet
from volspike.settings import Settings
from volspike.state import documents

RETRIED = (State.REFUSED, State.EXPIRED, State.DROPPED)
DROPPED = (State.WAITING, State.REFUSED, State.EXPIRED)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for machines.")]
ID = typer.Argument(metavar="ID", help="Of an entry, as the list has it.")

outbox = typer.Typer(cls=CommandGroup, no_args_is_help=True, rich_markup_mode=None)


@outbox.callback()
def _outbox() -> None:
    """See what is to be delivered and what became of it; retry it, drop it, and let a destination go on.

    An alert has one entry for each of its destinations, and each fails alone. Waiting ones are tried until they are
    delivered, are refused, or expire after an hour (triggers of user alerts never do).
    """


@outbox.command("list", cls=Command)
def list_entries(
    state: Annotated[list[State] | None, typer.Option(help="Of this state (repeatable).")] = None,
    destination: Annotated[list[str] | None, typer.Option(help="For this destination (repeatable).")] = None,
    kind: Annotated[list[Kind] | None, typer.Option(help="Of this kind (repeatable).")] = None,
    symbol: Annotated[
        str, typer.Option(help="Of this symbol, such as BTCUSDT or BTC.", autocompletion=completions.symbols)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """List entries, the newest first."""
    with ledger.opened() as (entries_of, settings):
        entries = entries_of.listing(
            states=state or (),
            destinations=[_destination(name, entries_of, settings) for name in destination or ()],
            kinds=kind or (),
            symbols=ledger.spellings(symbol),
            limit=limit,
        )
    if as_json:
        _write([ledger.entry_document(entry) for entry in entries])
    elif entries:
        outbox_tables.show_entries(entries)
    else:
        sys.stdout.write("There are no such entries.\n")


@outbox.command(cls=Command)
def show(number: Annotated[str, ID], *, as_json: AsJson = False) -> None:
    """Show all that is known of one entry: what it says, what is sent, and what the destination answered last."""
    wanted = _number(number)
    with ledger.opened() as (entries, settings):
        entry = _entry(entries, wanted)
    if as_json:
        _write(ledger.entry_document(entry))
    else:
        outbox_tables.show_entry(entry, settings.clock.now())


@outbox.command(cls=Command)
def retry(
    ids: Annotated[list[str] | None, ID] = None,
    *,
    refused: Annotated[bool, typer.Option("--refused", help="All that were refused.")] = False,
    expired: Annotated[bool, typer.Option("--expired", help="All that grew too old.")] = False,
) -> None:
    """Try entries again that were refused, have expired or were dropped; their age counts from now."""
    states = [state for state, wanted in ((State.REFUSED, refused), (State.EXPIRED, expired)) if wanted]
    if bool(ids) == bool(states):
        suite.fail("give either the ids of entries, or --refused or --expired", suite.EX_USAGE)
    numbers = [_number(text) for text in ids or ()]
    with ledger.opened() as (entries, _):
        if numbers:
            _require(entries, numbers, RETRIED, "tried again")
            count = entries.retry(numbers)
        else:
            count = entries.retry_all(states)
    sys.stdout.write(f"{_deliveries(count)} will be tried again.\n" if count else "There is nothing to try again.\n")


@outbox.command(cls=Command)
def drop(
    ids: Annotated[list[str], ID], *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Give up entries that wait, were refused or have expired; `retry` takes them back.

    One that is under way at this moment may still arrive.
    """
    numbers = [_number(text) for text in ids]
    with ledger.opened() as (entries, _):
        found = _require(entries, numbers, DROPPED, "dropped")
        if not yes:
            outbox_tables.show_entries(found)
            if not typer.confirm(f"Give up {_deliveries(len(found))}?"):
                suite.fail("nothing was dropped")
        count = entries.drop(numbers)
    sys.stdout.write(f"{_deliveries(count)} given up.\n")


@outbox.command(cls=Command)
def stats(*, as_json: AsJson = False) -> None:
    """Show for each destination what waits, what became of the rest in 24 hours, and what holds it up.

    That is a pause, until it is resumed, or quiet hours: until their end alerts wait, and news of the suite's health
    do not.
    """
    with ledger.opened() as (entries, settings):
        found, pauses = entries.stats(), entries.pauses()
    named = dict.fromkeys((*settings.destinations, *sorted({*found, *pauses})))
    tallies = {to: found.get(to, Tally()) for to in named}
    now = settings.clock.now()
    ends = quiet.until(settings.quiet_hours, now) if settings.quiet_hours else None
    quiet_until = dict.fromkeys(settings.people, ends)
    if not as_json:
        outbox_tables.show_tallies(tallies, pauses, quiet_until, now)
        return
    paused = {to: {"since": pause.since, "reason": pause.reason} for to, pause in pauses.items()}
    held = {to: {"paused": paused.get(to), "quiet_until": quiet_until.get(to)} for to in tallies}
    _write({to: {**to_builtins(tally), **held[to]} for to, tally in tallies.items()})


@outbox.command(cls=Command)
def resume(destination: Annotated[str, typer.Argument(help="The destination.")]) -> None:
    """Go on with a destination that was paused because it refused everything; a corrected setting does so too.

    One that asked to be left alone for a time is tried at once.
    """
    with ledger.opened() as (entries, settings):
        was_paused = entries.resume(_destination(destination, entries, settings))
    sys.stdout.write(f"{destination} {'is tried again' if was_paused else 'was not paused; it is tried now'}.\n")


def _number(text: str) -> int:
    """Return the number of an entry; end the command where it is none."""
    if not re.fullmatch(r"[0-9]{1,30}", text):
        suite.fail(f"entry {text!r}: must be a number, as volspike outbox list shows it", suite.EX_USAGE)
    return int(text)


def _require(entries: Ledger, ids: Collection[int], states: Collection[State], what: str) -> list[Entry]:
    """Return these entries; end the command when one is unknown or in another state, before any is changed.

    One in a state of another release may become anything.
    """
    found = []
    for number in ids:
        entry = _entry(entries, number)
        if entry.is_understood and entry.state not in states:
            suite.fail(f"entry {number} is {entry.state}: only one that is {' or '.join(states)} can be {what}")
        found.append(entry)
    return found


def _entry(entries: Ledger, number: int) -> Entry:
    entry = entries.entry(number) if number <= sys.maxsize else None
    return entry or suite.fail(f"there is no entry {number} in the outbox; see volspike outbox list")


def _destination(name: str, entries: Ledger, settings: Settings) -> Destination:
    """Return the destination of this name; end the command where the settings and the outbox know of none."""
    known = {BACKEND, BACKEND_DEV, TELEGRAM, *settings.people, *entries.stats(), *entries.pauses()}
    if name not in known:
        suite.fail(f"destination {name!r}: must be one of {', '.join(sorted(known))}", suite.EX_USAGE)
    return Destination(name)


def _deliveries(count: int) -> str:
    return f"{count} {'delivery' if count == 1 else 'deliveries'}"


def _write(document: object) -> None:
    sys.stdout.write(documents.encode(document).decode() + "\n")

"""The outbox as tables for people."""

from collections.abc import Mapping, Sequence

from msgspec import json
from rich.console import Console
from rich.text import Text

from volspike.cli.ledger import instant, one_line
from volspike.cli.listing import Column, Listing
from volspike.cli.tables import duration
from volspike.model.delivery import Destination, Entry, Pause, State, Tally

NAME_WIDTH = 11
STYLES: dict[str, str] = {
    State.WAITING: "yellow",
    State.DELIVERED: "green",
    State.REFUSED: "bold red",
    State.EXPIRED: "red",
    State.DROPPED: "dim",
}
STRANGE = "bold red"


def show_entries(entries: Sequence[Entry]) -> None:
    """Print entries, one row each; what went wrong stands where the text would, as long as it matters."""
    listing = Listing(
        Column("ID"),
        Column("AT (UTC)"),
        Column("STATE"),
        Column("DESTINATION"),
        Column("KIND"),
        Column("SYMBOL", when_narrow="goes"),  # the text has it too
        Column("TRIES", when_narrow="goes"),
        Column("WHAT", when_narrow="moves below"),
    )
    for entry in entries:
        told = entry.text if entry.state is State.DELIVERED else _problem(entry) or entry.text
        listing.add(
            str(entry.id),
            instant(entry.at),
            Text(one_line(entry.state), STYLES.get(entry.state, STRANGE)),
            entry.destination,
            one_line(entry.kind),
            one_line(entry.symbol),
            str(entry.attempts),
            one_line(told),
        )
    listing.show(_console())


def show_entry(entry: Entry, now: float) -> None:
    """Print all that is known of one entry."""
    console = _console()
    settled = "" if entry.settled_at is None else f" since {instant(entry.settled_at)} UTC"
    for name, value in (
        ("ID", str(entry.id)),
        ("KEY", one_line(entry.key)),
        ("HAPPENED", f"{instant(entry.at)} UTC"),
        ("DESTINATION", entry.destination),
        ("STATE", f"{one_line(entry.state)}{settled}"),
        ("AGE", duration(now - entry.since)),
        ("TRIES", str(entry.attempts)),
        ("PROBLEM", one_line(_problem(entry)) or "–"),
        ("TEXT", one_line(entry.text)),
        ("PAYLOAD", _indented(entry.payload) or "–"),
    ):
        lines = value.replace("\n", "\n" + " " * (NAME_WIDTH + 2))
        console.print(Text.assemble((f"{name:<{NAME_WIDTH}}", "bold"), f"  {lines}"), soft_wrap=True)


def _problem(entry: Entry) -> str:
    """Return what went wrong with an entry; with the remedy, where it is in a state of another release."""
    if entry.is_understood:
        return entry.problem
    remedy = f"upgrade, or volspike outbox retry {entry.id} (or drop {entry.id})"
    strange = f"this release does not know the state {entry.state}: {remedy}"
    return f"{strange}; before: {entry.problem}" if entry.problem else strange


def show_tallies(
    tallies: Mapping[Destination, Tally],
    pauses: Mapping[Destination, Pause],
    quiet_until: Mapping[Destination, float | None],
    now: float,
) -> None:
    """Print what waits for each destination, what became of the others, and why nothing goes to it, if so."""
    heads = ("WAITING", "OLDEST", "DELIVERED 24h", "REFUSED", "EXPIRED", "DROPPED")
    counts = (Column(head, "right") for head in heads)
    listing = Listing(Column("DESTINATION"), *counts, Column("PAUSED", when_narrow="moves below"))
    for destination, tally in tallies.items():
        held = _held(pauses.get(destination), quiet_until.get(destination), now)
        listing.add(
            destination,
            str(tally.waiting),
            duration(None if tally.oldest_waiting_at is None else now - tally.oldest_waiting_at),
            *(str(count) for count in (tally.delivered, tally.refused, tally.expired, tally.dropped)),
            held,
        )
    listing.show(_console())


def _held(pause: Pause | None, quiet_until: float | None, now: float) -> Text:
    """Return what keeps deliveries back; a pause lasts longer than quiet hours."""
    if pause:
        return Text(f"for {duration(now - pause.since)}: {one_line(pause.reason)}", "bold red")
    return Text(f"quiet hours until {instant(quiet_until)} UTC", "yellow") if quiet_until else Text("–")


def _indented(payload: bytes) -> str:
    return json.format(payload).decode() if payload else ""


def _console() -> Console:
    return Console(highlight=False)

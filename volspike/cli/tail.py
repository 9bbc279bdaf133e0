"""`volspike tail`: the alerts, as they happen."""

import os
import select
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from volspike.cli import completions, ledger
from volspike.clients.errors import Transient
from volspike.delivery.database import Missing
from volspike.delivery.ledger import Told
from volspike.model.delivery import Kind
from volspike.readers.following import Following
from volspike.state import documents

POLL_MILLISECONDS = 250
KIND_WIDTH = max(map(len, Kind))


def tail(
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Begin with so many that happened before.")] = 10,
    kind: Annotated[list[Kind] | None, typer.Option(help="Of this kind (repeatable).")] = None,
    symbol: Annotated[
        str, typer.Option(help="Of this symbol, such as BTCUSDT or BTC.", autocompletion=completions.symbols)
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")] = False,
    once: Annotated[bool, typer.Option("--once", "--no-follow", help="Show what there is, then exit.")] = False,
) -> None:
    """Show every alert as it comes: when (UTC), of which kind, and what it says.

    They are read from the outbox, whatever backend or chat they go to. Ctrl-C ends it.
    """
    try:
        with ledger.opened() as (entries, _):
            alerts = Following(entries, kind or (), ledger.spellings(symbol))
            if once:
                told = alerts.latest(lines)
                _write(told, as_json=as_json)
                if lines and not told:
                    sys.stderr.write(f"volspike: {_nothing(kind or (), symbol)}\n")
            else:
                _follow(alerts, lines, as_json=as_json)
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # and nothing more may be written when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _follow(alerts: Following, lines: int, *, as_json: bool) -> None:
    """Write alerts until nobody reads them any more; what is in the way is told once and waited for."""
    hindered = ""
    try:
        _write(alerts.latest(lines), as_json=as_json)
    except Missing as missing:
        hindered = _complain(missing)
    while is_read(sys.stdout.fileno(), POLL_MILLISECONDS):
        try:
            _write(alerts.following(), as_json=as_json)
            hindered = ""
        except Transient as transient:
            hindered = hindered or _complain(transient)


def is_read(output: int, milliseconds: int) -> bool:
    """Wait so long, or until nobody reads a pipe any more; tell whether somebody may still."""
    poll = select.poll()
    poll.register(output, 0)  # of no event, so only what is always told: that the other end is gone
    return not poll.poll(milliseconds)


def _complain(problem: Transient) -> str:
    sys.stderr.write(f"volspike: {problem}; waiting for it\n")
    return str(problem)


def _write(told: Sequence[Told], *, as_json: bool) -> None:
    sys.stdout.writelines(_json(item) if as_json else _line(item) for item in told)
    sys.stdout.flush()


def _nothing(kinds: Sequence[Kind], symbol: str) -> str:
    """Return what to say where there is nothing to show, in the name by which it was looked for."""
    of_symbol = f" of {ledger.spellings(symbol)[0]}" if symbol else ""
    return f"no {' or '.join(kinds)} alerts{of_symbol} yet" if kinds else f"no alerts{of_symbol} yet"


def _line(item: Told) -> str:
    message = item.message
    return f"{ledger.instant(message.at)}  {message.kind:<{KIND_WIDTH}}  {ledger.one_line(message.text)}\n"


def _json(item: Told) -> str:
    return documents.encode({"id": item.id, **ledger.document_of(item.message)}).decode() + "\n"

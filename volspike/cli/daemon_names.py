"""Daemons as arguments of a command: given by name or by unit, completed by the shell."""

from collections.abc import Sequence
from typing import Annotated

import typer

from volspike.cli import completions, suite
from volspike.model.suite import DAEMONS, DaemonInfo
from volspike.model.units import daemon_meant

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="DAEMON",
        help="A daemon, such as funding-ws, or its unit, such as binance-funding-ws. Default: the whole suite.",
        autocompletion=completions.daemons,
        show_default=False,
    ),
]


def chosen(names: Sequence[str] | None) -> list[DaemonInfo]:
    """Return the daemons that are meant, each once; a name of none ends the command with the names there are."""
    daemons = []
    for name in names or ():
        try:
            daemons.append(daemon_meant(name))
        except KeyError:
            known = ", ".join(daemon.name for daemon in DAEMONS)
            suite.fail(f"daemon {name!r}: must be one of {known}, or the unit of one", suite.EX_USAGE)
    return list(dict.fromkeys(daemons))

"""`volspike logs`: the journal of the daemons."""

import os
import shutil
from typing import Annotated

import typer

from volspike.cli import daemon_names, suite
from volspike.cli.daemon_names import Names
from volspike.model.suite import DAEMONS

SHOWN_LINES = 100
IN_A_TERMINAL = (
    "the suite in {directory} logs to the terminal that it was started in; "
    "to have it in a file: volspike up 2>&1 | tee suite.log"
)


def logs(
    daemons: Names = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with every line as it comes.")] = False,
    lines: Annotated[
        int | None,
        typer.Option("--lines", "-n", min=0, help=f"The last so many. Default: {SHOWN_LINES}, all of --since."),
    ] = None,
    since: Annotated[str, typer.Option(help="From then on: “10 min ago”, today, “2026-11-21 10:40”.")] = "",
) -> None:
    """Show what daemons have logged, oldest first: journalctl with the right units.

    Of a suite in the foreground (volspike up) the terminal has the logs, and nothing keeps them.
    """
    chosen = daemon_names.chosen(daemons) or DAEMONS
    if not suite.is_production():
        settings = suite.load_places()
        suite.fail(
            suite.NOTHING_RUNS if suite.nothing_runs(settings) else IN_A_TERMINAL.format(directory=settings.runtime_dir)
        )
    if shutil.which("journalctl") is None:
        suite.fail("journalctl is not installed here, so there is no journal to show")
    count = SHOWN_LINES if lines is None and not since else lines
    options = [
        *(f"--unit={daemon.unit}" for daemon in chosen),
        *([] if count is None else [f"--lines={count}"]),
        *([f"--since={since}"] if since else []),
        *(["--follow"] if follow else []),
    ]
    os.execvp("journalctl", ["journalctl", *options])  # in place of this process, so that Ctrl-C is its own

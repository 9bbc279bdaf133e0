"""`volspike run NAME`: become one daemon."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from volspike.cli import suite
from volspike.model.suite import DAEMONS, HEALTH_MONITOR, daemon_named

WHAT_THEY_DO = "; ".join(f"{daemon.name} {daemon.does}" for daemon in DAEMONS)
LIQUID_UNIVERSE = "liquid-universe"
Name = StrEnum("Name", [(daemon.module, daemon.name) for daemon in DAEMONS])  # type: ignore[misc]


def run(
    name: Annotated[Name, typer.Argument(help=f"The daemon. {WHAT_THEY_DO}.", show_choices=True)],
    once: Annotated[bool, typer.Option("--once", help="Do one round of work, then exit.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="For liquid-universe: take over a list that looks incomplete.")
    ] = False,
) -> None:
    """Run one daemon in this process, as its systemd unit does.

    Exit codes: 0 stopped in order, 78 bad configuration, 73 its directories cannot be written, 70 an error that nobody
    foresaw, 1 what is in its way (for health-monitor: an unhealthy suite).
    """
    if force and name.value != LIQUID_UNIVERSE:
        suite.fail(f"--force is for {LIQUID_UNIVERSE} alone", 2)
    if name.value != HEALTH_MONITOR:
        suite.become_service_user()
    variables = suite.environment()
    suite.load_settings(variables)
    flags = [flag for flag, wanted in (("--once", once), ("--force", force)) if wanted]
    # A process of its own: what this command line has imported would stay in the daemon's memory for ever.
    os.execve(sys.executable, [sys.executable, "-P", "-m", daemon_named(name.value).module, *flags], variables)

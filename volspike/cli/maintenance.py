"""`volspike maintenance`: keep the monitor's hands off for a while."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from volspike.cli import suite
from volspike.model.documents import VERSION, Maintenance
from volspike.state import documents, file

LONGEST_SECONDS = 30 * 86_400
A_DURATION = "a whole number above 0 with s, m, h or d behind it, up to 30d"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def maintenance(
    duration: Annotated[str, typer.Argument(help="How long, such as 30m, 2h or 1d; or `off`.", metavar="DURATION")],
) -> None:
    """Inhibit all repairs of the health monitor for so long; its report goes on.

    The flag lives in the runtime directory, so a reboot clears it.
    """
    suite.become_service_user()
    settings = suite.load_places()
    path = settings.runtime_dir / documents.MAINTENANCE
    seconds = parse_duration(duration)
    if seconds is None and duration != "off":
        suite.fail(f"duration {duration!r}: must be {A_DURATION}, or `off`", suite.EX_USAGE)
    if suite.nothing_runs(settings):
        suite.fail(suite.NOTHING_RUNS)
    if seconds is None:
        _end(path)
        return
    until = settings.clock.now() + seconds
    try:
        file.write(path, documents.encode(Maintenance(VERSION, until)))
    except OSError as error:
        suite.fail(f"{path} cannot be written ({error.strerror}); is the suite running here?")
    sys.stdout.write(f"No repairs until {datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M:%S} UTC.\n")


def _end(path: Path) -> None:
    try:
        path.unlink()
    except FileNotFoundError:
        sys.stdout.write("There was no maintenance.\n")
    except OSError as error:
        suite.fail(f"{path} cannot be removed ({error.strerror}); is the suite running here?")
    else:
        sys.stdout.write("Maintenance is over: the health monitor repairs again.\n")


def parse_duration(text: str) -> int | None:
    """Return the seconds of `30m`; None for anything that is no duration above zero and at most 30 days."""
    found = re.fullmatch(r"([1-9]\d{0,6})([smhd])", text)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    return seconds if 0 < seconds <= LONGEST_SECONDS else None

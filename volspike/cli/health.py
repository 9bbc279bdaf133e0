"""`volspike health`: the monitor by hand."""

import sys
from typing import Annotated

import typer

from volspike.cli import suite
from volspike.clients.supervision import supervisor_of
from volspike.rules import health as rules
from volspike.rules import health_text
from volspike.state import documents


def health(
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object, for machines.")] = False,
) -> None:
    """Check the whole suite now and print the report; nothing is repaired.

    Bad settings do not hinder it; they are named, and their defaults stand in. Where nothing runs there is no report,
    and no JSON either: standard error says what to start.

    Exit code 0 healthy, 1 unhealthy, 3 when nothing runs here.
    """
    from volspike.daemons.health_observation import observe

    suite.become_service_user()
    settings = suite.load_to_look()
    if suite.nothing_runs(settings):
        suite.fail(suite.NOTHING_RUNS, 3)
    report = rules.judge(observe(settings, supervisor_of(settings.runtime_dir)), [])
    sys.stdout.write((documents.encode(report).decode() if as_json else health_text.render(report)) + "\n")
    raise SystemExit(0 if report.healthy else 1)

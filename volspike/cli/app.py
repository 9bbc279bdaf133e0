"""The table of commands; each lives in a module of its own and imports what it needs when it runs."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from volspike import __version__
from volspike.cli import (
    alerts,
    backup,
    check_config,
    compare,
    completion,
    config,
    control,
    doctor,
    emergency_stop,
    health,
    logs,
    maintenance,
    manual,
    mcp,
    mute,
    outbox,
    plain_words,
    replay,
    restore,
    run,
    simulate,
    status,
    tail,
    telegram_login,
    up,
)
from volspike.cli.manual_groups import EXAMPLES
from volspike.cli.manual_pages import PAGES


class Commands(manual.CommandGroup):
    """All commands, in groups; what is wrong with a value is told without the words of a library in front."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        manual.bind(self, PAGES, EXAMPLES)

    def sections(self, names: list[str]) -> Iterator[tuple[str, list[str]]]:
        """Return the names under the titles of their groups."""
        return manual.listed(names, PAGES)

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command that is meant. Raises BadParameter where a value is not allowed."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = plain_words.refusal(error.message)
            raise


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,  # `completion` writes the script; nothing edits a person's files
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"volspike {__version__}\n")
        raise typer.Exit


@app.callback()
def volspike(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Self-hosted market alerting for crypto futures that operators can trust.

    Each command has a page with examples and exit codes: `volspike COMMAND --help`.
    """


for command in (
    up.up,
    status.status,
    tail.tail,
    health.health,
    doctor.doctor,
    compare.compare,
    maintenance.maintenance,
    mute.mute,
    mute.unmute,
    emergency_stop.emergency_stop,
    backup.backup,
    restore.restore,
    replay.replay,
    logs.logs,
    control.start,
    control.stop,
    control.restart,
    run.run,
    telegram_login.telegram_login,
    simulate.simulate,
    completion.completion,
    mcp.mcp,
):
    app.command(cls=manual.Command)(command)
app.command("check-config", cls=manual.Command, hidden=True)(
    check_config.check_config
)  # the older name of `config check`
app.add_typer(config.config, name="config")
app.add_typer(alerts.alerts, name="alerts")
app.add_typer(outbox.outbox, name="outbox")

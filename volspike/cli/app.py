"""The table of commands; each lives in a module of its own and imports what it needs when it runs."""

import typer

from volspike.cli import simulate

app = typer.Typer(
    help="Self-hosted market alerting for crypto futures that operators can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(simulate.simulate)

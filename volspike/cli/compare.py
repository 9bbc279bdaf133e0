"""`volspike compare`: every symbol of the stream against one REST call."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from volspike.cli import suite
from volspike.clients.binance.weight import WeightAccount, shut_out
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.model.documents import FundingDocument
from volspike.model.market import is_tradable_perpetual
from volspike.rules import comparison
from volspike.rules.comparison import Comparison
from volspike.settings import Settings
from volspike.state import documents

PATIENCE_SECONDS = 5.0
"""Nobody waits at a terminal for the end of a ban."""


def compare(
    as_json: Annotated[bool, typer.Option("--json", help="The comparison as one JSON object.")] = False,
) -> None:
    """Hold every symbol's funding rate and mark price in the state file against Binance's REST answer.

    Costs 11 of the machine's weight. Exit code 0 when all agree, 1 when some differ, 2 when it cannot be told.
    """
    suite.become_service_user()
    result = _compare(suite.load_settings())
    if as_json:
        sys.stdout.write(documents.encode(result).decode() + "\n")
    else:
        _show(result)
    raise SystemExit(1 if result.differences else 0)


def _compare(settings: Settings) -> Comparison:
    from volspike.clients.binance.rest import Rest

    path = settings.runtime_dir / documents.FUNDING
    reader = documents.reader(path, FundingDocument)
    if reader.read() is None:
        missing = f"no funding data yet: {path} does not exist; is the suite running? see volspike status"
        suite.fail(reader.problem or missing, 2)
    try:
        with WeightAccount(settings.runtime_dir, settings.clock) as account:
            rest = Rest(settings.binance_rest_url, settings.clock, account, patience_seconds=PATIENCE_SECONDS)
            tradable = frozenset(contract.symbol for contract in rest.contracts() if is_tradable_perpetual(contract))
            rows = rest.premium_indexes()
    except ShutOut as error:
        suite.fail(shut_out(settings.clock.now() + error.seconds), 2)
    except (Transient, Permanent) as error:
        suite.fail(str(error), 2)
    feed = reader.read()
    return comparison.compare(feed.funding_state if feed else {}, rows, tradable)


def _show(result: Comparison) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140)
    if result.differences:
        table = Table("SYMBOL", "PROBLEM", "RATE WS", "RATE REST", "MARK WS", "MARK REST", box=None, pad_edge=False)
        for row in result.differences:
            values = (row.stream_rate, row.rest_rate, row.stream_mark, row.rest_mark)
            table.add_row(
                escape(row.symbol), row.problem, *("–" if value is None else f"{value:.8g}" for value in values)
            )
        console.print(table)
    console.print(f"{result.agreeing} of {result.compared} symbols agree with REST; {len(result.differences)} do not")

"""Alerts as tables for people, row by row: there may be more of them than memory should hold."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, Literal, NamedTuple, TypeVar

from rich.console import Console
from rich.table import Table

from volspike.model.alerts import CandleDirection, Direction, OpenInterestAlert, VolumeAlert
from volspike.rules.alert_text import compact, signed_percent

ROWS_AT_ONCE = 200
WIDTH_OF_A_PIPE = 100
TIME = "%Y-%m-%d %H:%M"

Alert = TypeVar("Alert", VolumeAlert, OpenInterestAlert)


class Column(NamedTuple):
    """A column's head, its width, and on which side its cells stand."""

    head: str
    width: int
    justify: Literal["left", "right"] = "left"


class Layout(NamedTuple, Generic[Alert]):
    """A table of one kind of alert: its columns, and the cells of an alert."""

    columns: tuple[Column, ...]
    cells: Callable[[Alert], tuple[str, ...]]


def show(layout: Layout[Alert], alerts: Iterator[Alert]) -> int:
    """Print the alerts as they come; return how many there were."""
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    shown = 0
    while rows := list(islice(alerts, ROWS_AT_ONCE)):
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=not shown)
        for column in layout.columns:
            table.add_column(column.head, width=column.width, justify=column.justify, no_wrap=True)
        for alert in rows:
            table.add_row(*layout.cells(alert))
        console.print(table)
        shown += len(rows)
    return shown


def _volume_cells(alert: VolumeAlert) -> tuple[str, ...]:
    change = "–" if alert.price_change is None else signed_percent(alert.price_change)
    return (
        f"{alert.hour_timestamp:{TIME}}",
        alert.symbol,
        compact(alert.current_volume),
        compact(alert.previous_volume),
        f"{alert.volume_ratio:,.2f}×",
        change,
        "▲" if alert.candle_direction is CandleDirection.BULLISH else "▼",
    )


def _open_interest_cells(alert: OpenInterestAlert) -> tuple[str, ...]:
    return (
        f"{alert.timestamp:{TIME}}",
        alert.symbol,
        alert.timeframe,
        f"{'▲' if alert.direction is Direction.UP else '▼'} {abs(alert.pct_change):.2%}",
        compact(alert.baseline),
        compact(alert.current),
        "–" if alert.price_change is None else signed_percent(alert.price_change),
    )


VOLUME = Layout(
    (
        Column("HOUR (UTC)", 16),
        Column("SYMBOL", 16),
        Column("VOLUME", 9, "right"),
        Column("PREVIOUS", 9, "right"),
        Column("RATIO", 9, "right"),
        Column("PRICE", 9, "right"),
        Column("", 1),
    ),
    _volume_cells,
)
OPEN_INTEREST = Layout(
    (
        Column("TIME (UTC)", 16),
        Column("SYMBOL", 16),
        Column("WITHIN", 6),
        Column("CHANGE", 9, "right"),
        Column("FROM", 9, "right"),
        Column("TO", 9, "right"),
        Column("PRICE", 8, "right"),
    ),
    _open_interest_cells,
)

"""Which symbol a row is of: its own column says, or the name of the file, or the operator."""

import re
from collections.abc import Callable

from volspike.replay import cells
from volspike.replay.table import Table, UnreadableError

_OPEN_INTEREST_DUMP = re.compile(r"oi_[^_]+_([^_.]+)")
_ANY_DUMP = re.compile(r"(?:^|[_\-.])([^_\-.]+USD[TC])(?=[_\-.]|$)")


def namer(table: Table, wanted: str | None) -> Callable[[list[str]], str | None]:
    """Return what names the symbol of a row, or None for a row of a symbol that is not wanted.

    In a file with a symbol column, `wanted` chooses its rows; in one without, it names them all. Raises
    UnreadableError when nothing names them.
    """
    place = table.find("symbol")
    if place is not None:
        return lambda row: _chosen(cells.symbol(row[place]), wanted)
    name = wanted or named_after(table.path.name)
    if name is None:
        raise UnreadableError(f"{table.path}: no column symbol, and no symbol in its name; give one with --symbol")
    return lambda _row: name


def named_after(file_name: str) -> str | None:
    """Return the symbol that a file is named after: `oi_5m_BTCUSDT_2026.csv`, `BTCUSDT-1h-2026-02.csv`."""
    found = _OPEN_INTEREST_DUMP.match(file_name) or _ANY_DUMP.search(file_name)
    return found[1] if found else None


def _chosen(symbol: str, wanted: str | None) -> str | None:
    return symbol if wanted in (None, symbol) else None

"""Rows for people: on a terminal that is too narrow the long text of a row stands on a line of its own.

What goes into a pipe is one line a row, however long, with nothing behind its last cell.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP = 2
INDENT = 2
NOTHING = ("", "–")


class Column(NamedTuple):
    """A column: its head, on which side its cells stand, and what may become of it where room is scarce."""

    head: str
    justify: Literal["left", "right"] = "left"
    when_narrow: Literal["stays", "moves below", "goes"] = "stays"


class Listing:
    """Rows under their heads. A cell that says nothing takes no line below."""

    def __init__(self, *columns: Column) -> None:
        self._columns = columns
        self._widths = [cell_len(column.head) for column in columns]
        self._rows: list[tuple[Text, ...]] = []

    def add(self, *cells: str | Text) -> None:
        """Add a row, with a cell for each column; a plain one is no markup."""
        row = tuple(Text(cell) if isinstance(cell, str) else cell for cell in cells)
        self._rows.append(row)
        self._widths = [max(width, cell.cell_len) for width, cell in zip(self._widths, row, strict=True)]

    def show(self, console: Console) -> None:
        """Print all rows."""
        for line in self._lines(console):
            console.print(line, soft_wrap=True)

    def _lines(self, console: Console) -> Iterator[Text]:
        shown, below = self._arrangement(console)
        yield self._line([Text(column.head, "bold") for column in self._columns], shown)
        for row in self._rows:
            yield self._line(row, shown)
            for index in below:
                text = row[index].copy()
                text.stylize_before("dim")
                for line in text.wrap(console, max(1, console.width - INDENT)) if text.plain not in NOTHING else ():
                    line.rstrip()
                    yield Text(" " * INDENT).append_text(line)

    def _arrangement(self, console: Console) -> tuple[Sequence[int], Sequence[int]]:
        """Return which columns stand side by side, and which below."""
        shown = list(range(len(self._columns)))
        if not console.is_terminal or self._width(shown) <= console.width:
            return shown, []
        below = [index for index in shown if self._columns[index].when_narrow == "moves below"]
        shown = [index for index in shown if index not in below]
        for index in reversed(shown):
            if self._width(shown) > console.width and self._columns[index].when_narrow == "goes":
                shown = [other for other in shown if other != index]
        return shown, below

    def _width(self, shown: Sequence[int]) -> int:
        return sum(self._widths[index] for index in shown) + GAP * (len(shown) - 1)

    def _line(self, cells: Sequence[Text], shown: Sequence[int]) -> Text:
        line = Text()
        for index in shown:
            padding = " " * (self._widths[index] - cells[index].cell_len)
            line.append(" " * GAP if line else "")
            if self._columns[index].justify == "right":
                line.append(padding).append_text(cells[index])
            else:
                line.append_text(cells[index]).append(padding)
        line.rstrip()
        return line

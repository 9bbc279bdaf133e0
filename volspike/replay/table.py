"""A recorded file, CSV or gzipped CSV, row by row; its columns are found by their names."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_HEADER_TOLD = 200


class UnreadableError(Exception):
    """A file that cannot be replayed, or not further; the message names it and says why."""


class Table:
    """A file that is being read. A row that cannot be used costs itself: it is counted, and told to `complain`."""

    def __init__(self, path: Path, lines: TextIO, complain: Callable[[str], None]) -> None:
        self.path = path
        self.row_number = 0
        """The row at hand as an editor or a spreadsheet numbers it: the header is row 1."""
        self.skipped = 0
        self._lines = self._undamaged(lines)
        self._complain = complain
        self._names = [name.strip() for name in next(self._lines, [])]
        self._places = {_fold(name): place for place, name in enumerate(self._names)}

    def find(self, *names: str) -> int | None:
        """Return where the first of these columns is, in whatever spelling; None when there is none of them."""
        return next((self._places[_fold(name)] for name in names if _fold(name) in self._places), None)

    def need(self, content: str, *columns: Sequence[str]) -> list[int]:
        """Return where each of the columns is that a file of such content has, each under one of several names.

        Raises UnreadableError, which tells all that are missing by their first names.
        """
        places = [self.find(*names) for names in columns]
        missing = [names[0] for names, place in zip(columns, places, strict=True) if place is None]
        if missing:
            told = ", ".join(self._names)[:LONGEST_HEADER_TOLD]
            raise UnreadableError(
                f"{self.path} is no CSV of {content}: its first line has no column {', '.join(missing)}; it is: {told}"
            )
        return [place for place in places if place is not None]

    def rows(self) -> Iterator[list[str]]:
        """Return the cells of each row that has as many as the header. Raises UnreadableError at a damaged place."""
        for cells in self._lines:
            if len(cells) >= len(self._names):
                yield cells
            elif any(cells):
                self.skip(f"{','.join(cells)[:80]!r}: must have the {len(self._names)} columns of the first row")

    def skip(self, problem: str) -> None:
        """Count the row at hand as one that cannot be used, and say why."""
        self.skipped += 1
        self._complain(f"{self.path}: row {self.row_number}: {problem}")

    def _undamaged(self, lines: TextIO) -> Iterator[list[str]]:
        """Cut the lines at commas.

        Quotes are dropped: no value has a comma in it, and a quote left open would eat the rows behind it.
        """
        try:
            for line in lines:
                self.row_number += 1
                yield line.rstrip("\r\n").replace('"', "").split(",")
        except (EOFError, OSError, zlib.error) as error:
            raise UnreadableError(f"{self.path}: damaged behind row {self.row_number}: {error}") from None


@contextmanager
def reading(path: Path, complain: Callable[[str], None]) -> Iterator[Table]:
    """Open a file, gzipped or not, whatever its name says. Raises UnreadableError."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        opened = gzip.open if zipped else open
        lines = opened(path, "rt", encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from None
    with lines:
        yield Table(path, lines, complain)


def _fold(name: str) -> str:
    return name.casefold().replace("_", "").replace(" ", "")

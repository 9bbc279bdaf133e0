"""The way of a recorded file through a rule, row by row; what is remembered grows with the symbols only."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from volspike.replay.cells import BadCellError
from volspike.replay.symbols import namer
from volspike.replay.table import Table

Alert = TypeVar("Alert")


class Run(ABC, Generic[Alert]):
    """One file and the rule that it is for."""

    unjudged: ClassVar[str]
    """What to say of a file whose rows are good and none of which had an earlier one to be held against."""

    def __init__(self, table: Table, symbol: str | None) -> None:
        self.used = 0
        self.judged = 0
        """Rows that had an earlier one to be held against."""
        self._table = table
        self._name_of = namer(table, symbol)
        self._latest: dict[str, float] = {}

    @property
    def symbols(self) -> int:
        """Return how many symbols the used rows were of."""
        return len(self._latest)

    def alerts(self) -> Iterator[Alert]:
        """Return the alerts in the order of the file; a bad row costs itself. Raises UnreadableError."""
        for row in self._table.rows():
            try:
                symbol = self._name_of(row)
                alerts = self._take(symbol, row) if symbol is not None else []
            except BadCellError as error:
                self._table.skip(str(error))
            else:
                yield from alerts

    @abstractmethod
    def _take(self, symbol: str, row: list[str]) -> list[Alert]:
        """Put a row through the rule. Raises BadCellError, and then it has changed nothing."""

    def _follows(self, symbol: str, at: float, column: str, text: str) -> None:
        """Refuse a row that is not later than the one before of its symbol. Raises BadCellError."""
        if at <= self._latest.get(symbol, 0.0):
            raise BadCellError(column, text, f"later than in the row before of {symbol}")

    def _count(self, symbol: str, at: float, *, judged: bool) -> None:
        self._latest[symbol] = at
        self.used += 1
        self.judged += judged

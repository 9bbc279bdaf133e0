"""What the columns of several tables have in common, in the words of AG Grid."""

from typing import Any

NUMBER: dict[str, Any] = {"type": "rightAligned", "cellClass": "vs-number"}
MEASURE: dict[str, Any] = {
    **NUMBER,
    "sortingOrder": ["desc", "asc", None],
    ":comparator": "volspike.cells.unknownLast",
}
"""A number to put rows in order by: the first click shows the greatest, and what is not known comes last either way."""

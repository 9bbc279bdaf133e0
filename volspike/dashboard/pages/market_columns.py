"""The columns of the Market page, in the words of AG Grid; a name with a colon is an expression for the browser.

What they say in the browser is in `static/volspike.js`, and in `static/suite.js` which of them a phone shows: those
with a `minWidth` of their own, by which they fit there whole.
"""

from typing import Any

from volspike.dashboard.pages.columns import MEASURE

NARROW = 0.72
"""What of its width a column keeps where there is little room."""
SHARES = ("change", "rate", "year")
"""The forms that are told in percent: who filters by one means percent, too."""


def _number(
    field: str, title: str, form: str, width: int, *, age: str = "", signed: bool = False, **more: object
) -> dict[str, Any]:
    """Return a column of numbers, `signed` those that rise and fall; `age` is the field of a late value's age."""
    example = "percent, such as 0.05" if form in SHARES else "such as 100M"
    column = {
        "field": field,
        "headerName": title,
        "minWidth": int(width * NARROW),
        "flex": width,
        ":valueFormatter": f"volspike.cells.{form}",
        "filterParams": {
            "filterOptions": ["greaterThan", "lessThan", "inRange", "blank", "notBlank"],
            "filterPlaceholder": example,
            "allowedCharPattern": r"\d.\-kKmMbBtT",
            ":numberParser": "volspike.cells.typed",
        },
        **({":filterValueGetter": f"volspike.cells.percentOf('{field}')"} if form in SHARES else {}),
    }
    late = {
        ":cellClassRules": f"volspike.cells.lateBy('{age}', {'true' if signed else 'false'})",
        ":tooltipValueGetter": f"volspike.cells.ageIn('{age}')",
    }
    return {**MEASURE, "filter": "agNumberColumnFilter", **column, **(late if age else {}), **more}


COLUMNS: list[dict[str, Any]] = [
    {
        "colId": "star", "headerName": "★", "width": 46, "minWidth": 28, "pinned": "left", "resizable": False,
        ":valueGetter": "volspike.cells.isFavourite", ":cellRenderer": "volspike.cells.star",
        "cellClass": "vs-star-cell",
        "sortable": True, "sortingOrder": ["desc", None], "cellDataType": "boolean",
    },
    {
        "field": "s", "headerName": "Symbol", "width": 150, "pinned": "left", "filter": "agTextColumnFilter",
        ":cellRenderer": "volspike.cells.symbol",
    },
    _number("m", "Mark", "price", 120, age="fa", minWidth=78),
    _number("d", "24 h", "change", 92, age="da", signed=True),
    _number("f", "Funding", "rate", 108, age="fa", minWidth=73),
    _number("a", "Per year", "year", 100, age="fa"),
    _number("n", "Next in", "minutes", 96),
    _number("o", "Open interest", "amount", 124, age="wa", sort="desc"),
    _number("o5", "OI 5 min", "change", 98, age="oa", signed=True),
    _number("o15", "OI 15 min", "change", 102, age="oa", signed=True),
    _number("o60", "OI 1 h", "change", 92, age="oa", signed=True),
    _number("v", "Hour volume", "amount", 120, age="va"),
    _number("r", "Ratio", "times", 88, age="va", minWidth=57),
]  # fmt: skip

OPTIONS: dict[str, Any] = {
    "columnDefs": COLUMNS,
    "defaultColDef": {"sortable": True, "resizable": True, "suppressHeaderMenuButton": False, "wrapHeaderText": True},
    ":getRowId": "(row) => row.data.s",
    ":isExternalFilterPresent": "volspike.market.isFiltered",
    ":doesExternalFilterPass": "volspike.market.passes",
    ":onGridReady": "volspike.market.ready",
    ":onModelUpdated": "volspike.market.count",
    ":onSortChanged": "volspike.market.sorted",
    ":onFilterChanged": "volspike.market.filtered",
    ":onFirstDataRendered": "volspike.market.drawn",
    ":onBodyScrollEnd": "volspike.market.scrolled",
    ":onRowClicked": "volspike.cells.open",
    ":onCellKeyDown": "volspike.cells.pressOrOpen",
    "asyncTransactionWaitMillis": 50,
    "suppressFieldDotNotation": True,
    "animateRows": False,
    "rowHeight": 34,
    "headerHeight": 38,
    "tooltipShowDelay": 300,
    "overlayNoRowsTemplate": "<span class='vs-quiet'>No symbol yet</span>",
}

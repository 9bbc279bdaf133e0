"""The columns of the My alerts page, in the words of AG Grid; a name with a colon is an expression for the browser.

What they say in the browser is in `static/suite.js`.
"""

from typing import Any

from volspike.dashboard.pages.columns import NUMBER

UNSORTED: dict[str, Any] = {**NUMBER, "sortable": False}
ACTION: dict[str, Any] = {"headerName": "", "width": 48, "minWidth": 34, "sortable": False,
                          "resizable": False, "cellClass": "vs-action-cell"}  # fmt: skip

COLUMNS: list[dict[str, Any]] = [
    {"field": "s", "headerName": "Symbol", "width": 140, "minWidth": 112, "flex": 1,
     "cellClass": "vs-told", ":cellRenderer": "volspike.myAlerts.symbol"},
    {"field": "w", "headerName": "Watches", "width": 124, "minWidth": 84},
    {"field": "h", "headerName": "Threshold", "width": 140, "minWidth": 86, "flex": 1, **UNSORTED},
    {"field": "n", "headerName": "Now", "width": 140, "minWidth": 76, "flex": 1, **UNSORTED},
    {"field": "d", "headerName": "To go", "width": 96, **NUMBER,
     ":valueFormatter": "volspike.cells.change"},
    {"field": "c", "headerName": "Last reported", "minWidth": 172, "flex": 1, **UNSORTED},
    {"field": "e", "headerName": "State", "width": 140, "minWidth": 90,
     ":cellClassRules": "volspike.myAlerts.stateRules"},
    {"colId": "rearm", ":cellRenderer": "volspike.myAlerts.rearm", **ACTION},
    {"colId": "remove", ":cellRenderer": "volspike.myAlerts.remove", **ACTION},
]  # fmt: skip

OPTIONS: dict[str, Any] = {
    "columnDefs": COLUMNS,
    "defaultColDef": {"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "cellClass": "vs-cell"},
    ":getRowId": "(row) => row.data.id",
    ":onGridReady": "volspike.myAlerts.ready",
    "suppressFieldDotNotation": True,
    ":onCellKeyDown": "volspike.cells.press",
    "animateRows": False,
    "rowHeight": 40,
    "headerHeight": 38,
    "overlayNoRowsTemplate": "<span class='vs-quiet'>No alerts yet: set one above</span>",
}

"""The columns of the Alerts page, in the words of AG Grid; a name with a colon is an expression for the browser.

What they say in the browser is in `static/suite.js`.
"""

from typing import Any

from volspike.dashboard.pages.columns import MEASURE
from volspike.dashboard.views.alerts import TITLES

CHANGE: dict[str, Any] = {
    **MEASURE,
    ":valueFormatter": "volspike.cells.change",
    ":cellClassRules": "volspike.cells.signed",
}

COLUMNS: list[dict[str, Any]] = [
    {
        "field": "t", "headerName": "Time (UTC)", "width": 124, "cellClass": "vs-time", "sort": "desc",
        ":valueFormatter": "volspike.alerts.time", ":tooltipValueGetter": "volspike.alerts.instant",
        ":cellClassRules": "volspike.alerts.kindRules",
    },
    {
        "field": "k", "headerName": "Kind", "width": 112,
        "refData": {kind.value: title for kind, title in TITLES.items()},
    },
    {"field": "s", "headerName": "Symbol", "width": 132, ":cellRenderer": "volspike.cells.symbol"},
    {
        "field": "x", "headerName": "What happened", "flex": 1, "minWidth": 150, "wrapText": True, "autoHeight": True,
        "cellClass": "vs-said",
    },
    {
        "field": "z", "headerName": "Strength", "width": 92, **MEASURE,
        ":valueFormatter": "volspike.alerts.strength", ":cellClassRules": "volspike.alerts.strengthRules",
    },
    {"field": "p", "headerName": "Price move", "width": 104, **CHANGE},
    {"field": "o", "headerName": "OI move", "width": 88, **CHANGE},
    {"field": "f", "headerName": "Funding", "width": 96, ":valueFormatter": "volspike.cells.rate", **MEASURE},
]  # fmt: skip

OPTIONS: dict[str, Any] = {
    "columnDefs": COLUMNS,
    "defaultColDef": {"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "wrapHeaderText": True},
    ":getRowId": "(row) => row.data.id",
    ":onGridReady": "volspike.alerts.ready",
    ":onRowClicked": "volspike.cells.open",
    ":onCellKeyDown": "volspike.cells.pressOrOpen",
    "suppressFieldDotNotation": True,
    "animateRows": False,
    "rowHeight": 34,
    "headerHeight": 38,
    "tooltipShowDelay": 300,
    "overlayNoRowsTemplate": "<span class='vs-quiet'>Nothing yet, or nothing that fits</span>",
}

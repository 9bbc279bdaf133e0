"""The columns of the Alerts page: each shows a value that rows have, and is written by something that there is."""

import re

from volspike.dashboard.app import STATIC
from volspike.dashboard.pages.alert_columns import COLUMNS, OPTIONS
from volspike.dashboard.views.alerts import Row

SCRIPTS = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("volspike.js", "suite.js"))


def test_every_value_of_a_row_has_its_column() -> None:
    assert {column["field"] for column in COLUMNS} == Row.__annotations__.keys() - {"id"}


def test_what_the_columns_ask_of_the_browser_is_in_the_scripts() -> None:
    asked = {
        name
        for options in (OPTIONS, *COLUMNS)
        for key, value in options.items()
        if key.startswith(":")
        for name in re.findall(r"volspike\.(?:cells|alerts)\.(\w+)", str(value))
    }

    assert asked
    assert [name for name in asked if not re.search(rf"\b{name}\b[:,]", SCRIPTS)] == []

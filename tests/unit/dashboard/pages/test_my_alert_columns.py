"""The columns of the My alerts page: each shows a value that rows have, and is written by something that there is."""

import re

from volspike.dashboard.app import STATIC
from volspike.dashboard.pages.my_alert_columns import COLUMNS, OPTIONS
from volspike.dashboard.views.my_alerts import Row

SCRIPTS = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("volspike.js", "suite.js"))


def test_every_value_of_a_row_has_its_column() -> None:
    assert {column["field"] for column in COLUMNS if "field" in column} == Row.__annotations__.keys() - {"id", "fired"}


def test_what_the_columns_ask_of_the_browser_is_in_the_scripts() -> None:
    asked = {
        name
        for options in (OPTIONS, *COLUMNS)
        for key, value in options.items()
        if key.startswith(":")
        for name in re.findall(r"volspike\.(?:cells|myAlerts)\.(\w+)", str(value))
    }

    assert asked
    assert [name for name in asked if not re.search(rf"\b{name}\b[:,]", SCRIPTS)] == []

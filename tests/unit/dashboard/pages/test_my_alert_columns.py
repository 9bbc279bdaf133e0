"""The columns of the My alerts page: each shows a value that rows have, and is written by something that there is."""

import re

from tests.unit.dashboard.pages.column_scripts import SCRIPTS, asked_for, unwritten
from volspike.dashboard.pages.my_alert_columns import COLUMNS, OPTIONS
from volspike.dashboard.views.my_alerts import Row


def test_every_value_of_a_row_has_its_column() -> None:
    assert {column["field"] for column in COLUMNS if "field" in column} == Row.__annotations__.keys() - {"id", "fired"}


def test_what_the_columns_ask_of_the_browser_is_in_the_scripts() -> None:
    asked = asked_for("myAlerts", OPTIONS, *COLUMNS)

    assert asked
    assert unwritten(asked) == []


def test_the_columns_of_a_phone_fit_a_narrow_one_whole_and_what_they_lack_stands_below_the_symbol() -> None:
    phone, edges = 360, 2 * 8 + 2 * 1
    (named,) = re.findall(r"fitted\(api, \[(.*?)\], \{ rearm", SCRIPTS)
    wide_only = set(re.findall(r'"(\w+)"', named))
    kept = [column for column in COLUMNS if column.get("field") not in wide_only]

    assert {"w", "e"} <= wide_only
    assert "[data.w, data.e]" in SCRIPTS
    assert sum(column["minWidth"] for column in kept) <= phone - edges

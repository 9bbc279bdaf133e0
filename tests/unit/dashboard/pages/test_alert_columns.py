"""The columns of the Alerts page: each shows a value that rows have, and is written by something that there is."""

from tests.unit.dashboard.pages.column_scripts import asked_for, unwritten
from volspike.dashboard.pages.alert_columns import COLUMNS, OPTIONS
from volspike.dashboard.views.alerts import Row


def test_every_value_of_a_row_has_its_column() -> None:
    assert {column["field"] for column in COLUMNS} == Row.__annotations__.keys() - {"id"}


def test_a_move_is_not_called_a_price() -> None:
    assert {column["field"]: column["headerName"] for column in COLUMNS}["p"] == "Price move"


def test_what_the_columns_ask_of_the_browser_is_in_the_scripts() -> None:
    asked = asked_for("alerts", OPTIONS, *COLUMNS)

    assert asked
    assert unwritten(asked) == []

"""The columns of the Market page: each shows a value that rows have, and is written by something that there is."""

import re

from tests.unit.dashboard.pages.column_scripts import SCRIPTS, asked_for, unwritten
from volspike.dashboard.pages.market_columns import COLUMNS, OPTIONS

FIELDS = {"s", "m", "d", "f", "a", "n", "o", "o5", "o15", "o60", "v", "r"}


def test_every_value_of_a_row_has_its_column() -> None:
    assert {column["field"] for column in COLUMNS if "field" in column} == FIELDS


def test_who_filters_by_what_is_told_in_percent_means_percent() -> None:
    forms = {column["field"]: column[":valueFormatter"].removeprefix("volspike.cells.")
             for column in COLUMNS if ":valueFormatter" in column}  # fmt: skip
    in_percent = {column["field"] for column in COLUMNS if ":filterValueGetter" in column}

    assert in_percent == {field for field, form in forms.items() if form in ("rate", "year", "change")}
    assert len(in_percent) == 6


def test_what_the_columns_ask_of_the_browser_is_in_the_script() -> None:
    asked = asked_for("market", OPTIONS, *COLUMNS)

    assert asked
    assert unwritten(asked) == []


def test_the_columns_of_a_phone_fit_a_narrow_one_whole() -> None:
    phone, edges = 360, 2 * 8 + 2 * 1
    pinned = [int(width) for width in re.findall(r"width: isNarrow \? (\d+)", SCRIPTS)]
    (named,) = re.findall(r"WIDE_ONLY = \[(.*?)\]", SCRIPTS)
    wide_only = set(re.findall(r'"(\w+)"', named))
    kept = [column for column in COLUMNS if "flex" in column and column["field"] not in wide_only]

    assert [column["field"] for column in kept] == ["m", "f", "r"]
    assert len(pinned) == 2
    assert COLUMNS[0]["minWidth"] <= pinned[0], "else AG Grid keeps the star wider"
    assert sum(pinned) + sum(column["minWidth"] for column in kept) <= phone - edges


def test_the_rows_of_a_phone_are_in_the_order_of_a_column_that_is_seen() -> None:
    (order,) = re.findall(r'NARROW_ORDER = "-(\w+)"', SCRIPTS)
    (named,) = re.findall(r"WIDE_ONLY = \[(.*?)\]", SCRIPTS)

    assert order in FIELDS - set(re.findall(r'"(\w+)"', named))


def test_every_number_that_may_be_old_is_greyed_then() -> None:
    sure = {"s", "n"}
    greyed = {column["field"] for column in COLUMNS if "lateBy" in column.get(":cellClassRules", "")}

    assert greyed == FIELDS - sure

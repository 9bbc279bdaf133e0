"""What the columns of several tables have in common."""

from tests.unit.dashboard.pages.column_scripts import asked_for, unwritten
from volspike.dashboard.pages.columns import MEASURE, NUMBER


def test_numbers_end_below_each_other() -> None:
    assert NUMBER["type"] == MEASURE["type"] == "rightAligned"


def test_the_first_click_shows_the_greatest_and_what_is_unknown_is_written_to_come_last() -> None:
    asked = asked_for("cells", MEASURE)

    assert MEASURE["sortingOrder"][0] == "desc"
    assert "unknownLast" in str(asked)
    assert unwritten(asked) == []

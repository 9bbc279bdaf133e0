"""The Symbol page: numbers in words, and charts with the alerts where they belong."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from tests.unit.examples import NOW, funding_row
from volspike.dashboard.app import STATIC
from volspike.dashboard.views import symbol as view
from volspike.dashboard.views.symbol import Tile, height
from volspike.model.delivery import Kind
from volspike.model.market import HourVolume
from volspike.readers.symbol import Mark, Point

HOUR = 3600
POINTS = (Point(1000.0, 5.0), Point(1030.0, 6.0), Point(1060.0, 7.0))


def marks(chart: view.Chart) -> list[list[Any]]:
    """Return where the marks of a chart stand."""
    return [mark["coord"] for mark in chart["series"][0]["markPoint"]["data"]]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("btcusdt", "BTCUSDT"),
        ("BTCUSDT", "BTCUSDT"),
        ("btcusdt_261225", "BTCUSDT_261225"),
        ("币安人生usdt", "币安人生usdt"),
        ("<img src=x>USDT", "<img src=x>USDT"),
        ("", ""),
    ],
)
def test_a_symbol_is_meant_in_upper_case_unless_it_is_no_ascii_name(asked: str, meant: str) -> None:
    assert view.meant(asked) == meant


def test_the_numbers_are_told_in_words() -> None:
    told = {
        tile.name: tile
        for tile in view.tiles({"s": "X", "m": 61956.45, "d": -0.1, "n": 174.0, "r": 3.08, "fa": "20 s"})
    }

    assert told["Mark"] == Tile("Mark", "61,956.45", "", "20 s")
    assert told["24 h"] == Tile("24 h", "-10.00%", "bad")
    assert told["Next funding"].text == "2 h 54 min"
    assert told["Ratio"].text == "3.08×"
    assert told["Open interest"].text == "–"


@pytest.mark.parametrize(
    ("value", "tone"), [(0.01, "good"), (-0.01, "bad"), (0.00004, ""), (-0.00004, ""), (0.0, ""), (None, "")]
)
def test_a_change_has_the_tone_of_its_sign(value: float | None, tone: str) -> None:
    told = {tile.name: tile for tile in view.tiles({"o5": value})}

    assert told["OI 5 min"].tone == tone


def test_every_number_of_a_late_row_tells_its_age() -> None:
    told = view.tiles({"fa": "1 min", "da": "2 min", "wa": "5 min", "oa": "3 min", "va": "4 min"})

    assert {tile.name for tile in told if not tile.age} == {"Next funding"}
    assert {tile.age for tile in told if tile.name.startswith("OI")} == {"3 min"}
    assert {tile.name: tile.age for tile in told}["Open interest"] == "5 min"


def test_a_funding_that_comes_within_the_minute_comes_now() -> None:
    assert {tile.name: tile.text for tile in view.tiles({"n": 0})}["Next funding"] == "now"


def test_an_alert_stands_on_the_line_where_it_was() -> None:
    alerts = [Mark(1031.5, Kind.OPEN_INTEREST, "up")]

    chart = view.open_interest_chart(POINTS, alerts)

    assert chart["series"][0]["data"] == [[1_000_000, 5.0], [1_030_000, 6.0], [1_060_000, 7.0]]
    assert marks(chart) == [[1_031_500, 6.05]]


def test_the_axis_of_open_interest_has_the_digits_that_its_range_needs() -> None:
    near = view.open_interest_chart([Point(1000.0, 91_735.0), Point(1030.0, 91_759.0)], ())
    far = view.open_interest_chart([Point(1000.0, 91_000.0), Point(1030.0, 99_000.0)], ())

    assert near["yAxis"]["axisLabel"][":formatter"] == "volspike.charts.amountTo(3)"
    assert far["yAxis"]["axisLabel"][":formatter"] == "volspike.charts.amountTo(2)"


@pytest.mark.parametrize(
    ("ats", "beginning"),
    [([20_000.0], 9_200.0), ([19_000.0, 20_000.0], 9_200.0), ([5_000.0, 20_000.0], 5_000.0)],
)
def test_the_axis_of_a_line_reaches_three_hours_back_or_to_the_first_point(ats: list[float], beginning: float) -> None:
    chart = view.funding_chart([Point(at, 1.0) for at in ats], ())

    assert chart["xAxis"]["min"] == beginning * 1000


def test_an_alert_of_another_time_is_not_on_the_chart() -> None:
    alerts = [Mark(999.0, Kind.OPEN_INTEREST, "before"), Mark(1061.0, Kind.OPEN_INTEREST, "after")]

    assert marks(view.open_interest_chart(POINTS, alerts)) == []
    assert marks(view.open_interest_chart((), alerts)) == []


@pytest.mark.parametrize("line", [view.open_interest_chart, view.funding_chart])
def test_a_line_has_the_alerts_of_every_kind_each_in_its_colour(
    line: Callable[[Sequence[Point], Iterable[Mark]], view.Chart],
) -> None:
    alerts = [Mark(1001.0, kind, "x") for kind in (Kind.VOLUME, Kind.OPEN_INTEREST, Kind.TRIGGER)]

    told = line(POINTS, alerts)["series"][0]["markPoint"]["data"]

    assert len({mark["itemStyle"]["color"] for mark in told}) == 3


def test_a_kind_has_the_same_colour_on_a_chart_and_in_the_table_of_alerts() -> None:
    style = (STATIC / "suite.css").read_text(encoding="utf-8")
    in_the_table = dict(re.findall(r"\.vs-kind-([\w-]+) \{ border-left-color: (#\w+)", style))

    assert {kind.value: colour for kind, colour in view.COLOURS.items()} == in_the_table


def test_the_present_ends_the_line_of_the_funding() -> None:
    recorded = [(NOW - 300, 0.0001, 50_000.0)]

    assert view.funding_points(recorded, funding_row(NOW, rate=0.0002)) == [(NOW - 300, 0.0001), (NOW, 0.0002)]
    assert view.funding_points(recorded, funding_row(NOW, rate=None)) == [(NOW - 300, 0.0001)]
    assert view.funding_points((), None) == []


def test_a_line_does_not_turn_back_to_a_row_that_is_older_than_the_last_record_of_it() -> None:
    recorded = [(NOW, 0.0001, 50_000.0)]

    assert view.funding_points(recorded, funding_row(NOW - 1, rate=0.0001)) == [(NOW, 0.0001)]


def test_a_volume_alert_stands_on_the_bar_of_its_hour() -> None:
    hours = (HourVolume(0, 1e6), HourVolume(HOUR, 5e6))
    alerts = [
        Mark(HOUR + 600.0, Kind.VOLUME, "spike", HOUR),
        Mark(HOUR + 1.0, Kind.VOLUME, "the whole hour, told when it was over", 0),
        Mark(HOUR + 2.0, Kind.VOLUME, "of an hour that is not told"),
        Mark(9 * HOUR, Kind.VOLUME, "no such bar"),
    ]

    chart = view.volume_chart(hours, alerts)

    assert chart["series"][0]["data"] == [[0, 1e6], [HOUR * 1000, 5e6]]
    assert marks(chart) == [[HOUR * 1000, 5e6], [0, 1e6], [HOUR * 1000, 5e6]]
    assert chart["yAxis"]["scale"] is False


@pytest.mark.parametrize(
    ("at", "value"),
    [(999.9, None), (1000.0, 5.0), (1015.0, 5.5), (1030.0, 6.0), (1054.0, 6.8), (1060.0, 7.0), (1060.1, None)],
)
def test_the_height_of_a_line_is_that_between_its_neighbouring_points(at: float, value: float | None) -> None:
    assert height(POINTS, at) == (None if value is None else pytest.approx(value))


def test_a_line_of_one_point_and_one_of_none_have_a_height_there_and_nowhere() -> None:
    assert height(POINTS[:1], 1000.0) == 5.0
    assert height((), 1000.0) is None

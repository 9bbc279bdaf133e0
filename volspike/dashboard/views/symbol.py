"""What the Symbol page shows: the numbers of now, and the charts with the alerts marked on them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from volspike.dashboard.views import words
from volspike.dashboard.views.market import Row
from volspike.model.delivery import Kind
from volspike.model.market import FundingRow, HourVolume
from volspike.readers.symbol import Mark, Point

HOUR = 3600
LEAST_SPAN_SECONDS = 3 * HOUR
"""What a line's axis reaches back at least: a few minutes of data look like that, and not like a trend."""
COLOURS = {Kind.VOLUME: "#4f8ef7", Kind.OPEN_INTEREST: "#a66bff", Kind.TRIGGER: "#f0b429"}
LINE = "#10b981"
QUIET = "#8b98a8"
"""Of what is of no kind; the labels of an axis are of the theme's."""
GRID_LINE = "rgba(139,152,168,.18)"
Chart = dict[str, Any]
"""A chart in the words of ECharts; a name with a colon is an expression for the browser."""


class Tile(NamedTuple):
    """A number with its name; `tone` is that of a rise or a fall, `age` how old a late one is."""

    name: str
    text: str
    tone: str = ""
    age: str = ""


def meant(asked: str) -> str:
    """Return the symbol that an address asks for: an ASCII name in upper case, as at the exchange; else as it is."""
    is_name = asked.isascii() and asked.replace("_", "").isalnum()
    return asked.upper() if is_name else asked


def tiles(row: Row) -> list[Tile]:
    """Return the numbers of a row of the Market page, in words."""
    feed, day, worth, interest, volume = (str(row.get(name) or "") for name in ("fa", "da", "wa", "oa", "va"))
    return [
        Tile("Mark", words.price(_number(row, "m")), age=feed),
        _change("24 h", row, "d", day),
        Tile("Funding", words.percent(_number(row, "f"), 4), age=feed),
        Tile("Per year", words.percent(_number(row, "a"), 1), age=feed),
        Tile("Next funding", _minutes(_number(row, "n"))),
        Tile("Open interest", words.amount(_number(row, "o")), age=worth),
        _change("OI 5 min", row, "o5", interest),
        _change("OI 15 min", row, "o15", interest),
        _change("OI 1 h", row, "o60", interest),
        Tile("Hour volume", words.amount(_number(row, "v")), age=volume),
        Tile("Ratio", words.times(_number(row, "r")), age=volume),
    ]


def _number(row: Row, name: str) -> float | None:
    value = row.get(name)
    return value if isinstance(value, int | float) else None


def _change(title: str, row: Row, name: str, age: str) -> Tile:
    value = _number(row, name)
    told = words.percent(value, 2, signed=True)
    return Tile(title, told, {"+": "good", "-": "bad"}.get(told[0], ""), age)


def _minutes(value: float | None) -> str:
    return words.UNKNOWN if value is None else words.age(value * words.MINUTE) if value >= 1 else "now"


def open_interest_chart(points: Sequence[Point], alerts: Iterable[Mark]) -> Chart:
    """Return the line of open interest, in contracts, with the alerts of every kind: what it was when they came."""
    return _line(points, alerts, _amount(words.axis_digits([point.value for point in points])))


def funding_chart(points: Sequence[Point], alerts: Iterable[Mark]) -> Chart:
    """Return the line of the funding rate, with the alerts of every kind: what it was when they came."""
    return _line(points, alerts, "volspike.charts.rate")


def funding_points(recorded: Iterable[tuple[float, float, float]], now: FundingRow | None) -> list[Point]:
    """Return the recorded points (time, funding rate, mark price), and the present where it comes after them.

    The row of the feed is older than a record that was just made of it, the longer the feed is silent.
    """
    points = [Point(at, rate) for at, rate, _ in recorded]
    if now is not None and now.funding_rate is not None and (not points or now.updated_at > points[-1].at):
        points.append(Point(now.updated_at, now.funding_rate))
    return points


def volume_chart(hours: Sequence[HourVolume], alerts: Iterable[Mark]) -> Chart:
    """Return a bar for each hour; an alert stands on that of the hour it is about, which may be over."""
    heights = {hour.start: hour.quote_volume for hour in hours}
    marks = [
        _mark(alert, start, heights[start])
        for alert in alerts
        if alert.kind is Kind.VOLUME and (start := _hour_of(alert)) in heights
    ]
    bars = [[start * 1000, height] for start, height in heights.items()]
    series = {"type": "bar", "data": bars, "itemStyle": {"color": LINE, "opacity": 0.75}, "barMaxWidth": 18}
    return _chart(series, marks, _amount(words.LEAST_DIGITS), from_zero=True)


def _hour_of(alert: Mark) -> int:
    return int(alert.at if alert.hour is None else alert.hour) // HOUR * HOUR


def _amount(digits: int) -> str:
    """Return what writes an amount with so many decimals in the browser."""
    return f"volspike.charts.amountTo({digits})"


def _line(points: Sequence[Point], alerts: Iterable[Mark], form: str) -> Chart:
    marks = [_mark(alert, alert.at, value) for alert in alerts if (value := height(points, alert.at)) is not None]
    series = {
        "type": "line",
        "data": [[round(point.at * 1000), point.value] for point in points],
        "showSymbol": len(points) == 1,
        "lineStyle": {"width": 1.8, "color": LINE},
        "itemStyle": {"color": LINE},
        "areaStyle": {"color": LINE, "opacity": 0.08, "origin": "start"},
    }
    return _chart(series, marks, form, from_zero=False, since=_beginning(points))


def _beginning(points: Sequence[Point]) -> float | None:
    """Return where the axis of a line begins, epoch seconds; None where there is nothing to draw."""
    return min(points[0].at, points[-1].at - LEAST_SPAN_SECONDS) if points else None


def height(points: Sequence[Point], at: float) -> float | None:
    """Return where the line through these points is at an instant; None where it is not, before and after them."""
    if not points or not points[0].at <= at <= points[-1].at:
        return None
    after = bisect_right(points, at, key=lambda point: point.at)
    before = points[after - 1]
    if after == len(points):
        return before.value
    share = (at - before.at) / (points[after].at - before.at)
    return before.value + share * (points[after].value - before.value)


def _mark(alert: Mark, at: float, value: float) -> dict[str, Any]:
    colour = COLOURS.get(alert.kind, QUIET)
    return {"coord": [round(at * 1000), value], "name": alert.text, "itemStyle": {"color": colour}}


def _chart(
    series: dict[str, Any], marks: list[dict[str, Any]], form: str, *, from_zero: bool, since: float | None = None
) -> Chart:
    """Return a chart; its axis begins `since` that instant (epoch seconds), or where its data do."""
    label = {":color": "volspike.charts.quiet", "fontSize": 11}
    points = {
        "data": marks,
        "symbol": "pin",
        "symbolSize": 26,
        "label": {"show": False},
        "tooltip": {"trigger": "item", "formatter": "{b}"},
    }
    return {
        "useUTC": True,
        "animation": False,
        "grid": {"left": 8, "right": 12, "top": 26, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True, ":valueFormatter": form},
        "xAxis": {
            "type": "time",
            "min": None if since is None else round(since * 1000),
            "axisLabel": {**label, "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": GRID_LINE}},
            "axisTick": {"show": False},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "scale": not from_zero,
            "axisLabel": {**label, ":formatter": form},
            "splitLine": {"lineStyle": {"color": GRID_LINE}},
        },
        "series": [{**series, "markPoint": points}],
    }

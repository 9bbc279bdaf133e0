"""What the Alerts page shows of the alerts."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.examples import NOW
from volspike.dashboard.views import alerts as view
from volspike.dashboard.views.alerts import Wanted
from volspike.model.delivery import Kind
from volspike.readers.alerts import Alert, Alerts, Figures


def alert(
    key: str = "A",
    symbol: str = "BTCUSDT",
    kind: Kind = Kind.VOLUME,
    *,
    at: float = NOW,
    text: str = "BTC happened",
    figures: Figures | None = None,
) -> Alert:
    """Return an alert."""
    return Alert(1, key, kind, symbol, at, text, figures or Figures())


ALERTS = Alerts(
    (
        alert("D", "ETHUSDT", Kind.OPEN_INTEREST, at=NOW - 10),
        alert("C", "BTCUSDT", Kind.TRIGGER, at=NOW - 2 * 3600),
        alert("B", "币安人生USDT", at=NOW - 7 * 3600),
        alert("A", "", Kind.HEALTH, at=NOW - 30 * 3600),
    )
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), "DCBA"),
        (Wanted(frozenset({Kind.VOLUME, Kind.TRIGGER})), "CB"),
        (Wanted(name=" btc/"), "C"),
        (Wanted(name="usdt"), "DCB"),
        (Wanted(name="币安"), "B"),
        (Wanted(name="nosuch"), ""),
        (Wanted(hours=1), "D"),
        (Wanted(hours=6), "DC"),
        (Wanted(hours=24), "DCB"),
        (Wanted(frozenset({Kind.TRIGGER}), "ETH", 24), ""),
    ],
)
def test_alerts_are_looked_for_by_kind_name_and_age(wanted: Wanted, found: str) -> None:
    assert "".join(found.key for found in wanted.found(ALERTS, NOW)) == found


@pytest.mark.parametrize(
    ("kind", "strength"), [(Kind.VOLUME, 3.5), (Kind.OPEN_INTEREST, -0.05), (Kind.HEALTH, -0.05), (Kind.TRIGGER, -0.05)]
)
def test_a_row_tells_how_strong_an_alert_is_in_the_measure_of_its_kind(kind: Kind, strength: float) -> None:
    figures = Figures(volume_ratio=3.5, pct_change=-0.05, price_change=0.01, funding_rate=0.0001, oi_change=0.02)

    row = view.row(alert(kind=kind, figures=figures))

    assert row == {
        "id": "A",
        "t": NOW,
        "k": kind.value,
        "s": "BTCUSDT",
        "x": "BTC happened",
        "z": strength,
        "p": 0.01,
        "f": 0.0001,
        "o": 0.02,
    }


@given(st.lists(st.sampled_from("ABCDEFG"), unique=True), st.lists(st.sampled_from("ABCDEFG"), unique=True))
def test_what_is_added_and_removed_leads_from_the_shown_rows_to_the_wanted(before: list[str], after: list[str]) -> None:
    shown, wanted = ({key: view.row(alert(key)) for key in keys} for keys in (before, after))

    change = view.change(shown, wanted)

    assert [row["id"] for row in change.added] == [key for key in after if key not in before]
    assert {row["id"] for row in change.removed} == set(before) - set(after)


@pytest.mark.parametrize(
    ("kind", "hours", "wanted"),
    [
        ("open-interest", "6", Wanted(frozenset({Kind.OPEN_INTEREST}), "btc", 6)),
        ("", "0", Wanted(name="btc")),
        ("nosuch", "-1", Wanted(name="btc")),
        ("volume,health", "x", Wanted(name="btc")),
    ],
)
def test_an_address_asks_for_what_it_can_mean_and_for_nothing_else(kind: str, hours: str, wanted: Wanted) -> None:
    assert view.wanted("btc", kind, hours) == wanted


def test_a_kind_has_the_name_that_it_has_elsewhere_too() -> None:
    assert view.TITLES[Kind.TRIGGER] == "User alert"


@pytest.mark.parametrize(
    ("shown", "found", "words"),
    [
        (0, 0, "No such alerts yet"),
        (1, 1, "1 alert"),
        (1000, 1000, "1,000 alerts"),
        (1000, 1234, "1,234 alerts, the newest 1,000 shown"),
    ],
)
def test_how_many_there_are_is_told(shown: int, found: int, words: str) -> None:
    assert view.count(shown, found) == words


def test_a_file_has_every_figure_and_leaves_out_what_is_unknown() -> None:
    figures = Figures(volume_ratio=3.5, current_volume=5e9, price=65000.0, price_change=-0.01)
    content = view.table([alert("k", figures=figures), alert("h", "", Kind.HEALTH, text='said "x", y')])

    first, second = csv.DictReader(content.decode("utf-8-sig").splitlines())

    assert first["time_utc"] == "2026-10-01 12:02:03"
    assert (first["volume_ratio"], first["price_change"], first["funding_rate"]) == ("3.5", "-0.01", "")
    assert (second["kind"], second["symbol"], second["text"]) == ("health", "", 'said "x", y')


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_file_has_no_formula_of_a_stranger(text: str) -> None:
    (line,) = csv.DictReader(view.table([alert(text=text, symbol=text)]).decode("utf-8-sig").splitlines())

    assert (line["text"], line["symbol"]) == (f"'{text}", f"'{text}")

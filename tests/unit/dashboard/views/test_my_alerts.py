"""What the My alerts page shows of the alerts that people have set."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.examples import NOW
from volspike.clients.backend.wire import OwnAlert
from volspike.dashboard.views import my_alerts as view
from volspike.model.alerts import UserAlertType
from volspike.readers.user_alerts import Look
from volspike.rules.alert_values import Market
from volspike.rules.thresholds import Watched

MARKET = Market({"BTCUSDT": 64_000.0}, {"BTCUSDT": 0.0001}, {"BTCUSDT": 80_000.0})


def alert(kind: UserAlertType = UserAlertType.PRICE_CROSS, threshold: float = 65_000.0, **fields: Any) -> OwnAlert:
    """Return an alert of BTC that is armed."""
    given: dict[str, Any] = {"id": "a", "symbol": "BTCUSDT", "active": True, **fields}
    return OwnAlert(alert_type=kind, threshold=threshold, **given)


def moment(seconds_ago: float) -> datetime:
    return datetime.fromtimestamp(NOW - seconds_ago, UTC)


@pytest.mark.parametrize(
    ("kind", "threshold", "shown"),
    [
        (UserAlertType.PRICE_CROSS, 65_000.0, ("Price", "65,000 USDT", "64,000", 0.015625)),
        (UserAlertType.FUNDING_CROSS, -0.0005, ("Funding", "-0.05%", "0.01%", None)),
        (UserAlertType.OI_CROSS, 5.12e9, ("Open interest", "5.12B USD", "5.12B", 0.0)),
    ],
)
def test_a_row_tells_threshold_and_value_in_the_unit_of_what_is_watched(
    kind: UserAlertType, threshold: float, shown: tuple[str, str, str, float | None]
) -> None:
    row = view.row(alert(kind, threshold), MARKET, NOW)

    assert (row["w"], row["h"], row["n"], row["d"]) == shown


def test_a_value_that_is_not_known_is_a_dash_and_no_distance() -> None:
    row = view.row(alert(symbol="ETHUSDT"), MARKET, NOW)

    assert (row["n"], row["d"], row["c"]) == ("–", None, "–")


@pytest.mark.parametrize(
    ("fields", "state", "fired"),
    [
        ({}, "armed", False),
        ({"active": False, "fired_at": moment(125)}, "fired 2 min ago", True),
        ({"active": False}, "fired", True),
    ],
)
def test_a_row_tells_whether_it_has_fired(fields: dict[str, Any], state: str, fired: bool) -> None:
    row = view.row(alert(**fields), MARKET, NOW)

    assert (row["e"], row["fired"]) == (state, fired)


def test_a_row_tells_what_was_looked_at_last() -> None:
    looked = alert(last_checked_value=63_999.5, last_checked_at=moment(12))

    assert view.row(looked, MARKET, NOW)["c"] == "63,999.5, 12 s ago"


def test_only_what_differs_is_told_on() -> None:
    before = view.rows(Look(NOW, (alert(), alert(id="b"), alert(id="c")), MARKET))
    after = view.rows(Look(NOW, (alert(), alert(id="b", active=False), alert(id="d")), MARKET))

    change = view.change(before, after)

    assert [row["id"] for row in change.changed] == ["b", "d"]
    assert [row["id"] for row in change.removed] == ["c"]


@pytest.mark.parametrize(
    ("symbol", "watched", "said"),
    [
        (" btc ", Watched.PRICE, "Price in USDT, such as 65,000 · now 64,000 USDT"),
        ("BTC/USDT", Watched.FUNDING, "Funding such as 0.01% or -0.0001 · now 0.01%"),
        ("", Watched.PRICE, "Price in USDT, such as 65,000"),
        ("NOSUCH", Watched.OPEN_INTEREST, "Open interest in USD, such as 5e9"),
    ],
)
def test_whoever_types_is_told_the_present_value_and_how_to_write_a_threshold(
    symbol: str, watched: Watched, said: str
) -> None:
    assert view.hint(MARKET, symbol, watched) == said

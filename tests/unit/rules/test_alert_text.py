"""The words of alerts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import AlertType, Direction, OpenInterestAlert
from volspike.rules import alert_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.00"),
        (12.345, "12.35"),
        (999.99, "999.99"),
        (999.996, "1.00K"),
        (1000.0, "1.00K"),
        (105_020.0, "105.02K"),
        (999_994.9, "999.99K"),
        (999_999.0, "1.00M"),
        (150e6, "150.00M"),
        (1.5e9, "1.50B"),
        (2.25e12, "2.25T"),
        (3e16, "30000.00T"),
    ],
)
def test_a_number_is_told_in_the_smallest_unit_that_leaves_less_than_a_thousand_of_it(number: float, text: str) -> None:
    assert alert_text.compact(number) == text


@given(st.floats(0, 9.99e14))
def test_a_compact_number_never_has_more_than_three_digits_before_the_point(number: float) -> None:
    assert len(alert_text.compact(number).split(".")[0]) <= 3


@pytest.mark.parametrize(
    ("alert_type", "prefix"),
    [(AlertType.SPIKE, ""), (AlertType.HALF_UPDATE, "HALF-UPDATE: "), (AlertType.FULL_UPDATE, "UPDATE: ")],
)
def test_a_volume_alert_says_volume_and_ratio_and_whether_it_is_an_update(alert_type: AlertType, prefix: str) -> None:
    text = alert_text.volume(alert_type, "BTC", 150e6, 150 / 45)

    assert text == f"{prefix}BTC hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!"


@pytest.mark.parametrize(
    ("direction", "current", "price_change", "text"),
    [
        (Direction.UP, 105_020.0, 0.004, "BTC open interest ▲ 5.02% in 5 min (100.00K → 105.02K), price +0.40%"),
        (Direction.DOWN, 94_980.0, -0.0123, "BTC open interest ▼ 5.02% in 5 min (100.00K → 94.98K), price -1.23%"),
        (Direction.UP, 105_020.0, None, "BTC open interest ▲ 5.02% in 5 min (100.00K → 105.02K)"),
        (Direction.UP, 105_020.0, -0.00001, "BTC open interest ▲ 5.02% in 5 min (100.00K → 105.02K), price +0.00%"),
    ],
)
def test_an_open_interest_alert_says_change_and_timeframe_and_the_price_when_it_is_known(
    direction: Direction, current: float, price_change: float | None, text: str
) -> None:
    alert = OpenInterestAlert(
        symbol="BTCUSDT",
        direction=direction,
        timeframe="5 min",
        timestamp=datetime(2026, 1, 2, 14, tzinfo=UTC),
        baseline=100_000.0,
        current=current,
        pct_change=(current - 100_000.0) / 100_000.0,
        abs_change=current - 100_000.0,
        source="oi_realtime_poller",
        price_change=price_change,
    )

    assert alert_text.open_interest(alert) == text

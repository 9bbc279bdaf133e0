"""The words of alerts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import AlertType, Cross, Direction, OpenInterestAlert, Trigger, UserAlertType
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


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (65_000.0, "65,000"),
        (65_012.3, "65,012.3"),
        (100.0, "100"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (9.685e-05, "0.00009685"),
        (2e15, "2,000,000,000,000,000"),
    ],
)
def test_a_plain_number_has_the_digits_that_were_given_and_no_exponent(number: float, text: str) -> None:
    assert alert_text.plain(number) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.00966 / 100, "0.00966%"), (0.0001, "0.01%"), (-0.0005, "-0.05%"), (0.0, "0%"), (0.02, "2%"), (0.1, "10%")],
)
def test_a_rate_in_percent_is_not_rounded(fraction: float, text: str) -> None:
    assert alert_text.percent(fraction) == text


@given(st.decimals(-10, 10, places=8))
def test_a_rate_that_is_given_in_percent_is_told_as_it_was_given(given_percent: Decimal) -> None:
    assert Decimal(alert_text.percent(float(given_percent) / 100).removesuffix("%")) == given_percent


@pytest.mark.parametrize(
    ("symbol", "alert_type", "threshold", "values", "text"),
    [
        (
            "BTCUSDT",
            UserAlertType.PRICE_CROSS,
            65_000.0,
            (64_980.1, 65_012.3),
            "BTC price crossed above 65,000 USDT (64,980.1 → 65,012.3)",
        ),
        (
            "BTC",
            UserAlertType.FUNDING_CROSS,
            9.66e-05,
            (9.69e-05, 9.64e-05),
            "BTC funding crossed below 0.00966% (0.00969% → 0.00964%)",
        ),
        (
            "SOLUSDT",
            UserAlertType.OI_CROSS,
            5e9,
            (4.98e9, 5.01e9),
            "SOL open interest crossed above 5.00B USD (4.98B → 5.01B)",
        ),
    ],
)
def test_a_crossed_threshold_says_what_was_watched_and_from_where_to_where_it_went(
    symbol: str, alert_type: UserAlertType, threshold: float, values: tuple[float, float], text: str
) -> None:
    previous, current = values
    trigger = Trigger("a1", symbol, current, previous, crossed_up=current > previous)

    assert alert_text.crossed(Cross(trigger, 0.0, alert_type, threshold)) == text

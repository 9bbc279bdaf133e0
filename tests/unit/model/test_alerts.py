"""The alerts: what the backend gets of them, and the names of their episodes."""

from datetime import UTC, datetime

import msgspec
import pytest

from volspike.model.alerts import (
    AlertType,
    CandleDirection,
    Cross,
    Direction,
    OpenInterestAlert,
    Report,
    Trigger,
    UserAlert,
    UserAlertType,
    VolumeAlert,
)

HOUR = datetime(2026, 1, 2, 14, tzinfo=UTC)


def volume_alert(alert_type: AlertType = AlertType.SPIKE, funding_rate: float | None = None) -> VolumeAlert:
    return VolumeAlert(
        symbol="BTCUSDT",
        asset="BTC",
        message="BTC hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!",
        alert_type=alert_type,
        is_update=False,
        current_volume=150e6,
        previous_volume=45e6,
        volume_ratio=150 / 45,
        price=65000.0,
        candle_direction=CandleDirection.BULLISH,
        hour_timestamp=HOUR,
        detection_time=HOUR.replace(minute=10),
        timestamp=HOUR.replace(minute=10, second=2, microsecond=123456),
        funding_rate=funding_rate,
    )


def open_interest_alert(price_change: float | None = None) -> OpenInterestAlert:
    return OpenInterestAlert(
        symbol="BTCUSDT",
        direction=Direction.UP,
        timeframe="5 min",
        timestamp=HOUR,
        baseline=100_000.0,
        current=105_020.0,
        pct_change=0.0502,
        abs_change=5020.0,
        source="oi_realtime_poller",
        price_change=price_change,
    )


def test_a_volume_alert_has_the_keys_of_the_backend_and_leaves_out_what_is_unknown() -> None:
    assert msgspec.to_builtins(volume_alert()) == {
        "symbol": "BTCUSDT",
        "asset": "BTC",
        "message": "BTC hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!",
        "alertType": "SPIKE",
        "isUpdate": False,
        "currentVolume": 150e6,
        "previousVolume": 45e6,
        "volumeRatio": 150 / 45,
        "price": 65000.0,
        "candleDirection": "bullish",
        "hourTimestamp": "2026-01-02T14:00:00Z",
        "detectionTime": "2026-01-02T14:10:00Z",
        "timestamp": "2026-01-02T14:10:02.123456Z",
    }
    assert msgspec.to_builtins(volume_alert(funding_rate=0.0))["fundingRate"] == 0.0


def test_an_open_interest_alert_has_the_keys_of_the_backend() -> None:
    assert msgspec.to_builtins(open_interest_alert(price_change=0.004)) == {
        "symbol": "BTCUSDT",
        "direction": "UP",
        "timeframe": "5 min",
        "timestamp": "2026-01-02T14:00:00Z",
        "baseline": 100_000.0,
        "current": 105_020.0,
        "pctChange": 0.0502,
        "absChange": 5020.0,
        "source": "oi_realtime_poller",
        "priceChange": 0.004,
    }
    assert "priceChange" not in msgspec.to_builtins(open_interest_alert())


def test_a_trigger_and_a_report_have_the_keys_of_the_backend() -> None:
    assert msgspec.to_builtins(Trigger("a1", "BTCUSDT", 65001.0, 64999.0, crossed_up=True)) == {
        "alertId": "a1",
        "symbol": "BTCUSDT",
        "currentValue": 65001.0,
        "previousValue": 64999.0,
        "crossedUp": True,
    }
    assert msgspec.to_builtins(Report("a1", 65001.0)) == {"alertId": "a1", "lastCheckedValue": 65001.0}


@pytest.mark.parametrize(
    ("alert", "key"),
    [
        (volume_alert(), "volume:BTCUSDT:2026-01-02T14:SPIKE"),
        (volume_alert(AlertType.FULL_UPDATE), "volume:BTCUSDT:2026-01-02T14:FULL_UPDATE"),
        (open_interest_alert(), f"oi:BTCUSDT:5 min:UP:{int(HOUR.timestamp())}"),
        (
            Cross(Trigger("a1", "BTCUSDT", 2.0, 1.0, crossed_up=True), 1767362400.75, UserAlertType.PRICE_CROSS, 1.5),
            "user:a1:1767362400",
        ),
    ],
)
def test_a_key_names_the_episode(alert: VolumeAlert | OpenInterestAlert | Cross, key: str) -> None:
    assert alert.key == key


def test_a_user_alert_is_read_as_the_backend_lists_it() -> None:
    listed = (
        '{"id":"a1","userId":"u","symbol":"BTC","alertType":"OI_CROSS","threshold":1000000000,"lastCheckedValue":null,'
        '"lastCheckedAt":"2026-01-02T14:00:00.000Z","deliveryMethod":"BOTH","userTier":"gold"}'
    )

    alert = msgspec.json.decode(listed, type=UserAlert)

    assert alert == UserAlert("a1", "BTC", UserAlertType.OI_CROSS, 1e9, None, HOUR, "gold")

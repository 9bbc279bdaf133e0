"""Alerts as messages."""

import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.examples import NOW
from tests.unit.model.test_alerts import HOUR, open_interest_alert, volume_alert
from volspike.delivery import messages
from volspike.model.alerts import Cross, OpenInterestAlert, Trigger, UserAlertType, VolumeAlert
from volspike.model.delivery import Kind
from volspike.model.documents import VERSION, EmergencyStop


def test_a_volume_alert_keeps_its_key_its_time_and_its_words() -> None:
    message = messages.of_volume_alert(volume_alert())

    assert (message.key, message.kind, message.symbol) == ("volume:BTCUSDT:2026-01-02T14:SPIKE", Kind.VOLUME, "BTCUSDT")
    assert message.at == volume_alert().timestamp.timestamp()
    assert message.text == volume_alert().message
    assert msgspec.json.decode(message.payload, type=VolumeAlert) == volume_alert()


def test_an_open_interest_alert_is_told_in_words() -> None:
    message = messages.of_open_interest_alert(open_interest_alert(price_change=0.004))

    assert (message.key, message.kind) == (open_interest_alert().key, Kind.OPEN_INTEREST)
    assert message.at == HOUR.timestamp()
    assert message.text == "BTC open interest ▲ 5.02% in 5 min (100.00K → 105.02K), price +0.40%"
    assert msgspec.json.decode(message.payload, type=OpenInterestAlert).symbol == "BTCUSDT"


def test_a_cross_says_what_was_crossed_and_the_backend_hears_no_more_than_before() -> None:
    trigger = Trigger("a1", "BTCUSDT", 65001.5, 64990.0, crossed_up=True)

    up = messages.of_cross(Cross(trigger, NOW - 30, UserAlertType.PRICE_CROSS, 65000.0), NOW)

    assert (up.key, up.kind, up.symbol, up.at) == (f"user:a1:{int(NOW) - 30}", Kind.TRIGGER, "BTCUSDT", NOW)
    assert up.text == "BTC price crossed above 65,000 USDT (64,990 → 65,001.5)"
    assert msgspec.json.decode(up.payload) == {
        "alertId": "a1",
        "symbol": "BTCUSDT",
        "currentValue": 65001.5,
        "previousValue": 64990.0,
        "crossedUp": True,
    }


def test_a_verdict_is_for_people_only() -> None:
    bad = messages.of_verdict("the suite is unhealthy", NOW, healthy=False)
    good = messages.of_verdict("the suite is healthy", NOW, healthy=True)

    assert (bad.kind, bad.symbol, bad.payload) == (Kind.HEALTH, "", b"")
    assert (bad.key, good.key) == (f"health:unhealthy:{int(NOW)}", f"health:healthy:{int(NOW)}")
    assert (messages.verdict_of(bad), messages.verdict_of(good)) == (False, True)


def test_the_end_of_an_emergency_stop_is_for_people_only_and_has_one_key_whenever_it_is_told() -> None:
    stop = EmergencyStop(VERSION, NOW, "a drill")
    over, again = messages.of_resumption(stop, NOW + 40), messages.of_resumption(stop, NOW + 50)

    assert (over.kind, over.symbol, over.at, over.payload) == (Kind.HEALTH, "", NOW + 40, b"")
    assert over.key == again.key == f"health:resumed:{int(NOW)}"
    assert "after an emergency stop of 40 s (a drill)" in over.text
    assert messages.verdict_of(over) is None


def test_what_messages_told_is_read_back_and_one_of_another_release_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = messages.of_volume_alert(volume_alert())
    strange = replace(good, key="volume:OTHERUSDT", payload=b'{"symbol":"OTHERUSDT"}')

    assert list(messages.told([strange, good], VolumeAlert)) == [(volume_alert(), good.at)]
    assert [(record.message, record.__dict__["key"]) for record in caplog.records] == [
        ("an alert in the outbox does not decode", "volume:OTHERUSDT")
    ]

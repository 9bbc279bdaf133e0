"""The state files, to the letter: operators' jq lines and other releases read them."""

import msgspec
import pytest

from volspike.model.documents import (
    Ban,
    FundingDocument,
    Heartbeat,
    LiquidUniverseDocument,
    Maintenance,
    MutesDocument,
    OpenInterestDocument,
    OpenInterestStatesDocument,
    OutboxDocument,
    TickerDocument,
    UserAlertsDocument,
    VolumeAlertsDocument,
)

FUNDING = (
    b'{"version":1,"funding_state":{"BTCUSDT":{"fundingRate":0.0000128,"markPrice":91725.878,"indexPrice":91769.875,'
    b'"nextFundingTime":1764748800000,"updatedAt":1764724344.15}},"connection_status":{"connected":true,'
    b'"last_connected_time":1764724292.0,"reconnect_attempts":0,"messages_received":12960,"frames_received":20,'
    b'"last_message_time":1764724344.0,"last_message_monotonic":86400.5,"symbolCount":648},'
    b'"updated_at":1764724344.0,"daemon_pid":2580526}'
)
TICKERS = (
    b'{"version":1,"tickers":{"BTCUSDT":{"lastPrice":91520.1,"priceChangePct24h":-4.65,"quoteVolume24h":12e9,'
    b'"updatedAt":1764724344.0}},"updated_at":1764724344.0}'
)
OPEN_INTEREST = (
    b'{"version":1,"open_interest":{"BTCUSDT":{"openInterest":93551.298,"updatedAt":1764724344.2}},'
    b'"updated_at":1764724344.5}'
)
LIQUID_UNIVERSE = (
    b'{"version":1,"symbols":{"BTCUSDT":{"quoteVolume24h":12e9,"enteredAt":1764720000.0,"lastSeenAt":1764724200.0}},'
    b'"updated_at":1764724200.0}'
)
USER_ALERTS = (
    b'{"version":1,"alerts":{"a1":{"latest":{"value":64900.0,"at":1764724320.4},"reported":{"value":64800.0,'
    b'"at":1764724050.2}},"a2":{"latest":{"value":65100.0,"at":1764724320.4},"triggered":true}},'
    b'"updated_at":1764724320.5}'
)
VOLUME_ALERTS = (
    b'{"version":1,"symbols":{"BTCUSDT":{"judged_hour":1764720000,"episode":{"hour":1764723600,"initial_minute":10,'
    b'"half_sent":true}},"ETHUSDT":{"judged_hour":1764720000,"episode":null}},"updated_at":1764724320.5}'
)
OUTBOX = (
    b'{"version":1,"destinations":{"backend":{"waiting":3,"oldest_waiting_at":1764724300.5,"delivered":120,"refused":1,'
    b'"expired":2,"dropped":3,"resent":4,"paused_since":1764724310.5,"reason":"HTTP 401",'
    b'"quiet_until":1764724400.5}},"updated_at":1764724320.5}'
)
HEARTBEAT = (
    b'{"version":1,"daemon":"funding-ws","pid":7,"started_at":1.0,"at":2.0,"status":"","next_due":12.0,'
    b'"next_due_monotonic":9.5}'
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (FUNDING, FundingDocument),
        (TICKERS, TickerDocument),
        (OPEN_INTEREST, OpenInterestDocument),
        (b'{"version":1,"states":{"BTCUSDT|5 min":"UP"},"updated_at":1764724344.5}', OpenInterestStatesDocument),
        (LIQUID_UNIVERSE, LiquidUniverseDocument),
        (VOLUME_ALERTS, VolumeAlertsDocument),
        (USER_ALERTS, UserAlertsDocument),
        (OUTBOX, OutboxDocument),
        (HEARTBEAT, Heartbeat),
        (b'{"version":1,"until":99.5}', Maintenance),
        (b'{"version":1,"until":99.5}', Ban),
        (b'{"version":1,"mutes":{"BTCUSDT":{"since":1.5,"until":99.5}},"updated_at":1.5}', MutesDocument),
    ],
)
def test_a_file_keeps_its_names_through_decoding_and_encoding(content: bytes, kind: type[object]) -> None:
    document = msgspec.json.decode(content, type=kind)

    assert msgspec.json.decode(msgspec.json.encode(document)) == msgspec.json.decode(content)


def test_the_funding_file_says_what_its_names_promise() -> None:
    document = msgspec.json.decode(FUNDING, type=FundingDocument)

    row, status = document.funding_state["BTCUSDT"], document.connection_status
    assert (row.funding_rate, row.mark_price, row.next_funding_time) == (0.0000128, 91725.878, 1_764_748_800_000)
    assert (status.connected, status.messages_received, status.symbol_count) == (True, 12960, 648)


@pytest.mark.parametrize("numeric_string", [b'"91725.878"', b'"NaN"'])
def test_a_number_written_as_a_string_is_refused(numeric_string: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match="markPrice"):
        msgspec.json.decode(FUNDING.replace(b"91725.878", numeric_string), type=FundingDocument)

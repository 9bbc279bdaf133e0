"""The volume alerts as one process: a single scan, its exit code, and what keeps it from starting."""

from collections.abc import Callable

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.daemons.scans import EXCHANGE_INFO, Market
from volspike.daemons import volume_alerts
from volspike.daemons.launch import CannotStartError
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import Kind
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings, SettingsError
from volspike.state import documents

Made = Callable[..., Settings]


@pytest.fixture
def given(settings: Made, server: AnsweringServer) -> Settings:
    """Settings of a suite whose exchange lists one symbol, which spikes."""
    market = Market(server)
    market.list("BTCUSDT")
    market.trade("BTCUSDT", 1e6, 1e6, 4e6)
    return settings(binance_rest_url=server.url, backend_url=server.url, backend_key="key")


def test_once_it_scans_a_single_time_and_ends_well(daemon: Daemon, given: Settings) -> None:
    assert volume_alerts.run(daemon, given, True) == 0

    with Outbox(given.state_dir / documents.OUTBOX, daemon.clock, given.routes) as outbox:
        assert [message.text for message in outbox.undelivered(Kind.VOLUME)] == [
            "BTC hourly volume 4.00M (4.00× prev) — VOLUME SPIKE!"
        ]


def test_a_single_scan_that_fails_ends_with_one(daemon: Daemon, given: Settings, server: AnsweringServer) -> None:
    server.answers[EXCHANGE_INFO] = Answer(503)

    assert volume_alerts.run(daemon, given, True) == 1


def test_a_backend_without_a_key_is_a_bad_setting(daemon: Daemon, settings: Made) -> None:
    with pytest.raises(SettingsError, match="VOLSPIKE_API_KEY"):
        volume_alerts.run(daemon, settings(), True)


def test_an_outbox_that_cannot_be_opened_is_a_reason_not_to_start(daemon: Daemon, given: Settings) -> None:
    (given.state_dir / documents.OUTBOX).mkdir()

    with pytest.raises(CannotStartError):
        volume_alerts.run(daemon, given, True)


def test_a_signal_ends_it_in_order(daemon: Daemon, given: Settings) -> None:
    daemon.stopping = True

    assert volume_alerts.run(daemon, given, False) == 0

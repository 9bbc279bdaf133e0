"""What a sweep pays for its requests, and how it waits: for weight, for the end of a ban, never beyond a signal."""

import threading
import time
from collections.abc import Callable

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.binance.weight import WeightAccount
from volspike.daemons.oi_exchange import Exchange
from volspike.daemons.oi_sweep import Reading, Sweep
from volspike.rules.weight import ALERT_RESERVE, CEILING, WeightClass
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings

PATH = "/fapi/v1/openInterest"
SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


def read(sweep: Sweep) -> list[Reading]:
    return [reading for readings in sweep.readings() for reading in readings]


@pytest.fixture
def exchange(daemon: Daemon, settings: Callable[..., Settings], server: AnsweringServer) -> Exchange:
    return Exchange(daemon, settings(binance_rest_url=server.url))


@pytest.fixture
def account(exchange: Exchange, daemon: Daemon, settings: Callable[..., Settings]) -> WeightAccount:
    """The account of the machine, as another daemon sees it."""
    return WeightAccount(settings().runtime_dir, daemon.clock)


def test_each_request_pays_from_the_account(
    exchange: Exchange, account: WeightAccount, server: AnsweringServer
) -> None:
    server.answers[PATH] = Answer(body=b'{"symbol":"S0USDT","openInterest":"93551.298","time":1}')

    readings = read(exchange.sweep(SYMBOLS))

    assert sorted(readings) == [Reading(symbol, NOW, 93551.298) for symbol in SYMBOLS]
    assert account.read().used == 3
    assert sorted(server.asked) == [f"{PATH}?symbol={symbol}" for symbol in SYMBOLS]


def test_what_another_daemon_was_told_shuts_the_sweep_out_too(
    exchange: Exchange, account: WeightAccount, server: AnsweringServer
) -> None:
    account.close_until(NOW + 120)
    sweep = exchange.sweep(SYMBOLS)

    assert read(sweep) == []
    assert sweep.shut_out is not None
    assert sweep.shut_out.seconds == pytest.approx(120)
    assert str(sweep.shut_out) == "Binance has shut this machine out until 2026-10-01 12:04:03 UTC"
    assert exchange.closed_until() == NOW + 120
    assert server.asked == []


def test_an_exchange_that_answers_is_open(exchange: Exchange, clock: MovedClock, account: WeightAccount) -> None:
    assert exchange.closed_until() is None

    account.close_until(NOW + 120)
    clock.move(120)

    assert exchange.closed_until() is None


def test_where_the_weight_is_used_up_the_sweep_waits_and_a_signal_ends_the_wait(
    exchange: Exchange, account: WeightAccount, daemon: Daemon, server: AnsweringServer
) -> None:
    account.reserve(1300, WeightClass.ALERT, patience_seconds=0, pause=time.sleep)
    account.reserve(CEILING - ALERT_RESERVE - 1300, WeightClass.ALERT, patience_seconds=0, pause=time.sleep)
    assert exchange.waits_seconds() == 0
    sweep = exchange.sweep(SYMBOLS)
    hand = threading.Thread(target=lambda: read(sweep))
    hand.start()
    while not exchange.waits_seconds():
        time.sleep(0.001)

    daemon._stop(15, None)
    hand.join(30)

    assert not hand.is_alive()
    assert (server.asked, sweep.failures, sweep.shut_out) == ([], 0, None)

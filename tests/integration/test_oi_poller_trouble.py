"""The OI poller as a real process, where the exchange, the backend or the universe fails it."""

import signal
import time

import pytest

from tests.integration.sweeps import INGEST, NAME, UNIVERSE, asked, book, status, sweeping, swept_at, trading
from tests.processes import Suite, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.binance.weight import WeightAccount, peek
from volspike.model.documents import VERSION, LiquidUniverseDocument
from volspike.model.universe import Member
from volspike.rules.weight import ALERT_RESERVE, CEILING, WeightClass
from volspike.runtime.clock import Clock
from volspike.state import documents, histories


def test_a_ban_stops_all_requests_until_its_end(fast_exchange: SimulatorProcess, fast: Suite) -> None:
    daemon = sweeping(fast)

    fast_exchange.fault("ban", seconds=240)
    until(lambda: "shut this machine out" in status(fast), what="the status")
    before = asked(fast_exchange)
    time.sleep(1.5)
    assert asked(fast_exchange) == before
    assert fast.metric(NAME, "volspike_open_interest_shut_out_until_timestamp_seconds") > 0

    until(lambda: "every 5 s" in status(fast), 30, "the sweeps to go on")
    assert asked(fast_exchange) > before
    assert daemon.log.count("lost: open interest from Binance") == 1
    assert daemon.log.count("recovered: open interest from Binance") == 1


def test_a_ban_that_another_daemon_was_told_of_stops_it_too(exchange: SimulatorProcess, polled: Suite) -> None:
    sweeping(polled, OI_MIN_INTERVAL_SEC="1")

    with WeightAccount(polled.runtime_dir, Clock()) as account:
        account.close_until(time.time() + 3600)

    until(lambda: "shut this machine out" in status(polled), what="the status")
    before = asked(exchange)
    time.sleep(2.5)
    assert asked(exchange) == before


@pytest.mark.parametrize(
    ("answer", "losses"), [(Answer(body=b'{"symbols":[]}'), 0), (Answer(body=b"<html>"), 1), (Answer(500), 1)]
)
def test_without_a_universe_it_waits_and_begins_once_there_is_one(
    fast: Suite, backend: AnsweringServer, fast_exchange: SimulatorProcess, answer: Answer, losses: int
) -> None:
    good = backend.answers[UNIVERSE]
    backend.answers[UNIVERSE] = answer
    daemon = fast.ready(NAME)
    until(lambda: ".liquid_universe.json has none" in status(fast), what="the status")
    assert asked(fast_exchange) == 0

    backend.answers[UNIVERSE] = good

    until(lambda: len(book(fast)) == 40, what="a sweep")
    assert daemon.log.count("lost: the liquid universe") == losses


@pytest.mark.parametrize("answer", [Answer(body=b'{"symbols":[]}'), Answer(body=b'{"symbols":[{"symbol":7}]}')])
def test_a_universe_that_comes_back_empty_or_garbled_leaves_the_old_one(
    fast: Suite, backend: AnsweringServer, answer: Answer
) -> None:
    sweeping(fast)

    backend.answers[UNIVERSE] = answer
    before = backend.asked.count(UNIVERSE)
    until(lambda: backend.asked.count(UNIVERSE) > before, 15, "a refresh")
    at = swept_at(fast)
    until(lambda: swept_at(fast) > at, what="another sweep")
    assert len(book(fast)) == 40
    assert "40 symbols" in status(fast)


def test_without_a_backend_the_universe_is_the_file_of_its_daemon(polled: Suite, exchange: SimulatorProcess) -> None:
    members = {symbol: Member(5e6, 1.0, 1.0) for symbol in trading(exchange)[:7]}
    polled.state_dir.mkdir()
    path = polled.state_dir / documents.LIQUID_UNIVERSE
    path.write_bytes(documents.encode(LiquidUniverseDocument(VERSION, members, 1.0)))

    sweeping(polled, VOLSPIKE_API_URL="http://127.0.0.1:9")

    assert set(book(polled)) == set(members)


def test_a_backend_that_hangs_slows_neither_the_sweeps_nor_the_end(polled: Suite, backend: AnsweringServer) -> None:
    backend.answers[INGEST] = Answer(after=60)
    daemon = sweeping(polled, OI_MIN_INTERVAL_SEC="1")
    backend.answers[UNIVERSE] = Answer(after=60)

    began = time.monotonic()
    times: set[float] = set()
    while len(times) < 4:
        times.add(swept_at(polled))
        time.sleep(0.02)
    assert time.monotonic() - began < 30

    began = time.monotonic()
    assert daemon.end() == 0
    assert time.monotonic() - began < 5


def test_a_signal_ends_a_sweep_that_waits_for_weight(polled: Suite, exchange: SimulatorProcess) -> None:
    has_room = CEILING - ALERT_RESERVE
    if time.time() % 60 > 45:
        time.sleep(16)  # the weight of this minute shall be used up for a while
    polled.runtime_dir.mkdir()
    with WeightAccount(polled.runtime_dir, Clock()) as account:
        for amount in (has_room // 2, has_room // 2 - 10):
            account.reserve(amount, WeightClass.ALERT, patience_seconds=0, pause=time.sleep)
    daemon = polled.ready(NAME)
    until(lambda: (account := peek(polled.runtime_dir)) is not None and account.used >= has_room - 20, what="use")
    until(lambda: "Binance's weight of this minute is used up" in status(polled), what="a status that says why")

    began = time.monotonic()
    assert daemon.end() == 0

    assert time.monotonic() - began < 5
    assert asked(exchange) < 40
    assert "Traceback" not in daemon.log


def test_a_signal_ends_a_sweep_whose_exchange_hangs(polled: Suite, exchange: SimulatorProcess) -> None:
    daemon = sweeping(polled, OI_MIN_INTERVAL_SEC="1")
    exchange.send_signal(signal.SIGSTOP)
    time.sleep(1.5)

    began = time.monotonic()
    assert daemon.end() == 0

    assert time.monotonic() - began < 5
    assert "Traceback" not in daemon.log
    assert histories.read(polled.state_dir / documents.OI_HISTORY)


def test_an_exchange_that_is_away_is_a_loss_told_once_and_the_sweeps_go_on(
    fast: Suite, fast_exchange: SimulatorProcess
) -> None:
    daemon = sweeping(fast)

    fast_exchange.fault("http_503", scope="rest")
    until(lambda: "given up" in status(fast), what="the status")
    time.sleep(1)
    fast_exchange.clear()

    until(lambda: "recovered: open interest from Binance" in daemon.log, what="the recovery")
    assert daemon.log.count("lost: open interest from Binance") == 1

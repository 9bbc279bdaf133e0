"""The OI poller as a real process, where the exchange, the backend or the universe fails it."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.sweeps import (
    INGEST,
    NAME,
    OPEN_INTEREST,
    UNIVERSE,
    asked,
    book,
    forget_sweeps,
    status,
    sweeping,
    swept_at,
    trading,
    with_backend,
)
from tests.processes import DaemonProcess, Suite, clock_from, ends_promptly, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.binance.weight import WeightAccount, peek
from volspike.model.documents import VERSION, LiquidUniverseDocument
from volspike.model.universe import Member
from volspike.rules.weight import ALERT_RESERVE, CEILING, WeightClass
from volspike.runtime import clock as clocks
from volspike.runtime.clock import Clock
from volspike.state import documents, histories

MINUTE_SECONDS = 60


def shut_out_until(suite: Suite) -> float:
    return suite.metric(NAME, "volspike_open_interest_shut_out_until_timestamp_seconds")


def test_a_ban_stops_all_requests_until_its_end(fast_exchange: SimulatorProcess, fast: Suite) -> None:
    daemon = sweeping(fast)

    fast_exchange.fault("ban", seconds=600)
    until(lambda: "shut this machine out" in status(fast), what="the status")
    until(lambda: shut_out_until(fast) > 0, what="the metric of it")
    before, ends_at = asked(fast_exchange), shut_out_until(fast)

    def is_over() -> bool:
        """Tell whether the ban has ended; as long as it has not, nothing may be asked."""
        stats = fast_exchange.stats()
        if stats["now"] >= ends_at:
            return True
        assert sum(stats["requests"][OPEN_INTEREST].values()) == before
        return False

    assert not is_over()
    until(is_over, what="the end of the ban")
    until(lambda: "every 5 s" in status(fast), what="the sweeps to go on")
    until(lambda: asked(fast_exchange) > before, what="requests")
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
    until(lambda: backend.asked.count(UNIVERSE) > before, what="a refresh")
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
    good = backend.answers[UNIVERSE]

    def swept_beside_it() -> DaemonProcess:
        backend.answers[UNIVERSE] = good
        forget_sweeps(polled)
        daemon = sweeping(polled, OI_MIN_INTERVAL_SEC="1")
        backend.answers[UNIVERSE] = Answer(after=60)
        times: set[float] = set()

        def has_swept() -> bool:
            times.add(swept_at(polled))
            return len(times) == 4

        until(has_swept, 25, "three more sweeps, none of which waits for a time-out")
        return daemon

    ends_promptly(swept_beside_it)


def test_a_signal_ends_a_sweep_that_waits_for_weight(
    backend: AnsweringServer, tmp_path: Path, stack: ExitStack
) -> None:
    has_room = CEILING - ALERT_RESERVE
    exchanges: list[SimulatorProcess] = []

    def waiting() -> DaemonProcess:
        """Begin a poller early in a minute whose weight is used up."""
        place = tmp_path / f"{time.monotonic()}"
        place.mkdir()
        clock = {"VOLSPIKE_CLOCK_RATE": clock_from(MINUTE_SECONDS)}
        exchange = stack.enter_context(SimulatorProcess(env=clock))
        exchanges.append(exchange)
        polled = with_backend(stack.enter_context(Suite(place, exchange, **clock)), exchange, backend)
        polled.runtime_dir.mkdir()
        with WeightAccount(polled.runtime_dir, clocks.parse(clock["VOLSPIKE_CLOCK_RATE"])) as account:
            for amount in (has_room // 2, has_room // 2 - 10):
                account.reserve(amount, WeightClass.ALERT, patience_seconds=0, pause=time.sleep)
        daemon = polled.ready(NAME)
        until(lambda: (account := peek(polled.runtime_dir)) is not None and account.used >= has_room - 20, what="use")
        until(lambda: "waits for weight until" in status(polled), what="a status that says why")
        return daemon

    daemon = ends_promptly(waiting)
    assert asked(exchanges[-1]) < 40
    assert "Traceback" not in daemon.log


def test_a_signal_ends_a_sweep_whose_exchange_hangs(polled: Suite, exchange: SimulatorProcess) -> None:
    def hanging() -> DaemonProcess:
        exchange.send_signal(signal.SIGCONT)
        forget_sweeps(polled)
        daemon = sweeping(polled, OI_MIN_INTERVAL_SEC="1")
        exchange.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        return daemon

    daemon = ends_promptly(hanging)
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

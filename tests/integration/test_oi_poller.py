"""The OI poller as a real process, between the simulated exchange and a backend on loopback."""

import json
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.processes import DaemonProcess, Suite, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import Answer, AnsweringServer
from volspike.clients.binance.weight import WeightAccount, peek
from volspike.model.documents import VERSION, LiquidUniverseDocument
from volspike.model.universe import Member
from volspike.rules.weight import ALERT_RESERVE, CEILING, WeightClass
from volspike.runtime.clock import Clock
from volspike.state import documents, histories

NAME = "oi-poller"
OPEN_INTEREST = "/fapi/v1/openInterest"
UNIVERSE = "/api/market/open-interest/liquid-universe"
INGEST = "/api/market/open-interest/ingest"
AT = "2026-10-01T11:57:00Z"
SENSITIVE = {
    "OI_SPIKE_THRESHOLD_PCT_5MIN": "0.0001",
    "OI_MIN_DELTA_CONTRACTS": "0",
    "OI_ALERT_COOLDOWN_5MIN": "86400",
}
"""Settings under which the calm market of the simulator alerts, each symbol and direction once."""
RATE = 60


def clock_rate(rate: int) -> str:
    return f"{rate}@{int(time.time()) // 3600 * 3600}"


@pytest.fixture
def backend() -> Iterator[AnsweringServer]:
    """A backend that takes every sample."""
    with AnsweringServer() as server:
        server.answers[INGEST] = Answer(body=b'{"success":true,"inserted":100}')
        yield server


def has(backend: AnsweringServer, symbols: list[str]) -> None:
    """Let the backend name this universe."""
    rows = [{"symbol": symbol, "quoteVolume24h": 5e6, "enteredAt": AT, "lastSeenAt": AT} for symbol in symbols]
    backend.answers[UNIVERSE] = Answer(body=json.dumps({"symbols": rows}).encode())


def trading(exchange: SimulatorProcess) -> list[str]:
    """Return all symbols that trade."""
    listed = requests.get(f"{exchange.rest_url}/fapi/v1/exchangeInfo", timeout=9).json()["symbols"]
    return [row["symbol"] for row in listed if row["status"] == "TRADING"]


@pytest.fixture
def polled(suite: Suite, exchange: SimulatorProcess, backend: AnsweringServer) -> Suite:
    """A place whose backend names forty symbols; real time."""
    return with_backend(suite, exchange, backend)


@pytest.fixture
def fast_exchange() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(env={"VOLSPIKE_CLOCK_RATE": clock_rate(RATE)}) as simulator:
        yield simulator


@pytest.fixture
def fast(fast_exchange: SimulatorProcess, backend: AnsweringServer, tmp_path: Path) -> Iterator[Suite]:
    """The same, where a minute passes in a second, and any move alerts."""
    with Suite(tmp_path, fast_exchange, VOLSPIKE_CLOCK_RATE=clock_rate(RATE), **SENSITIVE) as running:
        yield with_backend(running, fast_exchange, backend)


def with_backend(suite: Suite, exchange: SimulatorProcess, backend: AnsweringServer) -> Suite:
    has(backend, trading(exchange)[:40])
    suite.env |= {"VOLSPIKE_API_URL": backend.url, "VOLSPIKE_API_KEY": "secret-key"}
    return suite


def book(suite: Suite) -> dict[str, Any]:
    rows: dict[str, Any] = suite.document(documents.OPEN_INTEREST).get("open_interest", {})
    return rows


def sweeping(suite: Suite, **variables: str) -> DaemonProcess:
    """Start the poller and wait until it has swept."""
    daemon = suite.ready(NAME, **variables)
    until(lambda: book(suite) or daemon.process.poll() is not None, what="a sweep")
    assert book(suite), daemon.log
    return daemon


def swept_at(suite: Suite) -> float:
    at: float = suite.document(documents.OPEN_INTEREST).get("updated_at", 0.0)
    return at


def status(suite: Suite) -> str:
    path = documents.heartbeat_path(suite.runtime_dir, NAME)
    told: str = json.loads(path.read_bytes())["status"] if path.exists() else ""
    return told


def alerts(suite: Suite) -> list[str]:
    """Return the keys in the outbox."""
    path = suite.state_dir / documents.OUTBOX
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [key for (key,) in database.execute("SELECT key FROM deliveries")]


def told_twice(suite: Suite) -> list[tuple[str, ...]]:
    """Return the symbols that alerted more than once in one direction, within a cooldown of a day."""
    episodes = Counter(tuple(key.split(":")[1:4]) for key in alerts(suite) if ":5 min:" in key)
    return [episode for episode, count in episodes.items() if count > 1]


def asked(exchange: SimulatorProcess) -> int:
    return sum(exchange.stats()["requests"].get(OPEN_INTEREST, {}).values())


def posts(backend: AnsweringServer) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in backend.requests if request.path == INGEST]


def test_a_sweep_reaches_the_file_and_the_backend(polled: Suite, backend: AnsweringServer) -> None:
    daemon = sweeping(polled)
    until(lambda: posts(backend), what="samples at the backend")

    assert len(book(polled)) == 40
    assert all(row["openInterest"] > 0 and time.time() - row["updatedAt"] < 10 for row in book(polled).values())
    (post,) = posts(backend)
    assert (len(post["data"]), post["source"], post["totalSymbols"]) == (40, "realtime", 40)
    assert backend.requests[-1].headers["x-api-key"] == "secret-key"
    assert "secret-key" not in daemon.log
    assert daemon.end() == 0
    assert status(polled).startswith("40 symbols every 5 s, last sweep ")
    assert polled.metric(NAME, "volspike_open_interest_samples_total") >= 40


def test_marks_come_from_the_funding_feed(polled: Suite, backend: AnsweringServer) -> None:
    polled.streaming()
    sweeping(polled)

    until(lambda: posts(backend), what="samples at the backend")

    marked = [item for item in posts(backend)[0]["data"] if "markPrice" in item]
    assert len(marked) > 30
    assert all(item["openInterestUsd"] == pytest.approx(item["openInterest"] * item["markPrice"]) for item in marked)


def test_moves_are_told_once(fast: Suite) -> None:
    daemon = sweeping(fast)
    until(lambda: len(alerts(fast)) > 20, 30, "alerts")

    before = alerts(fast)
    time.sleep(2)  # two minutes of sweeps

    assert set(before) <= set(alerts(fast))
    assert not told_twice(fast)
    cooldowns = json.loads((fast.state_dir / documents.OI_COOLDOWNS).read_bytes())
    assert {tuple(key.split("|")) for key in cooldowns} >= {
        (symbol, direction, frame) for _, symbol, frame, direction, _ in (key.split(":") for key in before)
    }
    assert daemon.log.count(" open interest ") >= len(before)


def test_from_the_universe_to_the_backend_each_alert_arrives_once(
    fast_exchange: SimulatorProcess, tmp_path: Path
) -> None:
    variables = {"VOLSPIKE_CLOCK_RATE": clock_rate(RATE), "VOLSPIKE_API_KEY": "secret-key", **SENSITIVE}
    with Suite(tmp_path, fast_exchange, OI_LIQUID_ENTER_QUOTE_24H="100e6", **variables) as suite:
        suite.ready("backend")
        assert suite.start("liquid-universe").wait() == 0
        suite.ready("courier")
        sweeping(suite)
        until(lambda: len(listed(suite)) > 10, 30, "alerts at the backend")
        time.sleep(1)

        keys = alerts(suite)
        until(lambda: len(listed(suite)) >= len(keys), what="the rest of them")
        told = [(alert["symbol"], alert["timeframe"], alert["direction"]) for alert in listed(suite)]

    assert not [episode for episode, count in Counter(told).items() if count > 1 and episode[1] == "5 min"]
    assert {episode[0] for episode in told} <= set(book(suite))


def listed(suite: Suite) -> list[dict[str, Any]]:
    """Return the open-interest alerts that the embedded backend has."""
    answer = requests.get(
        f"http://127.0.0.1:{suite.backend_port}/api/alerts",
        params={"kind": "open-interest", "limit": "500"},
        headers={"X-API-Key": "secret-key"},
        timeout=10,
    )
    return [row["alert"] for row in answer.json()["alerts"]]


def test_a_poller_killed_between_outbox_and_memory_tells_nothing_twice(fast: Suite) -> None:
    unwritable = [fast.state_dir / name for name in (documents.OI_STATES, documents.OI_COOLDOWNS)]
    daemon = sweeping(fast)
    for path in unwritable:
        path.mkdir()  # nothing can be saved under this name
    until(lambda: len(alerts(fast)) > 20, 30, "alerts")
    until((fast.state_dir / documents.OI_HISTORY).exists, 30, "a saved history")

    daemon.end(signal.SIGKILL)
    before = len(alerts(fast))
    for path in unwritable:
        path.rmdir()
    daemon = sweeping(fast)
    until(lambda: fast.metric(NAME, "volspike_open_interest_sweeps_total") > 50, 30, "some minutes of sweeps")

    assert before > 20
    assert not told_twice(fast)
    assert "Traceback" not in daemon.log


def test_the_history_survives_a_restart(fast: Suite) -> None:
    sweeping(fast).end()
    first = histories.read(fast.state_dir / documents.OI_HISTORY)

    daemon = fast.ready(NAME)
    until(lambda: swept_at(fast) and fast.metric(NAME, "volspike_open_interest_sweeps_total") > 2, 30, "more sweeps")
    daemon.end()

    second = histories.read(fast.state_dir / documents.OI_HISTORY)
    assert set(second) == set(first)
    assert all(second[symbol].records.startswith(first[symbol].records) for symbol in first)
    assert all(len(second[symbol]) > len(first[symbol]) for symbol in first)


def test_a_clock_that_steps_by_an_hour_either_way_makes_no_storm(fast: Suite) -> None:
    anchor = float(fast.env["VOLSPIKE_CLOCK_RATE"].partition("@")[2])
    told = []
    for hours_ahead in (0, 1, -1):
        daemon = fast.ready(NAME, VOLSPIKE_CLOCK_RATE=f"{RATE}@{anchor - hours_ahead * 3600 / (RATE - 1)!r}")
        until(lambda: fast.metric(NAME, "volspike_open_interest_sweeps_total") >= 70, what="six minutes of sweeps")
        assert daemon.end() == 0
        documents.metrics_path(fast.runtime_dir, NAME).unlink()
        told.append(len(alerts(fast)))

    assert told_twice(fast) == []
    assert 0 < told[0] <= told[-1] <= 2 * 40


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
    if time.time() % 60 > 50:
        time.sleep(11)  # the weight of this minute shall be used up for a while
    polled.runtime_dir.mkdir()
    with WeightAccount(polled.runtime_dir, Clock()) as account:
        for amount in (has_room // 2, has_room // 2 - 10):
            account.reserve(amount, WeightClass.ALERT, patience_seconds=0, pause=time.sleep)
    daemon = polled.ready(NAME)
    until(lambda: (account := peek(polled.runtime_dir)) is not None and account.used >= has_room - 20, what="use")
    time.sleep(0.3)

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


def test_a_supervisor_is_told_of_readiness_status_and_life(polled: Suite) -> None:
    daemon = sweeping(polled)

    until(lambda: "WATCHDOG=1" in daemon.told(), what="a ping")
    until(lambda: any("40 symbols every 5 s" in line for line in daemon.told()), what="a status for humans")
    beat = json.loads(documents.heartbeat_path(polled.runtime_dir, NAME).read_bytes())
    assert beat["pid"] == daemon.pid
    assert beat["next_due"] > time.time()


def test_once_it_sweeps_and_ends(polled: Suite, backend: AnsweringServer) -> None:
    assert polled.start(NAME, "--once").wait(20) == 0

    assert len(book(polled)) == 40
    assert len(posts(backend)) == 1


def test_without_a_key_for_the_backend_it_is_not_restarted(suite: Suite) -> None:
    daemon = suite.start(NAME)

    assert daemon.wait() == 78
    assert "VOLSPIKE_API_KEY" in daemon.log


def test_all_symbols_are_swept_within_the_share_of_the_sweeps(backend: AnsweringServer, tmp_path: Path) -> None:
    clock = {"VOLSPIKE_CLOCK_RATE": clock_rate(20)}
    with SimulatorProcess(env=clock) as exchange, Suite(tmp_path, exchange, **clock) as suite:
        with_backend(suite, exchange, backend)
        has(backend, trading(exchange))
        sweeping(suite)
        time.sleep(9)  # three minutes
        stats = exchange.stats()

    (client,) = stats["clients"].values()
    assert stats["refused_429"] == 0
    assert 1000 < client["max_weight_per_minute"] <= CEILING - ALERT_RESERVE + 20

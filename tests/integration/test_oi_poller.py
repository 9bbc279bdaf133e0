"""The OI poller as a real process, between the simulated exchange and a backend on loopback."""

import json
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.sweeps import (
    NAME,
    RATE,
    SENSITIVE,
    alerts,
    book,
    forget_sweeps,
    has,
    posts,
    status,
    sweeping,
    sweeps,
    told_twice,
    trading,
    with_backend,
)
from tests.processes import Suite, clock_rate, until
from tests.simulation import SimulatorProcess
from tests.unit.answers import AnsweringServer
from volspike.rules.weight import ALERT_RESERVE, CEILING
from volspike.state import documents, histories


def test_a_sweep_reaches_the_file_and_the_backend(polled: Suite, backend: AnsweringServer) -> None:
    began = time.time()
    daemon = sweeping(polled)
    until(lambda: posts(backend), what="samples at the backend")

    until(lambda: status(polled).startswith("40 symbols every 5 s, last sweep "), what="a status that tells of it")
    assert len(book(polled)) == 40
    assert all(row["openInterest"] > 0 and row["updatedAt"] > began for row in book(polled).values())
    post = posts(backend)[0]
    assert (len(post["data"]), post["source"], post["totalSymbols"]) == (40, "realtime", 40)
    assert backend.requests[-1].headers["x-api-key"] == "secret-key"
    assert "secret-key" not in daemon.log
    assert daemon.end() == 0
    assert status(polled).startswith("40 symbols every 5 s, last sweep ")
    assert polled.metric(NAME, "volspike_open_interest_samples_total") >= 40


def test_marks_come_from_the_funding_feed(polled: Suite, backend: AnsweringServer) -> None:
    polled.streaming()
    sweeping(polled)

    def marked() -> list[dict[str, Any]]:
        sweeps = [[item for item in post["data"] if "markPrice" in item] for post in posts(backend)]
        return max(sweeps, key=len, default=[])

    until(lambda: len(marked()) > 30, what="samples with marks at the backend")
    assert all(item["openInterestUsd"] == pytest.approx(item["openInterest"] * item["markPrice"]) for item in marked())


def test_moves_are_told_once(fast: Suite) -> None:
    daemon = sweeping(fast)
    until(lambda: len(alerts(fast)) > 20, 60, "alerts")

    before = alerts(fast)
    swept = sweeps(fast)
    until(lambda: sweeps(fast) > swept + 10, what="more sweeps")
    time.sleep(1)

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
        until(lambda: len(listed(suite)) > 10, 60, "alerts at the backend")
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
        timeout=30,
    )
    return [row["alert"] for row in answer.json()["alerts"]]


def test_a_poller_killed_between_outbox_and_memory_tells_nothing_twice(fast: Suite) -> None:
    unwritable = [fast.state_dir / name for name in (documents.OI_STATES, documents.OI_COOLDOWNS)]
    daemon = sweeping(fast)
    daemon.freeze()
    for path in unwritable:
        path.unlink(missing_ok=True)
        path.mkdir()  # nothing can be saved under this name
    daemon.thaw()
    until(lambda: len(alerts(fast)) > 20, 60, "alerts")
    until((fast.state_dir / documents.OI_HISTORY).exists, 60, "a saved history")

    daemon.end(signal.SIGKILL)
    before = len(alerts(fast))
    for path in unwritable:
        path.rmdir()
    forget_sweeps(fast)
    daemon = sweeping(fast)
    until(lambda: sweeps(fast) > 50, 60, "some minutes of sweeps")

    assert before > 20
    assert not told_twice(fast)
    assert "Traceback" not in daemon.log


def test_the_history_survives_a_restart(fast: Suite) -> None:
    sweeping(fast).end()
    first = histories.read(fast.state_dir / documents.OI_HISTORY)

    forget_sweeps(fast)
    daemon = fast.ready(NAME)
    until(lambda: sweeps(fast) > 2, 60, "more sweeps")
    daemon.end()

    second = histories.read(fast.state_dir / documents.OI_HISTORY)
    assert set(second) == set(first)
    assert all(second[symbol].records.startswith(first[symbol].records) for symbol in first)
    assert all(len(second[symbol]) > len(first[symbol]) for symbol in first)


@pytest.mark.timeout(240)
def test_a_clock_that_steps_by_an_hour_either_way_makes_no_storm(fast: Suite) -> None:
    anchor = float(fast.env["VOLSPIKE_CLOCK_RATE"].partition("@")[2])
    told = []
    for hours_ahead in (0, 1, -1):
        daemon = fast.ready(NAME, VOLSPIKE_CLOCK_RATE=f"{RATE}@{anchor - hours_ahead * 3600 / (RATE - 1)!r}")
        until(lambda: sweeps(fast) >= 70, 60, "six minutes of sweeps")
        assert daemon.end() == 0
        forget_sweeps(fast)
        told.append(len(alerts(fast)))

    assert told_twice(fast) == []
    assert 0 < told[0] <= told[-1] <= 2 * 40


def test_a_supervisor_is_told_of_readiness_status_and_life(polled: Suite) -> None:
    began = time.time()
    daemon = sweeping(polled)

    until(lambda: "WATCHDOG=1" in daemon.told(), what="a ping")
    until(lambda: any("40 symbols every 5 s" in line for line in daemon.told()), what="a status for humans")
    beat = json.loads(documents.heartbeat_path(polled.runtime_dir, NAME).read_bytes())
    assert beat["pid"] == daemon.pid
    assert beat["next_due"] > beat["at"] > began


def test_once_it_sweeps_and_ends(polled: Suite, backend: AnsweringServer) -> None:
    assert polled.start(NAME, "--once").wait() == 0

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

        def used() -> int:
            """Return the weight of the minute in which the most was used."""
            (client,) = exchange.stats()["clients"].values()
            return int(client["max_weight_per_minute"])

        sweeping(suite)
        until(lambda: used() > 1000, what="a minute of sweeps")
        time.sleep(6)  # two minutes more
        most, refused = used(), exchange.stats()["refused_429"]

    assert refused == 0
    assert 1000 < most <= CEILING - ALERT_RESERVE + 20

"""An emergency stop of the whole suite: nobody is asked and nothing is sent until it is over, whatever restarts."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.test_up import Foreground, simulated
from tests.processes import Suite, until
from tests.simulation import SimulatorProcess
from volspike.delivery.ledger import Ledger
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import TELEGRAM, Kind, Message, State
from volspike.runtime.clock import Clock
from volspike.simulator import chats

RESTING = ("funding-ws", "oi-poller", "volume-alerts", "user-alerts", "courier")
PATIENCE_SECONDS = 40.0
MINUTE_SECONDS = 75.0
"""A minute of Binance's and some: two scans and two sweeps may have used up the weight of this one."""
QUIET_SECONDS = 3.0
"""Longer than any of them would stay quiet by itself: the stream alone is heard every second."""


def traffic(running: Foreground) -> Any:
    """Return what the simulated exchange has been asked, how many streams it has, and what the chat has heard."""
    base = f"http://127.0.0.1:{running.simulator_port}"
    stats = requests.get(f"{base}/sim/stats", timeout=30).json()
    return stats["requests"], len(stats["connections"]), running.chat()


def read_by_people(exchange: SimulatorProcess) -> list[str]:
    told = requests.get(f"{exchange.rest_url}/sim/telegram", timeout=30).json()
    return [message["text"] for message in told["messages"]]


def rests(running: Foreground, daemon: str) -> bool:
    return running.status_of(daemon).startswith("emergency stop since ")


def is_ready(running: Foreground, daemon: str) -> bool:
    units = running.suite.document(".supervision.json").get("units", [])
    return any(unit["daemon"] == daemon and unit["sub_state"] == "running" for unit in units)


def put(path: Path, text: str) -> None:
    with Outbox(path, Clock(), {Kind.VOLUME: (TELEGRAM,)}) as outbox:
        outbox.put([Message(text, Kind.VOLUME, "BTCUSDT", Clock().now(), b"{}", text)])


def state(path: Path, key: str) -> State | str:
    with Ledger(path, Clock()) as ledger:
        return next(entry.state for entry in ledger.listing(limit=5000) if entry.key == key)


@pytest.mark.timeout(240)
def test_everything_rests_until_it_is_resumed_and_nothing_is_lost(tmp_path: Path) -> None:
    outbox = tmp_path / "state" / "volspike-demo" / "outbox.db"
    with simulated(tmp_path) as running:
        until(lambda: "VOLUME SPIKE!" in running.chat(), PATIENCE_SECONDS, "a spike in the chat")
        until(lambda: "last sweep" in running.status_of("oi-poller"), PATIENCE_SECONDS, "a sweep")

        stopped = running.suite.volspike("emergency-stop", "--reason", "a drill")
        until(lambda: traffic(running)[1] == 0, what="an exchange that has heard of the end of the stream")
        quiet = traffic(running)
        put(outbox, "told later")
        killed = running.running_pid("courier")
        os.kill(killed, signal.SIGKILL)
        time.sleep(QUIET_SECONDS)
        until(lambda: running.pid_of("courier") not in (0, killed), PATIENCE_SECONDS, "another courier")
        until(lambda: is_ready(running, "courier"), PATIENCE_SECONDS, "a courier that has begun")

        assert (stopped.returncode, stopped.stderr) == (0, "")
        assert all(rests(running, daemon) for daemon in RESTING)
        assert traffic(running) == quiet, running.output
        assert quiet[1] == 0
        assert state(outbox, "told later") is State.WAITING
        assert "(a drill)" in running.suite.volspike("status").stdout
        health = running.suite.volspike("health")
        assert health.returncode == 1
        assert "(a drill): nothing is asked, nothing is sent" in health.stdout
        assert running.suite.get("/funding/health").status_code in (200, 503), "what serves this machine goes on"

        resumed = running.suite.volspike("emergency-stop", "--resume")

        assert resumed.returncode == 0, resumed.stdout
        until(lambda: "told later" in running.chat(), PATIENCE_SECONDS, "the alert that waited")
        until(lambda: "last sweep" in running.status_of("oi-poller"), MINUTE_SECONDS, "another sweep")
        until(running.suite.connected, PATIENCE_SECONDS, "the stream")
        assert running.chat().count("told later") == 1


@pytest.mark.timeout(120)
def test_at_the_end_people_hear_that_there_was_a_stop_and_not_a_verdict_that_is_out_of_date(
    tmp_path: Path, exchange: SimulatorProcess
) -> None:
    chat = {
        "VOLSPIKE_API_KEY": "a-key",
        "TELEGRAM_API_URL": exchange.rest_url,
        "TELEGRAM_TOKEN": chats.TOKEN,
        "CHAT_ID": str(chats.GROUP),
    }
    with Suite(tmp_path, exchange, **chat) as place:
        courier = place.ready("courier")
        assert place.volspike("emergency-stop", "--reason", "a drill").returncode == 0
        monitor = place.start("health-monitor")
        assert monitor.wait() == 1, monitor.log
        assert "(a drill): nothing is asked" in monitor.log
        heard = read_by_people(exchange)

        assert place.volspike("emergency-stop", "--resume").returncode == 0

        until(lambda: read_by_people(exchange) != heard, PATIENCE_SECONDS, "news in the chat")
        assert courier.end() == 0
        place.ready("courier")
        time.sleep(QUIET_SECONDS)
        (told,) = read_by_people(exchange)[len(heard) :]
        said = r"▶️ VolSpike goes on after an emergency stop of \d+ s \(a drill\): from .* UTC on nothing was asked .*"
        assert re.fullmatch(said, told)

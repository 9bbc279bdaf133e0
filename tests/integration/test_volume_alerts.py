"""The volume alerts as a real process, against the simulated exchange, over simulated hours."""

import json
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.ports import free_port
from tests.processes import DaemonProcess, Suite, ends_promptly, until
from tests.simulation import SimulatorProcess
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import AlertType, VolumeAlert
from volspike.model.delivery import Kind
from volspike.runtime import clock
from volspike.runtime.clock import Clock

FAST = 120
"""Simulated seconds in a real one: an hour is half a minute, and from one scan to the next it takes 2.5 s."""
UNHURRIED = 30
"""Where much is to happen within half an hour."""
TRIES = 3
HOUR = 3600
SPIKE, HALF, FULL = AlertType.SPIKE, AlertType.HALF_UPDATE, AlertType.FULL_UPDATE
KEY = {"VOLSPIKE_API_KEY": "key"}
FILE = ".volume_alerts_state.json"
pytestmark = pytest.mark.timeout(240)  # waits add up on a busy machine


class Day:
    """A suite whose clock starts at a minute of hour 14 of some day, in which sixty symbols spike at once."""

    def __init__(self, directory: Path, held: ExitStack, minute: float, rate: int = FAST) -> None:
        self._hour = int(time.time() // (24 * HOUR) + 1) * 24 * HOUR + 14 * HOUR
        self.rate = rate
        self.clock = self._starting_at(minute)
        environment = {"VOLSPIKE_CLOCK_RATE": str(self.clock)}
        self.exchange = held.enter_context(SimulatorProcess(env=environment))
        self.suite = held.enter_context(Suite(directory, self.exchange, **environment, **KEY))
        self.suite.state_dir.mkdir(exist_ok=True)

    def _starting_at(self, minute: float) -> Clock:
        begin = self._hour + minute * 60
        return clock.parse(f"{self.rate}@{(time.time() * self.rate - begin) / (self.rate - 1)!r}")

    def scanned(self, minute: int) -> None:
        """Wait until a scan of this minute's mark, or of one after it, has ended."""
        mark = datetime.fromtimestamp(self._hour + minute * 60, UTC)
        until(lambda: self._last_scan() >= f"{mark:%H:%M}", 90, f"the scan of {mark:%H:%M}")

    def _last_scan(self) -> str:
        found = re.search(r"(?:s at|scan) (\d\d:\d\d)", self.status)
        return found[1] if found else ""

    def start(self, minutes_ahead: int = 0) -> DaemonProcess:
        """Start the daemon, with a clock that is wrong by so many minutes."""
        ahead = Clock(self.rate, self.clock.anchor - minutes_ahead * 60 / (self.rate - 1))
        return self.suite.ready("volume-alerts", VOLSPIKE_CLOCK_RATE=str(ahead))

    @property
    def status(self) -> str:
        """Return the sentence of the latest heartbeat."""
        return str(self.suite.document(".heartbeat/volume-alerts.json").get("status", ""))

    def metric(self, name: str) -> float:
        """Return one of the daemon's metrics."""
        return self.suite.metric("volume-alerts", f"volspike_{name}")

    def alerts(self) -> list[VolumeAlert]:
        """Return what lies in the outbox, oldest first."""
        return alerts_of(self.suite)

    def told(self, alert: VolumeAlert) -> tuple[AlertType, int, int]:
        """Return which word it is, the minute of the mark at which it was said, and how many hours on its hour is."""
        marks = (alert.detection_time.timestamp() - self._hour, alert.hour_timestamp.timestamp() - self._hour)
        return alert.alert_type, int(marks[0] // 60), int(marks[1] // HOUR)


@contextmanager
def day(directory: Path, minute: float, rate: int = FAST) -> Iterator[Day]:
    with ExitStack() as held:
        yield Day(directory, held, minute, rate)


def messages(suite: Suite) -> list[bytes]:
    if not (suite.state_dir / "outbox.db").exists():
        return []
    with Outbox(suite.state_dir / "outbox.db", Clock(), {}) as outbox:
        return [message.payload for message in outbox.messages(Kind.VOLUME, 0)]


def alerts_of(suite: Suite) -> list[VolumeAlert]:
    return [msgspec.json.decode(payload, type=VolumeAlert) for payload in messages(suite)]


def payloads(suite: Suite) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in messages(suite)]


def assert_no_word_twice(alerts: list[VolumeAlert]) -> None:
    assert [key for key, times in Counter(alert.key for alert in alerts).items() if times > 1] == []


def test_whenever_it_is_killed_or_restarted_an_hour_hears_every_word_once_and_in_time(tmp_path: Path) -> None:
    with day(tmp_path, 8, UNHURRIED) as today:
        # of one symbol only, for a time after which the scan must long have been killed
        today.exchange.fault("slow", path="klines?symbol=ADAUSDT&", seconds=9 * UNHURRIED)
        told_and_not_remembered = today.start()
        until(lambda: len(today.alerts()) > 3, what="the first alerts")
        told_and_not_remembered.end(signal.SIGKILL)
        assert not (today.suite.state_dir / FILE).exists()
        today.exchange.clear()
        killed_at_rest = today.start()
        today.scanned(10)
        killed_at_rest.end(signal.SIGKILL)
        stopped = today.start()
        today.scanned(15)
        assert stopped.end() == 0
    with day(tmp_path, 27) as today:
        lasting = today.start()
        today.scanned(60)
        assert lasting.end() == 0

        alerts = today.alerts()

    words: dict[str, list[tuple[AlertType, int, int]]] = {}
    for alert in alerts:
        words.setdefault(alert.symbol, []).append(today.told(alert))
    assert_no_word_twice(alerts)
    assert len(words) >= 55
    for symbol, told in words.items():
        assert [(kind, hour) for kind, _, hour in told] == [(SPIKE, 0), (HALF, 0), (FULL, 0)], symbol
        assert [minute // 30 for _, minute, _ in told] == [0, 1, 2], symbol


def test_a_ban_looks_like_a_failure_and_ends_by_itself(tmp_path: Path) -> None:
    with day(tmp_path, 7, rate=60) as today:
        daemon = today.start()
        until(lambda: "scanned 530 symbols" in today.status, what="the first scan")

        today.exchange.fault("ban", seconds=900)  # the next mark is at most 300 s away, and a request waits for 70 s
        until(lambda: "FAILED: 530 of 530 symbols failed" in today.status, what="the failure")
        assert today.metric("volume_scan_failed_symbols") == 530
        assert today.metric("volume_scan_last_success_timestamp_seconds") < today.metric(
            "volume_scan_timestamp_seconds"
        )
        assert 1 <= today.exchange.stats()["banned_418"] <= 64

        until(lambda: "scanned 530 symbols" in today.status, what="the market again")
        daemon.end()
        assert daemon.log.count("lost: the volume scan") == daemon.log.count("recovered: the volume scan") == 1


def test_a_clock_that_steps_by_an_hour_either_way_makes_no_storm(tmp_path: Path) -> None:
    with day(tmp_path, 8, rate=60) as today:
        for minutes_ahead in (0, 60, 0, -60, 0):
            daemon = today.start(minutes_ahead)
            until(lambda: "scanned 530 symbols" in today.status, what="a scan")
            daemon.end()
            (today.suite.runtime_dir / ".heartbeat/volume-alerts.json").unlink()

        alerts = today.alerts()

    kinds = Counter(alert.alert_type for alert in alerts)
    assert_no_word_twice(alerts)
    assert kinds[SPIKE] == len({alert.symbol for alert in alerts}) >= 55
    assert kinds[HALF] == 0
    assert kinds[FULL] <= kinds[SPIKE]


def test_one_slow_symbol_holds_nobody_up(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.state_dir.mkdir()
    exchange.fault("slow", path="klines?symbol=ADAUSDT&", seconds=7)

    daemon = suite.start("volume-alerts", "--once", **KEY)
    until(lambda: len(alerts_of(suite)) >= 40, what="the alerts of the others")
    told_at = time.time()
    assert daemon.wait() == 0

    began = suite.metric("volume-alerts", "volspike_volume_scan_timestamp_seconds")
    assert told_at - began < 7 <= suite.metric("volume-alerts", "volspike_volume_scan_duration_seconds")
    assert suite.metric("volume-alerts", "volspike_volume_scan_failed_symbols") == 0


def scanned_within(seconds: float, suite: Suite, **variables: str) -> DaemonProcess:
    """Return a daemon that has scanned once, in time; where the machine was busy, thrice at most."""
    took = []
    for _ in range(TRIES):
        shutil.rmtree(suite.state_dir, ignore_errors=True)
        daemon = suite.start("volume-alerts", "--once", **KEY, **variables)
        assert daemon.wait() == 0
        took.append(suite.metric("volume-alerts", "volspike_volume_scan_duration_seconds"))
        if took[-1] < seconds:
            return daemon
    raise AssertionError(f"scans took {took} s")


def test_the_funding_rate_is_that_of_the_files_else_that_of_binance_and_else_it_is_left_out(
    suite: Suite, exchange: SimulatorProcess
) -> None:
    def rates() -> list[float | None]:
        """Return the rates that the alerts of a scan tell."""
        shutil.rmtree(suite.state_dir, ignore_errors=True)
        assert suite.start("volume-alerts", "--once", **KEY).wait() == 0
        return [alert.get("fundingRate") for alert in payloads(suite)]

    def asked() -> int:
        return sum(exchange.stats()["requests"].get("/fapi/v1/premiumIndex", {}).values())

    exchange.fault("http_503", path="premiumIndex")
    scanned_within(3, suite)
    found = payloads(suite)
    assert len(found) >= 40
    assert not [alert for alert in found if {"fundingRate", "oiChange"} & alert.keys()]

    exchange.clear()
    until(lambda: None not in rates(), what="rates of Binance, which has little time to tell them")
    before = asked()

    suite.streaming()
    assert None not in rates()
    assert asked() == before > 0


def test_a_backend_that_hangs_delays_no_alert(suite: Suite, exchange: SimulatorProcess) -> None:
    with SimulatorProcess("--fault=slow:seconds=60") as hanging:
        daemon = scanned_within(5, suite, VOLSPIKE_API_URL=hanging.rest_url)

        assert len(alerts_of(suite)) >= 40
        assert daemon.log.count("lost: open-interest snapshots of the backend") == 1


def test_an_exchange_that_is_away_is_a_failed_scan(tmp_path: Path) -> None:
    with Suite(tmp_path, BINANCE_REST_URL=f"http://127.0.0.1:{free_port()}") as suite:
        suite.state_dir.mkdir()

        daemon = suite.start("volume-alerts", "--once", **KEY)

        assert daemon.wait() == 1
        assert "no list of symbols: Binance cannot be reached" in daemon.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_waits_for_no_answer(suite: Suite, exchange: SimulatorProcess, number: int) -> None:
    exchange.send_signal(signal.SIGSTOP)

    def waiting() -> DaemonProcess:
        daemon = suite.ready("volume-alerts", **KEY)
        time.sleep(0.3)
        return daemon

    daemon = ends_promptly(waiting, number)
    exchange.send_signal(signal.SIGCONT)
    assert "Traceback" not in daemon.log


def test_without_a_key_for_the_backend_it_ends_as_misconfigured(suite: Suite) -> None:
    daemon = suite.start("volume-alerts")

    assert daemon.wait() == 78
    assert "VOLSPIKE_API_KEY" in daemon.log

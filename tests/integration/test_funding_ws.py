"""The funding WS daemon as a real process, against the simulated exchange."""

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.ports import free_port
from tests.processes import Suite, clock_rate, ends_promptly, until
from tests.simulation import SimulatorProcess

FAST = 10
"""Simulated seconds in a real one, where a test waits for durations of the specification."""
TRIES = 3


@pytest.fixture
def fast_exchange() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(env={"VOLSPIKE_CLOCK_RATE": clock_rate(FAST)}) as simulator:
        yield simulator


@pytest.fixture
def fast(fast_exchange: SimulatorProcess, tmp_path: Path) -> Iterator[Suite]:
    with Suite(tmp_path, fast_exchange, VOLSPIKE_CLOCK_RATE=clock_rate(FAST)) as running:
        yield running


def receipt_times(suite: Suite) -> dict[str, float]:
    return {symbol: row["updatedAt"] for symbol, row in suite.rows().items()}


def test_the_stream_reaches_the_state_file_with_the_fields_that_operators_know(suite: Suite) -> None:
    suite.streaming()

    feed = suite.feed()
    row, status = feed["funding_state"]["BTCUSDT"], feed["connection_status"]
    assert set(row) == {"fundingRate", "markPrice", "indexPrice", "nextFundingTime", "updatedAt"}
    assert row["nextFundingTime"] > time.time() * 1000
    assert status["connected"]
    assert status["symbolCount"] == len(feed["funding_state"])
    assert status["messages_received"] >= len(feed["funding_state"])
    assert feed["version"] == 1
    until(lambda: time.time() - suite.rows()["BTCUSDT"]["updatedAt"] < 5, what="a row of the present")


def test_marks_agree_with_rest_whatever_else_has_a_p(suite: Suite, exchange: SimulatorProcess) -> None:
    suite.streaming()
    until(lambda: suite.document(".ticker_state.json").get("tickers"), what="tickers")

    def differences() -> list[str]:
        told = requests.get(f"{exchange.rest_url}/fapi/v1/premiumIndex", timeout=30).json()
        rest = {row["symbol"]: float(row["markPrice"]) for row in told}
        near = {symbol: pytest.approx(price, rel=0.01) for symbol, price in rest.items()}
        return [symbol for symbol, row in suite.rows().items() if row["markPrice"] != near[symbol]]

    until(lambda: not differences(), what="marks of one and the same second")
    rows = suite.rows()
    assert "币安人生USDT" in rows
    assert not [symbol for symbol in rows if symbol.endswith("_PERP")]


def test_a_delivery_contract_has_no_funding(suite: Suite, exchange: SimulatorProcess) -> None:
    exchange.fault("legacy_delivery")

    suite.streaming()

    quarterlies = [row for symbol, row in suite.rows().items() if re.search(r"_\d{6}$", symbol)]
    assert quarterlies
    assert all(row["fundingRate"] is None and row["nextFundingTime"] == 0 for row in quarterlies)


def test_sigterm_ends_it_in_order_and_the_file_says_that_nobody_is_connected(suite: Suite) -> None:
    daemon = ends_promptly(suite.streaming)

    assert not suite.connected()
    assert "Traceback" not in daemon.log


def test_after_a_kill_the_next_process_goes_on_with_what_the_file_knows(suite: Suite) -> None:
    daemon = suite.streaming()

    daemon.end(signal.SIGKILL)
    suite.ready("funding-ws")

    until(lambda: suite.feed()["daemon_pid"] != daemon.pid, what="a file of the new process")
    assert len(suite.rows()) > 800


def test_a_silent_exchange_is_noticed_and_left(fast: Suite, fast_exchange: SimulatorProcess) -> None:
    daemon = fast.streaming()

    def left_after() -> float:
        """Return how many seconds after its last data a connection was left, by the daemon's own times."""
        seen = fast.feed()
        fast_exchange.fault("silent", scope="current")

        def is_lost() -> bool:
            seen.update(fast.feed())
            return not seen["connection_status"]["connected"]

        until(is_lost, what="the loss")
        until(fast.connected, what="data on a new connection")
        return float(seen["updated_at"] - seen["connection_status"]["last_message_time"])

    # a busy machine is late now and then: a second is ten here
    took = next((took for _ in range(TRIES) if (took := left_after()) < 25), None)
    assert took is not None
    assert took >= 15
    assert "silent for 15 s after delivering" in daemon.log


def test_a_connection_that_never_delivers_is_called_a_wrong_route(fast: Suite, fast_exchange: SimulatorProcess) -> None:
    fast_exchange.fault("silent", scope="all")
    daemon = fast.ready("funding-ws")

    until(lambda: "connected but silent: wrong route?" in daemon.log, what="the hint")
    fast_exchange.clear()

    until(fast.connected, what="data")


def test_events_that_do_not_advance_count_as_silence(fast: Suite, fast_exchange: SimulatorProcess) -> None:
    fast.streaming()

    fast_exchange.fault("frozen")

    until(lambda: not fast.connected(), what="the loss")
    fast_exchange.clear()
    until(fast.connected, what="data that advances")


def test_an_exchange_that_stays_frozen_is_never_fresh_again_however_often_it_is_reconnected_to(
    fast: Suite, fast_exchange: SimulatorProcess
) -> None:
    fast.streaming()
    fast.ready("funding-api")
    fast_exchange.fault("frozen")
    until(lambda: not fast.connected(), what="the loss")
    known = receipt_times(fast)
    opened = fast_exchange.stats()["connections_opened"]
    until(lambda: fast.get("/funding/BTCUSDT").status_code == 503, what="the refusal")

    def reconnected_thrice() -> bool:
        assert not fast.connected()
        assert receipt_times(fast) == known
        assert fast.get("/funding/BTCUSDT").status_code == 503
        assert fast.get("/funding/health").json()["websocketConnected"] is False
        return bool(fast_exchange.stats()["connections_opened"] >= opened + 3)

    until(reconnected_thrice, what="three more connections")
    fast_exchange.clear()
    until(fast.connected, what="data that advances")
    until(lambda: receipt_times(fast)["BTCUSDT"] > known["BTCUSDT"], what="a newer row")
    assert fast.get("/funding/BTCUSDT").status_code == 200


def test_half_open_connections_are_left_too(fast: Suite, fast_exchange: SimulatorProcess) -> None:
    fast.streaming()

    fast_exchange.fault("half_open")

    until(lambda: not fast.connected(), what="the loss")
    fast_exchange.clear()
    until(fast.connected, what="data")


def test_an_exchange_that_accepts_and_drops_is_not_met_with_a_hot_loop(
    suite: Suite, exchange: SimulatorProcess
) -> None:
    exchange.fault("drop_after_accept")
    began = time.monotonic()
    suite.ready("funding-ws")

    until(lambda: suite.connection().get("reconnect_attempts", 0) >= 2, what="two more attempts")
    time.sleep(3)

    opened = exchange.stats()["connections_opened"]
    assert sum(0.5 * 2**pause for pause in range(opened - 1)) <= time.monotonic() - began, (
        "half of 1, 2, 4 … s at least"
    )


def test_garbage_and_broken_rows_cost_only_themselves(suite: Suite, exchange: SimulatorProcess) -> None:
    daemon = suite.streaming()
    exchange.fault("garbage_frame")
    exchange.fault("broken_row")
    before = suite.connection()["messages_received"]

    until(lambda: suite.connection()["messages_received"] > before + 1500, what="more mark prices")

    assert suite.connected()
    assert "skipped what did not decode" in daemon.log
    daemon.end()
    assert suite.metric("funding-ws", "volspike_stream_rejected_total") >= 1


def test_an_announced_close_is_survived_without_a_loss(tmp_path: Path) -> None:
    with (
        # the notice comes in the middle: whatever is slow has the other half to take over in
        SimulatorProcess("--close-after=16", "--shutdown-event=wrapped") as exchange,
        Suite(tmp_path, exchange) as suite,
    ):
        daemon = suite.streaming()

        until(lambda: "rotated to a new connection" in daemon.log, what="the rotation")

        daemon.end()
        assert "stream lost" not in daemon.log.split("rotated to a new connection")[0]


def test_a_close_without_warning_is_followed_by_a_new_connection(tmp_path: Path) -> None:
    with SimulatorProcess("--close-after=3") as exchange, Suite(tmp_path, exchange) as suite:
        daemon = suite.streaming()

        until(lambda: "stream lost" in daemon.log, what="the close")

        until(suite.connected, what="the next connection")


def test_an_exchange_that_is_away_at_the_start_is_found_later(tmp_path: Path) -> None:
    port = free_port()
    with Suite(tmp_path, BINANCE_WS_URL=f"ws://127.0.0.1:{port}") as suite:
        daemon = suite.ready("funding-ws")
        until(lambda: "Connection refused" in daemon.log, what="the refusal")

        with SimulatorProcess(port=port):
            until(suite.connected, 90, what="data")


def test_a_full_disk_is_reported_once_and_recovered_from(suite: Suite) -> None:
    daemon = suite.streaming()

    scratch = suite.runtime_dir
    aside = scratch.with_name("aside")
    scratch.rename(aside)
    scratch.write_text("a file where the directory was: no write can succeed")
    until(lambda: "cannot write state file" in daemon.log, what="the report")
    time.sleep(2)
    scratch.unlink()
    aside.rename(scratch)

    until(lambda: "state file is written again" in daemon.log, what="the recovery")
    assert daemon.log.count(f"{scratch}/.funding_state.json problem") == 1
    assert suite.connected()


def test_its_own_broken_file_is_moved_aside_at_the_start(suite: Suite) -> None:
    suite.runtime_dir.mkdir()
    (suite.runtime_dir / ".funding_state.json").write_text('{"version":1,"funding_sta')

    suite.streaming()

    assert [path.read_text() for path in suite.runtime_dir.glob(".funding_state.json.corrupt-*")] == [
        '{"version":1,"funding_sta'
    ]


def test_a_second_one_in_the_same_runtime_directory_is_refused(suite: Suite) -> None:
    first = suite.streaming()

    second = suite.start("funding-ws")

    assert second.wait() == 1
    assert f"cannot start: another funding-ws runs in {suite.runtime_dir} already; see volspike status" in second.log
    assert suite.feed()["daemon_pid"] == first.pid
    assert suite.connected()


def test_once_it_ends_by_itself_with_all_symbols_in_the_file(suite: Suite) -> None:
    daemon = suite.start("funding-ws", "--once")

    assert daemon.wait() == 0
    assert len(suite.rows()) > 800


def test_every_bad_setting_is_named_and_the_exit_code_tells_systemd_not_to_restart(suite: Suite) -> None:
    daemon = suite.start("funding-ws", BINANCE_WS_URL="http://x", FUNDING_API_PORT="0", LOG_LEVEL="LOUD")

    assert daemon.wait() == 78
    assert "BINANCE_WS_URL='http://x': must be a ws:// or wss:// address" in daemon.log
    assert "FUNDING_API_PORT='0': must be a port from 1 to 65535" in daemon.log
    assert "LOG_LEVEL='LOUD'" in daemon.log
    assert "Traceback" not in daemon.log


def test_a_supervisor_is_told_of_readiness_status_and_life(suite: Suite) -> None:
    began = time.time()
    daemon = suite.streaming()

    until(lambda: "WATCHDOG=1" in daemon.told(), what="a ping")
    until(lambda: any("streaming 8" in line for line in daemon.told()), what="a status for humans")
    beat = json.loads((suite.runtime_dir / ".heartbeat/funding-ws.json").read_bytes())
    assert beat["pid"] == daemon.pid
    assert beat["next_due"] > beat["at"] > began


def test_when_the_exchange_hangs_the_daemon_still_feeds_its_watchdog(suite: Suite, exchange: SimulatorProcess) -> None:
    daemon = suite.streaming()
    exchange.send_signal(signal.SIGSTOP)
    pings = daemon.told().count("WATCHDOG=1")

    until(lambda: daemon.told().count("WATCHDOG=1") >= pings + 3, what="pings while waiting")

    exchange.send_signal(signal.SIGCONT)

"""Daemons that are killed, hang, starve or are stopped; and a reboot. Fresh data again, without a human."""

import time

from tests.systemd.conftest import RECOVERY_SECONDS, Recoveries
from tests.systemd.machine import eventually
from tests.systemd.server import API, DAEMONS, FEED, MONITOR, SETTINGS, TARGET, Server


def test_data_is_fresh_again_after_the_feed_was_killed(server: Server) -> None:
    api = server.pid(API)

    killed = server.signal(FEED, "KILL")

    server.wait_for_data_after(killed + 1, RECOVERY_SECONDS)
    assert server.pid(API) == api, "a restart of the feed must not restart the API"


def test_data_is_fresh_again_after_the_exchange_went_silent_on_the_open_connection(server: Server) -> None:
    feed = server.pid(FEED)

    server.fault(kind="silent", scope="current")
    silent = time.time()

    server.wait_for_data_after(silent + 2, RECOVERY_SECONDS)
    assert server.pid(FEED) == feed, "the feed reconnects by itself"


def test_a_stopped_daemon_has_ended_in_order(server: Server) -> None:
    server.run("systemctl", "stop", TARGET)

    ends = {unit: (server.show(unit, "Result"), server.show(unit, "ExecMainStatus")) for unit in DAEMONS}
    server.run("systemctl", "start", TARGET)
    assert ends == dict.fromkeys(DAEMONS, ("success", "0"))
    started = time.time()
    server.wait_for_data_after(started, RECOVERY_SECONDS)


def test_the_monitor_leaves_alone_what_an_operator_has_stopped(server: Server) -> None:
    server.run("systemctl", "stop", FEED)

    look = server.look()

    state = server.show(FEED, "ActiveState")
    server.run("systemctl", "start", FEED)
    assert state == "inactive"
    assert "stopped" in look.out
    server.wait_for_data_after(time.time(), RECOVERY_SECONDS)


def test_a_stopped_feed_stays_stopped_when_the_api_is_restarted(server: Server) -> None:
    server.run("systemctl", "stop", FEED)

    server.run("systemctl", "restart", API)

    state = server.show(FEED, "ActiveState")
    server.run("systemctl", "start", FEED)
    assert state == "inactive"
    server.wait_for_data_after(time.time(), RECOVERY_SECONDS)


def test_bad_configuration_is_not_restarted_and_the_monitor_names_it(server: Server) -> None:
    good = server.path(SETTINGS).read_text()
    server.write(SETTINGS, f"{good}LOG_LEVEL=LOUD\n", 0o640)
    server.run("systemctl", "restart", FEED, check=False)
    server.write(SETTINGS, good, 0o640)
    eventually(lambda: server.show(FEED, "ActiveState") == "failed", RECOVERY_SECONDS, "the feed refuses its settings")

    time.sleep(6)  # longer than RestartSec
    look = server.look()

    seen = {name: server.show(FEED, name) for name in ("ActiveState", "ExecMainStatus", "NRestarts")}
    server.run("systemctl", "restart", FEED)
    assert seen == {"ActiveState": "failed", "ExecMainStatus": "78", "NRestarts": "0"}
    assert "bad configuration" in look.out
    assert "UNHEALTHY" in look.out
    assert look.code == 0, "an unhealthy suite is no failure of the monitor"
    assert server.show(MONITOR, "Result") == "success" or server.lost_its_cgroup(MONITOR)
    server.wait_for_data_after(time.time(), RECOVERY_SECONDS)


def test_a_hung_feed_is_ended_by_the_watchdog_and_data_is_fresh_again(recoveries: Recoveries) -> None:
    recovery = recoveries.feed_by_watchdog.result()

    assert "watchdog" in recovery.journal.lower()


def test_a_hung_api_is_ended_by_the_watchdog_and_answers_again(recoveries: Recoveries) -> None:
    recovery = recoveries.api_by_watchdog.result()

    assert "watchdog" in recovery.journal.lower()


def test_the_monitor_without_any_capability_restarts_a_hung_unit(recoveries: Recoveries) -> None:
    recovery = recoveries.feed_by_monitor.result()

    assert f"restarted {FEED}" in recovery.journal


def test_everything_is_up_again_by_itself_after_a_reboot(server: Server) -> None:
    rebooted = time.time()

    server.reboot()

    server.wait_for_data_after(rebooted, RECOVERY_SECONDS)
    eventually(server.is_up, RECOVERY_SECONDS, "all units active")
    assert server.failed_units() == []

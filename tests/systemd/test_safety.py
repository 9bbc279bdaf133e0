"""Backup, restore and emergency stop on a server."""

import json
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.systemd.conftest import RECOVERY_SECONDS
from tests.systemd.machine import Done, Image, eventually
from tests.systemd.server import (
    BACKUP,
    COURIER,
    DAEMONS,
    EXCHANGE,
    FEED,
    MONITOR,
    POLLER,
    TARGET,
    UNITS,
    UNIVERSE,
    Server,
)

BACKUPS = "/var/lib/volspike-backups"
STATE = "/var/lib/volspike"
FLAG = f"{STATE}/.emergency_stop.json"
QUIET_SECONDS = 3.0
WHILE_FILES_COME_AND_GO = ("-ignore_readdir_race",)


def backups(server: Server) -> list[str]:
    return server.run("sh", "-c", f"ls {BACKUPS}/*.tar.gz", check=False).out.split()


def traffic(server: Server) -> Any:
    """Return what the exchange has been asked, and the streams and messages that it has."""
    stats = server.ask(f"{EXCHANGE}/sim/stats")[1]
    return stats["requests"], len(stats["connections"]), server.ask(f"{EXCHANGE}/sim/telegram")[1]["sent"]


def status_of(server: Server, unit: str) -> str:
    return server.show(unit, "StatusText")


def test_the_nightly_backup_is_whole_and_its_owner_s_alone(server: Server) -> None:
    server.run("systemctl", "start", BACKUP)

    newest = backups(server)[-1]
    assert server.run("stat", "-c", "%U:%G %a", newest).out.strip() == "volspike:volspike 600"
    assert server.run("stat", "-c", "%U:%G %a", BACKUPS).out.strip() == "volspike:volspike 750"
    with tarfile.open(server.path(newest)) as archive:
        names = archive.getnames()
    assert names[0] == "manifest.json"
    assert {"outbox.db", "backend.db", "volspike.env"} <= set(names)
    assert newest in server.run("volspike", "backup", "--list").out


def test_a_restore_stops_the_suite_takes_everything_back_and_starts_it(server: Server) -> None:
    server.run("volspike", "backup")
    before = server.pids()
    server.run("install", "--owner=volspike", "--group=volspike", "/dev/null", f"{STATE}/stray.json")

    refused = server.run("volspike", "restore", "latest", check=False)
    restored = server.run("volspike", "restore", "latest", "--stop", timeout=120)

    assert refused.code == 1
    assert "stop the suite first, or use --stop" in refused.out
    assert "files of release" in restored.out
    eventually(server.is_up, RECOVERY_SECONDS, "all units active")
    assert all(server.pid(unit) != pid for unit, pid in before.items())
    assert server.run("find", STATE, *WHILE_FILES_COME_AND_GO, "!", "-user", "volspike").out == ""
    assert server.run("find", STATE, *WHILE_FILES_COME_AND_GO, "-name", "stray.json").out.startswith(
        f"{STATE}/before-restore-"
    )


def delivered(server: Server) -> set[int]:
    """Return the numbers of all that was delivered."""
    listed = server.run("volspike", "outbox", "list", "--state", "delivered", "--limit", "100000", "--json")
    return {entry["id"] for entry in json.loads(listed.out)}


def test_a_server_that_is_lost_comes_back_on_another_machine_from_a_backup_alone(
    server: Server, base: Image, wheel: Path
) -> None:
    server.run("volspike", "mute", "ADAUSDT", "4h")
    told = delivered(server)
    made = server.run("volspike", "backup").out.splitlines()[-1].split()[0]
    with Server(base, "spare", like=server) as spare:
        # Its packages are spared, for pip would take half a minute to install them again.
        spare.run("systemctl", "stop", *UNITS, MONITOR, UNIVERSE, BACKUP)  # also what a timer has just begun
        spare.run("sh", "-c", "rm -rf /etc/volspike /var/lib/volspike*")
        spare.path("/root/backup.tar.gz").write_bytes(server.path(made).read_bytes())

        spare.run("sh", "-ec", "umask 077; tar -xzOf /root/backup.tar.gz volspike.env >/root/volspike.env")
        spare.install(wheel, "--env", "/root/volspike.env", "--no-start")
        running = spare.run("systemctl", "is-active", *UNITS, check=False).out.split()
        restored = spare.run("volspike", "restore", "/root/backup.tar.gz")
        spare.run("systemctl", "start", TARGET)
        verified = spare.deploy("verify.sh", "--within", "240")

        assert set(running) == {"inactive"}
        assert "files of release" in restored.out
        assert verified.out.splitlines()[-1].endswith(" is up")
        assert "ADAUSDT" in spare.run("volspike", "mute", "--list").out
        assert told
        assert told <= delivered(spare)
    server.run("volspike", "unmute", "ADAUSDT")


def ordered(server: Server, *options: str) -> Done:
    """Return what an order of an emergency stop, or of its end, has said: it names whoever has not obeyed in time."""
    done = server.run("volspike", "emergency-stop", *options, check=False)
    assert done.code == (1 if " has not obeyed: " in done.out else 0), done.out
    return done


def stop_everything(server: Server) -> str:
    """Order an emergency stop, wait until all have obeyed, and return what was said."""
    said: list[str] = []

    def have_obeyed() -> bool:
        done = ordered(server, "--reason", "a drill")
        said.append(done.out)
        return done.code == 0

    eventually(have_obeyed, RECOVERY_SECONDS, "that all daemons rest")  # a busy machine may need more than its patience
    return said[0]


@pytest.fixture
def resumed(server: Server) -> Iterator[None]:
    """Whatever becomes of the test, nothing rests afterwards."""
    yield
    server.run("rm", "-f", FLAG)
    eventually(server.is_up, RECOVERY_SECONDS, "all units active")


def test_an_emergency_stop_holds_over_restarts_until_it_is_resumed(server: Server, resumed: None) -> None:
    said = stop_everything(server)
    quiet = traffic(server)
    server.run("systemctl", "restart", TARGET)
    server.run("systemctl", "start", "oi-liquid-universe.service", "funding-health-check.service", check=False)
    eventually(server.is_up, RECOVERY_SECONDS, "all units active")
    time.sleep(QUIET_SECONDS)

    assert "Emergency stop since " in said
    for unit in (POLLER, COURIER):
        eventually(lambda unit=unit: "(a drill)" in status_of(server, unit), RECOVERY_SECONDS, f"a word of {unit}")  # type: ignore[misc]
    assert traffic(server) == quiet
    assert server.run("volspike", "health", check=False).code == 1

    resumed_at = time.time()
    assert "The emergency stop is over." in ordered(server, "--resume").out

    server.wait_for_data_after(resumed_at, RECOVERY_SECONDS)
    eventually(lambda: not any("emergency" in status_of(server, unit) for unit in DAEMONS), RECOVERY_SECONDS, "work")


def test_nothing_asks_and_nothing_tells_after_a_reboot_during_an_emergency_stop(server: Server, resumed: None) -> None:
    stop_everything(server)
    server.reboot()
    eventually(server.is_up, RECOVERY_SECONDS, "all units active")
    server.run("systemctl", "start", "oi-liquid-universe.service", "funding-health-check.service", check=False)
    time.sleep(QUIET_SECONDS)

    eventually(lambda: "(a drill)" in status_of(server, FEED), RECOVERY_SECONDS, "a word of the feed")
    assert traffic(server) == ({}, 0, 0)  # of an exchange that was started with the machine

    resumed_at = time.time()
    assert "The emergency stop is over." in ordered(server, "--resume").out

    server.wait_for_data_after(resumed_at, RECOVERY_SECONDS)
    eventually(lambda: not any("emergency" in status_of(server, unit) for unit in DAEMONS), RECOVERY_SECONDS, "work")

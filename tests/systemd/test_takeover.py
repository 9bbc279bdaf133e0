"""Taking over an installation of the old scripts; then removing everything again. The tests go in this order."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd.machine import Image
from tests.systemd.server import FEED, POINTED_AT_THE_EXCHANGE, SETTINGS, Server

OLD = "/home/trader/bot"
OLD_UNIT = """[Unit]
Description=Old bot
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""
OLD_TIMER = "[Timer]\nOnCalendar=*:0/5\n[Install]\nWantedBy=timers.target\n"
OLD_UNITS = {
    FEED: OLD_UNIT,
    "oi-realtime-poller.service": OLD_UNIT,
    "oi-liquid-universe.service": OLD_UNIT,
    "oi-liquid-universe.timer": OLD_TIMER,
}
OLD_SETTINGS = f"""# the old bot
export TELEGRAM_TOKEN=123:abc
CHAT_ID="-100123"  # the group
SOMETHING_OF_OURS=kept
LOG_LEVEL=INFO # quiet
this is no setting
{POINTED_AT_THE_EXCHANGE}"""
COOLDOWNS = {"BTCUSDT|UP|5 min": 1764724344}
DATA = "/var/lib/volspike"


@pytest.fixture(scope="module")
def old(base: Image) -> Iterator[Server]:
    """A server on which the old scripts run."""
    with Server(base, "old") as server:
        server.start_exchange()
        server.write(f"{OLD}/.env", OLD_SETTINGS)
        server.write(f"{OLD}/.oi_alert_cooldowns.json", json.dumps(COOLDOWNS))
        server.write(f"{OLD}/.telegram_poller_state.json", '{"last_message_ids": {"marketfeed": ')
        server.run("python3", "-c", "import sqlite3, sys\n"
                   "with sqlite3.connect(sys.argv[1]) as db: db.execute('create table sessions (dc_id)')",
                   f"{OLD}/volspike_telegram.session")  # fmt: skip
        for name, text in OLD_UNITS.items():
            server.write(f"/etc/systemd/system/{name}", text)
        server.write(f"/etc/systemd/system/{FEED}.d/limits.conf", "[Service]\nLimitNOFILE=1024\n")
        server.run("systemctl", "daemon-reload")
        server.run("systemctl", "enable", "--quiet", "--now", FEED, "oi-realtime-poller", "oi-liquid-universe.timer")
        yield server


def nothing_has_changed(server: Server) -> bool:
    """Tell whether the old scripts still run and nothing of ours is there."""
    running = server.run("systemctl", "is-active", FEED, "oi-realtime-poller", "oi-liquid-universe.timer", check=False)
    ours = server.run("sh", "-c", "ls -d /opt/volspike /etc/volspike || getent passwd volspike", check=False)
    return running.out.split() == ["active"] * 3 and ours.code != 0


@pytest.mark.parametrize(
    ("directory", "answer"),
    [
        ("/nowhere", "error: --import /nowhere: there is no such directory\n"),
        (
            "/srv",
            "error: --import /srv: none of the old scripts' files is in it (.env, volspike.env, "
            "volspike_telegram.session, .oi_alert_cooldowns.json, .telegram_poller_state.json)\n",
        ),
    ],
)
def test_nothing_to_take_over_is_answered_in_one_line_before_anything_changes(
    old: Server, wheel: Path, directory: str, answer: str
) -> None:
    done = old.install(wheel, "--import", directory, check=False)

    assert (done.code, done.out) == (1, answer)
    assert nothing_has_changed(old)


def test_units_of_somebody_else_are_never_overwritten(old: Server, wheel: Path) -> None:
    done = old.install(wheel, check=False)

    assert done.code == 1
    assert done.out == (
        f"error: /etc/systemd/system/{FEED} is there and not ours: "
        "--import DIR takes an old installation over, or move it away\n"
    )
    assert nothing_has_changed(old)


def test_the_old_installation_is_taken_over_and_its_units_retired(old: Server, wheel: Path) -> None:
    old.run("mkdir", "-p", DATA)

    done = old.install(wheel, "--import", OLD)

    said = {tuple(line.split(maxsplit=2)[:2]) for line in done.out.splitlines() if line.strip()}
    assert {
        ("took", "volspike_telegram.session"),
        ("took", ".oi_alert_cooldowns.json"),
        ("left", ".telegram_poller_state.json"),
        ("took", "its"),
        *(("retired", f"{name},") for name in OLD_UNITS),
    } <= said
    assert "it is not JSON" in done.out
    *taken, _, key = old.path(SETTINGS).read_text().splitlines()
    assert key.startswith("VOLSPIKE_API_KEY=")
    assert taken == [
        "# the old bot",
        "TELEGRAM_TOKEN=123:abc",
        'CHAT_ID="-100123"',
        "SOMETHING_OF_OURS=kept",
        "LOG_LEVEL=INFO",
        *POINTED_AT_THE_EXCHANGE.splitlines(),
    ]
    assert json.loads(old.path(f"{DATA}/.oi_alert_cooldowns.json").read_bytes()) == COOLDOWNS
    modes = old.run(
        "stat", "--format=%U:%G %a", f"{DATA}/volspike_telegram.session", f"{DATA}/.oi_alert_cooldowns.json"
    )
    assert modes.out.splitlines() == ["volspike:volspike 600", "volspike:volspike 640"]
    assert old.is_up()
    retired = old.run("sh", "-c", "cd /etc/volspike/retired-units/*/ && find . -type f").out.split()
    assert sorted(retired) == sorted([*(f"./{name}" for name in OLD_UNITS), f"./{FEED}.d/limits.conf"])
    assert "sleep infinity" not in old.run("ps", "-eo", "args").out


def test_what_is_newer_here_is_not_overwritten_by_a_second_takeover(old: Server, wheel: Path) -> None:
    newer = '{"ETHUSDT|DOWN|5 min": 1764730000}'
    old.run("sh", "-c", f"echo '{newer}' > {DATA}/.oi_alert_cooldowns.json")
    before = old.pids()

    done = old.install(wheel, "--import", OLD)

    assert (
        ".oi_alert_cooldowns.json (cooldowns of open-interest alerts): the one in /var/lib/volspike is newer"
        in done.out
    )
    assert "the same is in /var/lib/volspike already" in done.out
    assert "retired " not in done.out
    assert old.path(f"{DATA}/.oi_alert_cooldowns.json").read_text().strip() == newer
    assert old.pids() == before


def test_there_is_nothing_to_roll_back_to_after_the_first_installation(old: Server, wheel: Path) -> None:
    done = old.deploy("rollback.sh", check=False)

    version = wheel.name.split("-")[1]
    assert done.code == 1
    assert done.out == f"error: there is nothing to roll back to: {version} is the only release that ran here\n"


def test_uninstalling_keeps_settings_and_data(old: Server) -> None:
    old.run("/opt/volspike/current/share/deploy/uninstall.sh")

    again = old.deploy("uninstall.sh")
    assert again.out.startswith("kept ")
    left = old.run("sh", "-c", "ls -d /opt/volspike /usr/local/bin/volspike /run/volspike; "
                   "ls /etc/systemd/system | grep -E 'volspike|funding'; pgrep -u volspike", check=False)  # fmt: skip
    assert left.code != 0
    assert "binance" not in left.out
    assert "TELEGRAM_TOKEN" in old.path(SETTINGS).read_text()
    assert old.path(f"{DATA}/volspike_telegram.session").exists()
    assert old.run("systemctl", "is-system-running", check=False).out.strip() == "running"


def test_purging_removes_settings_data_and_user(old: Server) -> None:
    old.deploy("uninstall.sh", "--purge")
    old.deploy("uninstall.sh", "--purge")

    left = old.run("sh", "-c", "ls -d /etc/volspike /var/lib/volspike* || getent passwd volspike", check=False)
    assert left.code != 0

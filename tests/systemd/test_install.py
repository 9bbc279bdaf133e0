"""deploy/install.sh on a fresh machine, and again."""

import re
from pathlib import Path

from tests.systemd.conftest import RECOVERY_SECONDS, Installed
from tests.systemd.machine import eventually
from tests.systemd.server import DAEMONS, FUNDING, FUNDING_DAEMONS, SETTINGS, UNITS, Server


def test_a_fresh_machine_is_up_after_one_command(installed: Installed) -> None:
    server, installation = installed

    assert server.is_up()
    assert server.failed_units() == []
    assert re.search(r"^verified +\S+ is up$", installation.out, re.MULTILINE)


def test_every_unit_is_enabled_for_the_next_boot(server: Server) -> None:
    done = server.run("systemctl", "is-enabled", *UNITS)

    assert done.out.split() == ["enabled"] * len(UNITS)


def test_the_api_answers_with_fresh_data(server: Server) -> None:
    def is_fresh() -> bool:
        status, row = server.ask(f"{FUNDING}/funding/BTCUSDT")
        return status == 200 and row["symbol"] == "BTCUSDT" and row["ageSeconds"] < 10

    eventually(is_fresh, RECOVERY_SECONDS, "fresh data")
    eventually(lambda: server.ask(f"{FUNDING}/funding/health")[0] == 200, RECOVERY_SECONDS, "a healthy feed")


def test_systemd_shows_a_sentence_for_people(server: Server) -> None:
    def says(unit: str) -> str:
        return server.show(unit, "StatusText")

    for unit in DAEMONS:
        eventually(lambda unit=unit: " " in says(unit), RECOVERY_SECONDS, f"a sentence of {unit}")  # type: ignore[misc]
    for unit in FUNDING_DAEMONS:
        eventually(lambda unit=unit: re.search(r"\d+ symbols", says(unit)), RECOVERY_SECONDS, f"the symbols of {unit}")  # type: ignore[misc]


def test_an_operator_finds_the_command_on_the_path(server: Server) -> None:
    assert server.run("volspike", "--version").out.startswith("volspike ")


def test_code_belongs_to_root_and_data_to_the_service_user(server: Server) -> None:
    server.look()

    places = ("/opt/volspike/releases", SETTINGS, "/var/lib/volspike", "/run/volspike", "/run/volspike-health")
    done = server.run("stat", "--format=%n %U:%G %a", *places)

    assert done.out.splitlines() == [
        "/opt/volspike/releases root:root 755",
        f"{SETTINGS} root:volspike 640",
        "/var/lib/volspike volspike:volspike 750",
        "/run/volspike volspike:volspike 750",
        "/run/volspike-health root:volspike 750",
    ]
    writable = server.run("find", "/opt/volspike", "-not", "-type", "l", "(", "-not", "-user", "root", "-or",
                          "-perm", "/022", ")")  # fmt: skip
    assert writable.out == ""


def test_installing_again_changes_nothing_and_restarts_nothing(server: Server, wheel: Path) -> None:
    before = (server.pids(), server.releases(), server.path(SETTINGS).read_text())

    done = server.install(wheel, "--env", "/root/first.env")

    assert (server.pids(), server.releases(), server.path(SETTINGS).read_text()) == before
    assert "none was restarted" in done.out
    assert server.is_up()


def test_changed_settings_take_effect_with_the_next_installation(server: Server, wheel: Path) -> None:
    before = server.pids()
    server.write(SETTINGS, server.path(SETTINGS).read_text() + "LOG_LEVEL=DEBUG\n", 0o640)

    server.install(wheel)

    after = server.pids()
    assert all(before[unit] != after[unit] for unit in DAEMONS)
    assert "LOG_LEVEL=DEBUG" in server.path(SETTINGS).read_text()


def test_wrong_settings_are_refused_before_anything_changes(server: Server, next_wheel: Path) -> None:
    good = server.path(SETTINGS).read_text()
    before = (server.pids(), server.releases(), server.release())
    server.write(SETTINGS, f"{good}LOG_LEVEL=LOUD\nFUNDING_API_PORT=8888 # ours\n", 0o640)

    done = server.install(next_wheel, check=False)

    server.write(SETTINGS, good, 0o640)
    assert done.code == 1
    assert "LOG_LEVEL='LOUD'" in done.out
    assert "FUNDING_API_PORT='8888 # ours'" in done.out
    assert "nothing was changed" in done.out.splitlines()[-1]
    assert (server.pids(), server.releases(), server.release()) == before


def test_an_old_python_is_answered_in_one_line(server: Server, wheel: Path) -> None:
    server.write("/root/python3.9", '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n', 0o755)

    done = server.install(wheel, "--python", "/root/python3.9", check=False)

    assert done.code == 1
    assert done.out == (
        "error: /root/python3.9 is Python 3.9.2 and VolSpike needs 3.11 or newer: "
        "install one and name it with --python\n"
    )


def test_the_report_of_the_monitor_is_readable_for_the_suite(server: Server) -> None:
    server.look()

    as_service = ("setpriv", "--reuid=volspike", "--regid=volspike", "--init-groups")
    assert '"healthy"' in server.run(*as_service, "cat", "/run/volspike-health/health.json").out

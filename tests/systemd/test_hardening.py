"""What systemd says of the units, and whether the walls really stand."""

import pytest

from tests.systemd.machine import REPOSITORY
from tests.systemd.server import DAEMONS, MONITOR, UNIVERSE, Server

UNIT_FILES = sorted(path.name for path in (REPOSITORY / "systemd").iterdir() if path.suffix != ".conf")


def test_systemd_has_nothing_to_say_about_any_unit(server: Server) -> None:
    assert server.run("systemd-analyze", "verify", *UNIT_FILES).out == ""


@pytest.mark.parametrize(("unit", "tenths"), [*((unit, 15) for unit in (*DAEMONS, UNIVERSE)), (MONITOR, 16)])
def test_the_exposure_of_a_unit_is_small(server: Server, unit: str, tenths: int) -> None:
    done = server.run("systemd-analyze", "security", "--no-pager", f"--threshold={tenths}", unit, check=False)

    assert done.code == 0, done.out


@pytest.mark.parametrize("unit", DAEMONS)
def test_even_as_root_a_daemon_could_write_only_its_own_directories(server: Server, unit: str) -> None:
    inside = ("nsenter", f"--target={server.pid(unit)}", "--mount", "touch")

    for place in ("/etc/volspike/new", "/etc/new", "/opt/volspike/releases/new", "/usr/new", "/srv/new"):
        assert "Read-only file system" in server.run(*inside, place, check=False).out
    for place in ("/root/new", "/home/new"):
        assert server.run(*inside, place, check=False).code != 0
    for place in ("/var/lib/volspike/new", "/run/volspike/new"):
        server.run(*inside, place)
        server.run("rm", place)


@pytest.mark.parametrize("unit", DAEMONS)
def test_a_daemon_has_no_privilege_and_can_gain_none(server: Server, unit: str) -> None:
    text = server.path(f"/proc/{server.pid(unit)}/status").read_text()
    status = dict(line.split(":\t", 1) for line in text.splitlines())

    assert status["Uid"].split()[0] != "0"
    assert (status["CapBnd"], status["CapEff"], status["CapPrm"]) == ("0" * 16,) * 3
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_the_service_user_cannot_change_the_code_that_runs_as_root(server: Server) -> None:
    as_service = ("setpriv", "--reuid=volspike", "--regid=volspike", "--init-groups")
    server.look()

    for place in ("/opt/volspike/current/new", "/opt/volspike/new", "/etc/volspike/new", "/run/volspike-health/new"):
        assert "Permission denied" in server.run(*as_service, "touch", place, check=False).out

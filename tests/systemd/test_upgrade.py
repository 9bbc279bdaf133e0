"""Upgrades that succeed, are killed, or fail; the way back; and deployment over ssh."""

import time
from pathlib import Path

import pytest

from tests.systemd.conftest import NEXT_VERSION, RECOVERY_SECONDS
from tests.systemd.machine import CHECKOUT, WHEELS, eventually
from tests.systemd.server import ALERT_DAEMONS, FUNDING_UNITS, UNIVERSE, UNIVERSE_TIMER, Server, changed_wheel


@pytest.fixture
def version(wheel: Path) -> str:
    """The version of this checkout."""
    return wheel.name.split("-")[1]


@pytest.fixture
def first(server: Server, wheel: Path, version: str) -> Server:
    """The server with this checkout's version running."""
    if server.release() != version:
        server.install(wheel)
    return server


@pytest.fixture
def upgraded(server: Server, next_wheel: Path) -> Server:
    """The server with the next version running, and this checkout's before it."""
    if server.release() != NEXT_VERSION:
        server.install(next_wheel)
    return server


def test_an_upgrade_that_is_killed_leaves_the_old_version_running_and_can_be_repeated(
    first: Server, next_wheel: Path, version: str
) -> None:
    before = first.pids()
    install = (f"{CHECKOUT}/deploy/install.sh", "--wheel", first.bring(next_wheel), "--wheels", str(WHEELS))
    unfinished = f"/opt/volspike/releases/{NEXT_VERSION}"

    # Killed by systemd itself, for a test that is late would find a whole release.
    kill = "systemctl kill --signal=KILL test-upgrade.service; systemctl stop --no-block test-kill.path"
    is_half_made = f"--path-property=PathExists={unfinished}/bin/python3"
    first.run("systemd-run", "--quiet", "--unit=test-kill", is_half_made, "sh", "-c", kill)
    first.run("systemd-run", "--quiet", "--unit=test-upgrade", *install)
    eventually(lambda: first.show("test-upgrade.service", "Result") == "signal", 300, "the end of the upgrade")

    assert first.run("test", "-e", f"{unfinished}/.complete", check=False).code != 0
    assert first.release() == version
    assert first.pids() == before
    assert first.is_up()
    done = first.install(next_wheel)
    assert f"{NEXT_VERSION}, left half-installed by an interrupted installation" in done.out
    assert first.release() == NEXT_VERSION
    assert all(before[unit] != pid for unit, pid in first.pids().items())
    assert first.run("volspike", "--version").out.strip() == f"volspike {NEXT_VERSION}"


def test_releases_that_need_the_same_packages_share_them(upgraded: Server, version: str) -> None:
    packages = "lib/python3*/site-packages"
    names = [f"/opt/volspike/releases/{release}/{packages}" for release in (version, NEXT_VERSION)]

    shared = upgraded.run("sh", "-c", f"stat -c %i {names[0]}/fastapi/__init__.py {names[1]}/fastapi/__init__.py")
    own = upgraded.run("sh", "-c", f"stat -c %i {names[0]}/volspike/__init__.py {names[1]}/volspike/__init__.py")

    assert len(set(shared.out.split())) == 1
    assert len(set(own.out.split())) == 2


def test_rollback_returns_to_the_version_before_and_once_more_to_the_later_one(upgraded: Server, version: str) -> None:
    back = upgraded.deploy("rollback.sh")
    seen = (upgraded.release(), upgraded.run("volspike", "--version").out.strip())
    upgraded.wait_for_data_after(time.time(), RECOVERY_SECONDS)
    upgraded.deploy("rollback.sh")

    assert seen == (version, f"volspike {version}")
    assert f"{NEXT_VERSION} to {version}" in back.out.splitlines()[-1]
    assert upgraded.release() == NEXT_VERSION
    assert upgraded.is_up()


def test_a_release_without_the_alert_daemons_leaves_nothing_of_them_and_the_way_back_brings_them_all(
    upgraded: Server, wheel: Path, tmp_path: Path
) -> None:
    units = (*ALERT_DAEMONS, UNIVERSE, UNIVERSE_TIMER)
    older = changed_wheel(wheel, tmp_path, "9.9.2", without={f"volspike/share/systemd/{unit}" for unit in units})

    upgraded.install(older)

    assert upgraded.is_up(FUNDING_UNITS)
    assert {upgraded.show(unit, "LoadState") for unit in units} == {"not-found"}
    assert {upgraded.show(unit, "ActiveState") for unit in units} == {"inactive"}
    upgraded.deploy("rollback.sh")
    assert upgraded.is_up()


def test_rollback_to_a_version_that_is_not_there_names_those_that_are(upgraded: Server, version: str) -> None:
    done = upgraded.deploy("rollback.sh", "1.2.3", check=False)

    assert done.code == 1
    assert done.out.startswith("error: release 1.2.3 is not here; these are: ")
    assert version in done.out


def test_an_upgrade_that_fails_its_verification_rolls_back_by_itself(
    upgraded: Server, wheel: Path, tmp_path: Path
) -> None:
    dies = {"volspike/daemons/funding_api.py": "raise SystemExit('out of order')\n"}
    broken = changed_wheel(wheel, tmp_path, "9.9.1", dies)
    before = upgraded.releases()

    done = upgraded.install(broken, "--within", "8", check=False)

    assert done.code == 1
    assert "FAIL  binance-funding-api.service" in done.out
    assert f"rolled back, {NEXT_VERSION} runs again" in done.out.splitlines()[-1]
    assert upgraded.release() == NEXT_VERSION
    assert upgraded.releases() == before
    assert upgraded.is_up()
    upgraded.wait_for_data_after(time.time(), RECOVERY_SECONDS)


def test_the_same_version_with_other_content_gets_a_release_of_its_own_and_old_ones_go(
    upgraded: Server, wheel: Path, version: str, tmp_path: Path
) -> None:
    other = changed_wheel(wheel, tmp_path, NEXT_VERSION, {"volspike/share/.env.example": "# another one\n"})

    upgraded.install(other, "--keep", "1")

    assert upgraded.release().startswith(f"{NEXT_VERSION}-")
    assert upgraded.releases() == sorted([NEXT_VERSION, upgraded.release()])
    assert upgraded.is_up()


def test_a_checkout_is_pushed_over_ssh_as_a_user_with_sudo(server: Server, version: str) -> None:
    server.run("useradd", "--create-home", "deployer")
    server.write("/etc/sudoers.d/deployer", "deployer ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    server.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/key")
    server.run("install", "-D", "-o", "deployer", "/root/key.pub", "/home/deployer/.ssh/authorized_keys")
    server.run("mkdir", "-p", "/run/sshd")
    server.run("systemd-run", "--quiet", "--unit=test-sshd", "/usr/sbin/sshd", "-D")
    eventually(lambda: server.run("sh", "-c", "ss -ltn | grep -q :22", check=False).code == 0, 90, "sshd")

    pushed = server.run(
        f"{CHECKOUT}/deploy/push.sh", "deployer@127.0.0.1", "-i", "/root/key", "-o", "StrictHostKeyChecking=accept-new",
        "--", "--wheels", str(WHEELS), timeout=600, env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS)},
    )  # fmt: skip

    assert pushed.out.splitlines()[-1].startswith("deployed ")
    assert server.release().startswith(version)
    assert server.is_up()
    assert "volspike-push" not in server.run("ls", "/tmp").out  # noqa: S108 - of the machine


def test_a_host_that_cannot_be_reached_is_named(server: Server) -> None:
    done = server.run(
        f"{CHECKOUT}/deploy/push.sh", "127.0.0.1", "-p", "9", "-o", "BatchMode=yes", check=False, timeout=400,
        env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(WHEELS)},
    )  # fmt: skip

    assert done.code == 1
    assert done.out.splitlines()[-1] == "error: 127.0.0.1 cannot be reached: see above"

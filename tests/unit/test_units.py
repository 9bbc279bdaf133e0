"""The unit files: one for every daemon, with the numbers operators rely on, and nothing said twice."""

from collections import defaultdict
from pathlib import Path

import pytest

from volspike.cli.doctor_checks import OWNERS
from volspike.model.suite import BACKEND, DAEMONS, DaemonInfo, Kind

DIRECTORY = Path(__file__).parents[2] / "systemd"
Sections = dict[str, dict[str, list[str]]]
MONITOR, BACKUP = "health-monitor", "backup"
ALWAYS_ON = [daemon for daemon in DAEMONS if daemon.kind is Kind.ALWAYS_ON]
TIMED = [daemon for daemon in DAEMONS if daemon.kind is Kind.TIMER]


def read(name: str) -> Sections:
    """Return a unit file: section → key → values, in order."""
    sections: Sections = {}
    section: dict[str, list[str]] = {}
    for line in (DIRECTORY / name).read_text().splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), defaultdict(list))
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section[key].append(value)
    return sections


def named(daemon: DaemonInfo) -> str:
    """Name a daemon in the list of tests."""
    return daemon.name


@pytest.mark.parametrize("daemon", DAEMONS, ids=named)
def test_every_daemon_has_a_unit_with_the_numbers_of_the_suite(daemon: DaemonInfo) -> None:
    unit = read(daemon.unit)

    user = "root" if daemon.name == MONITOR else "volspike"
    directory = "volspike-health" if daemon.name == MONITOR else "volspike"
    expected = {
        "ExecStart": f"/opt/volspike/current/bin/volspike run {daemon.name}",
        "User": user,
        "Group": "volspike",
        "EnvironmentFile": "/etc/volspike/volspike.env",
        "SyslogIdentifier": daemon.unit.removesuffix(".service"),
        "StateDirectory": f"{directory} volspike-backups" if daemon.name == BACKUP else directory,
        "RuntimeDirectory": directory,
        "RuntimeDirectoryPreserve": "yes",
        "MemoryHigh": "384M",
        "MemoryMax": "512M",
        "TimeoutStopSec": "30",
    }
    assert {key: unit["Service"][key] for key in expected} == {key: [value] for key, value in expected.items()}
    assert unit["Unit"]["StartLimitIntervalSec"] == ["300"]
    assert unit["Unit"]["StartLimitBurst"] == ["10"]
    assert unit["Unit"]["Wants"] == ["network-online.target"], "the target starts daemons, never another daemon"
    assert "network-online.target" in unit["Unit"]["After"][0].split()
    assert "Requires" not in unit["Unit"]


@pytest.mark.parametrize("daemon", ALWAYS_ON, ids=named)
def test_what_runs_all_the_time_is_watched_and_restarted(daemon: DaemonInfo) -> None:
    unit = read(daemon.unit)

    expected = {
        "Type": "notify",
        "Restart": "always",
        "RestartSec": "5",
        "RestartPreventExitStatus": "78",
        "WatchdogSec": str(daemon.silence_seconds),
        "PrivateUsers": "yes",
        "ProcSubset": "pid",
    }
    assert {key: unit["Service"][key] for key in expected} == {key: [value] for key, value in expected.items()}
    assert unit["Unit"]["PartOf"] == unit["Install"]["WantedBy"] == ["volspike.target"]


@pytest.mark.parametrize("daemon", TIMED, ids=named)
def test_what_a_timer_starts_runs_once_and_only_the_timer_is_enabled(daemon: DaemonInfo) -> None:
    unit = read(daemon.unit)
    timer = read(daemon.unit.removesuffix("service") + "timer")

    assert unit["Service"]["Type"] == ["oneshot"]
    assert unit["Service"]["TimeoutStartSec"] == [str(daemon.silence_seconds)]
    assert daemon.silence_seconds < daemon.every_seconds
    assert unit["Service"]["RestartSec"] == ([str(daemon.retry_seconds)] if daemon.retry_seconds else [])
    assert unit["Service"]["Restart"] == (["on-failure"] if daemon.retry_seconds else [])
    assert "Install" not in unit
    assert unit["Unit"]["PartOf"] == ["volspike.target"], "a retry would go on when the suite is stopped"
    assert timer["Timer"]["AccuracySec"] == ["1s"]
    assert timer["Unit"]["PartOf"] == timer["Install"]["WantedBy"] == ["volspike.target"]


def test_the_monitor_is_root_without_capabilities_and_its_verdict_is_no_failure() -> None:
    service = read("funding-health-check.service")["Service"]

    assert service["SupplementaryGroups"] == ["volspike"]
    assert service["SuccessExitStatus"] == ["1"]
    assert read("common.conf")["Service"]["CapabilityBoundingSet"] == [""]
    assert read("funding-health-check.timer")["Timer"]["OnCalendar"] == ["*:*:00"]


@pytest.mark.parametrize("unit", [daemon.unit for daemon in DAEMONS if daemon.name in ("funding-api", BACKEND)])
def test_a_server_talks_to_this_machine_only(unit: str) -> None:
    service = read(unit)["Service"]

    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == (["any"], ["localhost"])


def test_the_drop_in_holds_nothing_that_a_unit_sets() -> None:
    common = read("common.conf")
    services = [read(path.name) for path in DIRECTORY.glob("*.service")]

    assert set(common) == {"Service"}
    for service in services:
        assert not set(common["Service"]) & set(service["Service"])


@pytest.mark.parametrize("path", sorted(DIRECTORY.iterdir()), ids=lambda path: path.name)
def test_every_file_says_that_it_is_ours(path: Path) -> None:
    assert path.read_text().startswith("# Part of VolSpike.")


def test_the_installer_knows_every_unit_of_the_suite() -> None:
    installer = (DIRECTORY.parent / "deploy/install.sh").read_text()
    known = installer.partition('KNOWN_UNITS="')[2].partition('"')[0].split()

    assert {path.name for path in DIRECTORY.iterdir() if path.suffix != ".conf"} <= set(known)


def test_start_limits_are_where_systemd_reads_them() -> None:
    for path in DIRECTORY.iterdir():
        for section, keys in read(path.name).items():
            assert section == "Unit" or not any(key.startswith("StartLimit") for key in keys), path.name


def test_the_target_is_what_a_boot_starts() -> None:
    assert read("volspike.target")["Install"]["WantedBy"] == ["multi-user.target"]


def test_the_doctor_looks_at_every_directory_that_the_units_give_their_user() -> None:
    of_user = [read(daemon.unit)["Service"] for daemon in DAEMONS if daemon.name != MONITOR]
    given = {
        f"{base}/{name}"
        for base, key in (("/var/lib", "StateDirectory"), ("/run", "RuntimeDirectory"))
        for service in of_user
        for name in service[key][0].split()
    }

    assert given == {place.path for place in OWNERS if place.owner == "volspike"}

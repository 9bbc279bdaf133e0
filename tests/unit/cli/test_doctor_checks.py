"""What the doctor looks at, on a machine that answers on loopback."""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, StartedWith, Supervise
from tests.unit.cli.test_control import unit
from tests.unit.examples import unit_state
from volspike.archive import making
from volspike.cli import doctor_checks, suite
from volspike.cli.doctor_checks import OWNERS, Patient
from volspike.model.diagnosis import Level, Symptom
from volspike.model.documents import VERSION, EmergencyStop
from volspike.runtime.clock import Clock
from volspike.settings import PRODUCTION_ENV_FILE
from volspike.state import documents, emergency


def installed(volspike: Command) -> Patient:
    """Return the installed suite as root sees it."""
    settings = suite.load_settings(volspike.environment)
    return doctor_checks.seen_by_root(settings, volspike.place / "volspike.env", installed=True)


def about_settings(patient: Patient) -> Symptom:
    """Return what is found of the settings that the daemons run with."""
    (symptom,) = [one for one in doctor_checks.checks(patient)["daemons"]() if one.check == "settings"]
    return symptom


def found(volspike: Command, check: str, **variables: str) -> list[Symptom]:
    """Return what one of the checks finds."""
    settings = suite.load_settings({**volspike.environment, **variables})
    patient = doctor_checks.seen_by_root(settings, volspike.place / ".env", installed=False)
    return list(doctor_checks.checks(patient)[check]())


def test_an_emergency_stop_is_found_and_the_age_of_the_latest_backup(volspike: Command) -> None:
    state_dir = volspike.place / "state"
    place = {"VOLSPIKE_STATE_DIR": str(state_dir)}
    quiet, none = found(volspike, "safety", **place)
    emergency.begin(state_dir, EmergencyStop(VERSION, Clock().now()))
    making.make(
        state_dir, documents.backups_directory(state_dir), Path("/nowhere"), "1", Clock().now(), progress=lambda _: None
    )

    stopped, made = found(volspike, "safety", **place)

    assert (quiet.level, none.text) == (Level.OK, "there is none yet")
    assert (stopped.level, made.text) == (Level.BAD, "the latest is less than 1 h old")


def test_the_ports_of_all_our_servers_are_looked_at(volspike: Command) -> None:
    settings = suite.load_settings(volspike.environment)
    patient = doctor_checks.seen_by_root(settings, Path(".env"), installed=False)

    assert {port.variable for port in patient.ports} == {"FUNDING_API_PORT", "BACKEND_PORT", "DASHBOARD_PORT"}


def test_a_port_in_the_hands_of_another_is_told_with_its_holder(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir, unit("funding-api", "binance-funding-api.service", pid=1))
    with socket.socket() as theirs:
        theirs.bind(("127.0.0.1", 0))
        theirs.listen()
        symptoms = found(volspike, "daemons", FUNDING_API_PORT=str(theirs.getsockname()[1]))

    held = next(symptom for symptom in symptoms if symptom.check == "ports")
    assert held.level is Level.BAD
    assert f"(pid {os.getpid()})" in held.text
    assert held.remedy.startswith(f"kill {os.getpid()}  # or another port: volspike config set FUNDING_API_PORT=")


def test_without_a_suite_that_is_a_warning_with_the_way_to_start_one(
    volspike: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(volspike.place))  # without systemctl
    symptom = found(volspike, "daemons")[0]

    assert (symptom.level, symptom.text, symptom.remedy) == (
        Level.WARN,
        "no suite runs here",
        "volspike up  # or make demo",
    )


def test_the_env_file_is_looked_through(volspike: Command) -> None:
    (volspike.place / ".env").write_text("VOLUM_MULTIPLE=4\n")
    (volspike.place / ".env").chmod(0o644)

    (doubt,) = found(volspike, "settings")
    (files,) = found(volspike, "files")

    assert "VOLUM_MULTIPLE is no setting; did you mean VOLUME_MULTIPLE?" in doubt.text
    assert (files.level, files.remedy) == (Level.WARN, f"chmod 600 {volspike.place}/.env")


def test_disks_and_environment_are_judged(volspike: Command) -> None:
    assert {symptom.check for symptom in found(volspike, "disks")} == {"disk"}
    assert [symptom.check for symptom in found(volspike, "environment")] == ["python", "packages"]


@pytest.mark.usefixtures("server")
def test_a_daemon_lacks_what_was_changed_after_its_start_though_its_user_may_not_read_the_env_file(
    volspike: Command, supervise: Supervise, started_with: StartedWith
) -> None:
    (volspike.place / "volspike.env").write_text("LOG_LEVEL=DEBUG\nVOLUME_MULTIPLE=4\n")
    before = time.time() - 60
    behind = unit_state("courier", main_pid=started_with(LOG_LEVEL="INFO", VOLUME_MULTIPLE="3"), since=before)
    same = unit_state("funding-ws", main_pid=started_with(LOG_LEVEL="DEBUG", VOLUME_MULTIPLE="3"), since=before)
    younger = unit_state("dashboard", main_pid=started_with(LOG_LEVEL="INFO"), since=time.time() + 60)
    supervise(volspike.runtime_dir, behind, same, younger)

    patient = installed(volspike)
    (volspike.place / "volspike.env").unlink()

    assert about_settings(patient).text == "changed since these were started: courier (LOG_LEVEL)"


@pytest.mark.usefixtures("server")
def test_a_daemon_that_has_just_ended_is_not_said_to_lack_settings(volspike: Command, supervise: Supervise) -> None:
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    supervise(volspike.runtime_dir, unit_state(main_pid=ended.pid, since=time.time() - 60))

    assert about_settings(installed(volspike)).level is Level.OK


@pytest.mark.usefixtures("server")
def test_who_is_not_root_is_told_once_that_root_sees_what_daemons_lack(
    volspike: Command, supervise: Supervise, started_with: StartedWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, pid = time.time() - 60, started_with(LOG_LEVEL="DEBUG")
    supervise(
        volspike.runtime_dir, *(unit_state(name, main_pid=pid, since=before) for name in ("courier", "funding-ws"))
    )
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    symptom = about_settings(installed(volspike))

    assert (symptom.level, symptom.remedy) == (Level.WARN, "sudo volspike doctor")
    assert symptom.text == (
        "changed after courier, funding-ws were started; whether they use what was changed, only root sees"
    )


@pytest.mark.usefixtures("server")
def test_daemons_that_are_younger_than_their_settings_need_no_root(
    volspike: Command, supervise: Supervise, started_with: StartedWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervise(volspike.runtime_dir, unit_state(main_pid=started_with(), since=time.time() + 60))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert about_settings(installed(volspike)).level is Level.OK


def test_an_env_file_that_is_missing_is_made_by_the_installer() -> None:
    (place,) = [place for place in OWNERS if place.path == str(PRODUCTION_ENV_FILE)]

    assert place.made_by == "sudo deploy/install.sh"

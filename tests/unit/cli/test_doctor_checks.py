"""What the doctor looks at, on a machine that answers on loopback."""

import os
import socket
from pathlib import Path

import pytest

from tests.unit.answers import Answer, AnsweringServer
from tests.unit.cli.conftest import Command, Supervise
from tests.unit.cli.test_control import unit
from volspike.archive import making
from volspike.cli import doctor_checks, suite
from volspike.clients.binance.weight import WeightAccount
from volspike.model.diagnosis import Level, Symptom
from volspike.model.documents import VERSION, EmergencyStop
from volspike.runtime.clock import Clock
from volspike.state import documents, emergency


def found(volspike: Command, check: str, **variables: str) -> list[Symptom]:
    """Return what one of the checks finds."""
    settings = suite.load_settings({**volspike.environment, **variables})
    patient = doctor_checks.seen_by_root(settings, volspike.place / ".env", installed=False)
    return list(doctor_checks.checks(patient)[check]())


def test_binance_is_asked_for_the_time_and_its_streams_for_an_answer(volspike: Command) -> None:
    with AnsweringServer() as binance:
        binance.answers["/fapi/v1/time"] = Answer(body=b'{"serverTime":%d}' % (Clock().now() * 1000))
        symptoms = found(
            volspike, "Binance", BINANCE_REST_URL=binance.url, BINANCE_WS_URL=binance.url.replace("http", "ws")
        )

    assert [symptom.level for symptom in symptoms] == [Level.OK] * 4
    assert [symptom.check for symptom in symptoms] == ["weight", "reach", "clock", "reach"]


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
    assert (stopped.level, made.text) == (Level.BAD, "the latest is 0 h old")


def test_while_shut_out_nothing_is_asked(volspike: Command) -> None:
    account = WeightAccount(volspike.runtime_dir, Clock())
    account.close_until(Clock().now() + 600)
    with AnsweringServer() as binance:
        (symptom,) = found(volspike, "Binance", BINANCE_REST_URL=binance.url)

        assert binance.asked == []
    assert (symptom.check, symptom.level) == ("weight", Level.BAD)


@pytest.mark.parametrize(
    ("answer", "check", "text"),
    [
        (Answer(418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "60"}), "weight", "has shut this machine out"),
        (Answer(451, b"{}"), "reach", "HTTP 451: Binance refuses requests from this country or network"),
        (Answer(200, b'{"serverTime":1}'), "clock", "ahead of Binance's"),
    ],
)
def test_what_binance_refuses_is_told(volspike: Command, answer: Answer, check: str, text: str) -> None:
    with AnsweringServer() as binance:
        binance.answers["/fapi/v1/time"] = answer
        symptoms = found(
            volspike, "Binance", BINANCE_REST_URL=binance.url, BINANCE_WS_URL=binance.url.replace("http", "ws")
        )

    (bad,) = [symptom for symptom in symptoms if symptom.level is Level.BAD]
    assert bad.check == check
    assert text in bad.text


def test_whom_the_suite_speaks_to_is_asked_by_host_and_a_secret_address_is_not_told(volspike: Command) -> None:
    with AnsweringServer() as other:
        variables = {"HEALTHCHECK_PING_URL": f"{other.url}/hush", "TELEGRAM_WEB_URL": other.url}
        names = ("the host of HEALTHCHECK_PING_URL", f"Telegram's public web ({other.url})")
        symptoms = [symptom for name in names for symptom in found(volspike, name, **variables)]

        assert other.asked == ["/", "/"]
    assert [symptom.level for symptom in symptoms] == [Level.OK, Level.OK]
    assert "hush" not in repr(symptoms)


def test_the_embedded_backend_is_judged_by_its_port(volspike: Command) -> None:
    settings = suite.load_settings(volspike.environment)
    patient = doctor_checks.seen_by_root(settings, Path(".env"), installed=False)

    assert {port.variable for port in patient.ports} == {"FUNDING_API_PORT", "BACKEND_PORT", "DASHBOARD_PORT"}
    assert not [name for name in doctor_checks.checks(patient) if name.startswith("backend")]


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

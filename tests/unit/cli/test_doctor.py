"""`volspike doctor`: how its findings are told."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, wait
from typing import Any

import msgspec
import pytest

from tests.unit.cli.conftest import Command
from volspike.cli import doctor, doctor_checks, suite
from volspike.cli.doctor_checks import Check
from volspike.model.diagnosis import Symptom
from volspike.rules.diagnosis import bad, ok, warn


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> dict[str, Check]:
    """What the checks find, in place of what this machine is like."""
    wanted: dict[str, Check] = {}

    def checks(_: Any) -> Mapping[str, Check]:
        return wanted

    monkeypatch.setattr(doctor_checks, "checks", checks)
    return wanted


def test_each_finding_is_a_line_and_what_mends_it_another(volspike: Command, findings: dict[str, Check]) -> None:
    findings |= {
        "a": lambda: [ok("disk", "half full"), warn("clock", "slow", "sudo timedatectl set-ntp true")],
        "b": lambda: [bad("ports", "taken [by] nc", "kill 8")],
    }

    result = volspike("doctor")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "ok    disk        half full",
        "warn  clock       slow",
        "                  → sudo timedatectl set-ntp true",
        "bad   ports       taken [by] nc",
        "                  → kill 8",
        "1 ok, 1 to look at, 1 bad",
    ]


def test_what_is_well_can_be_left_out_and_warnings_are_no_failure(
    volspike: Command, findings: dict[str, Check]
) -> None:
    findings["a"] = lambda: [ok("disk", "half full"), warn("clock", "slow", "look")]

    result = volspike("doctor", "--quiet")

    assert result.exit_code == 0
    assert "disk" not in result.stdout
    assert result.stdout.startswith("warn  clock")


def test_machines_get_one_json_object(volspike: Command, findings: dict[str, Check]) -> None:
    findings["a"] = lambda: [bad("ports", "taken", "kill 8")]

    document = msgspec.json.decode(volspike("doctor", "--json").stdout)

    assert (document["version"], document["healthy"]) == (1, False)
    assert document["symptoms"] == [{"check": "ports", "level": "bad", "text": "taken", "remedy": "kill 8"}]


def test_a_check_that_hangs_is_named_and_not_waited_for(
    volspike: Command, findings: dict[str, Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    passed = [0.0]

    def wait_for(futures: list[Future[Any]], seconds: float, when: str) -> None:
        if len(futures) > 1:
            wait(futures, return_when=when)
        else:
            passed.append(seconds)  # only the one that hangs is left

    monkeypatch.setattr(doctor, "monotonic", lambda: sum(passed))
    monkeypatch.setattr(doctor, "wait", wait_for)
    findings |= {"name lookup": lambda: [ok("never", str(released.wait()))], "b": lambda: [ok("disk", "half full")]}

    result = volspike("doctor")
    released.set()

    assert result.exit_code == 1
    assert "name lookup: no answer within 20 s" in result.stdout
    assert "half full" in result.stdout


def test_what_may_not_be_seen_is_a_warning_and_the_rest_is_told(volspike: Command, findings: dict[str, Check]) -> None:
    def unseen() -> list[Symptom]:
        raise PermissionError(13, "Permission denied", "/var/lib/volspike/outbox.db")

    findings |= {"safety": unseen, "b": lambda: [ok("disk", "half full")]}

    result = volspike("doctor")

    assert result.exit_code == 0
    assert "safety: /var/lib/volspike/outbox.db cannot be looked at (Permission denied)" in result.stdout
    assert "half full" in result.stdout


def test_a_check_that_ends_the_command_is_a_finding_and_the_rest_is_told(
    volspike: Command, findings: dict[str, Check]
) -> None:
    def give_up() -> list[Symptom]:
        suite.fail("cannot go on")

    findings |= {"daemons": give_up, "b": lambda: [ok("disk", "half full")]}

    result = volspike("doctor")

    assert result.exit_code == 1
    assert "daemons: given up; why is on standard error" in result.stdout
    assert "cannot go on" in result.stderr
    assert "half full" in result.stdout


def test_bad_settings_are_findings_and_the_rest_is_looked_at_all_the_same(
    volspike: Command, findings: dict[str, Check]
) -> None:
    findings["a"] = lambda: [ok("disk", "half full")]
    volspike.environment |= {"LOG_LEVEL": "LOUD", "HEALTHCHECK_PING_URL": "hush"}

    result = volspike("doctor")

    assert result.exit_code == 1
    assert "LOG_LEVEL='LOUD': must be DEBUG, INFO, WARNING or ERROR" in result.stdout
    remedies = [line for line in result.stdout.splitlines() if "→" in line]
    assert [set(line.split()[4:]) for line in remedies] == [{"LOG_LEVEL=…", "HEALTHCHECK_PING_URL"}] * 2
    assert "hush" not in result.output
    assert "half full" in result.stdout


def test_settings_that_contradict_each_other_altogether_are_all_there_is_to_say(
    volspike: Command, findings: dict[str, Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    findings["a"] = lambda: [ok("disk", "half full")]
    volspike.environment |= {"TELEGRAM_TOKEN": "1:x", "VOLSPIKE_API_URL": "http://127.0.0.1:9"}

    result = volspike("doctor")

    assert result.exit_code == 1
    assert "VOLSPIKE_API_KEY='': must be set for the backend at http://127.0.0.1:9" in result.stdout
    assert "half full" not in result.stdout


def test_the_real_checks_run_to_their_end_here(volspike: Command) -> None:
    volspike.environment |= dict.fromkeys(("BINANCE_REST_URL", "TELEGRAM_WEB_URL"), "http://127.0.0.1:9") | {
        "BINANCE_WS_URL": "ws://127.0.0.1:9"
    }

    result = volspike("doctor")

    assert result.exit_code == 1
    assert "Binance over REST: Binance cannot be reached at http://127.0.0.1:9: connection refused" in result.stdout
    assert "port 8888 of funding-api" in result.stdout

"""What a doctor says of the suite itself."""

from collections.abc import Mapping

import pytest

from volspike.model.diagnosis import Level, Port, Symptom, UnitFile
from volspike.model.health import UnitState
from volspike.model.suite import daemon_named
from volspike.rules import diagnosis_suite

OK, WARN, BAD = Level.OK, Level.WARN, Level.BAD
NOON = 1_764_763_200.0
SHIPPED, INSTALLED = "/opt/volspike/current/share/systemd", "/etc/systemd/system"


def unit(
    active: str = "active",
    *,
    sub: str = "running",
    enabled: bool = True,
    code: int = 0,
    daemon: str = "courier",
    restarts: int = 0,
) -> UnitState:
    name = daemon_named(daemon).unit
    return UnitState(daemon, name, enabled, active, sub, "exit-code", code, 1, NOON, None, restarts=restarts)


@pytest.mark.parametrize(
    ("state", "backend", "level", "remedy"),
    [
        (unit(), True, OK, ""),
        (unit(restarts=2), True, WARN, "sudo volspike logs courier  # why; a restart by hand forgets the count"),
        (unit(daemon="backup", code=1), True, WARN, "sudo volspike logs backup  # why; its timer tries it again"),
        (unit("inactive", sub="dead"), True, BAD, "sudo volspike start courier"),
        (unit("failed", code=1), True, BAD, "sudo volspike restart courier"),
        (unit("activating", sub="auto-restart", code=1), True, BAD, "sudo volspike restart courier"),
        (unit("activating", sub="start"), True, WARN, "sudo volspike logs courier -f"),
        (unit("failed", code=78), True, BAD, "sudo volspike config check"),
        (unit("failed", code=78, daemon="telegram-poller"), True, BAD,
         "sudo volspike telegram-login && sudo volspike restart telegram-poller"),
        (unit(enabled=False), True, WARN, "sudo systemctl enable --now volspike-courier.service"),
        (unit(enabled=False, daemon="liquid-universe"), True, WARN,
         "sudo systemctl enable --now oi-liquid-universe.timer"),
        (unit(enabled=False, daemon="backend"), True, BAD, "sudo systemctl enable --now volspike-backend.service"),
        (unit(enabled=False, daemon="backend"), False, OK, ""),
        (unit(daemon="backend"), False, WARN, "sudo systemctl disable --now volspike-backend.service"),
        (unit(daemon="backend"), True, OK, ""),
    ],
)  # fmt: skip
def test_a_unit_that_does_not_run_comes_with_what_makes_it_run(
    state: UnitState, backend: bool, level: Level, remedy: str
) -> None:
    (symptom,) = diagnosis_suite.units([state], embedded_backend=backend, installed=True)

    assert (symptom.level, symptom.remedy) == (level, remedy)


def test_a_suite_in_a_terminal_is_not_looked_for_in_the_journal() -> None:
    states = [unit("failed", code=1), unit("activating", sub="start"), unit(daemon="backup", code=1)]
    failed, starting, job = diagnosis_suite.units(states, embedded_backend=True, installed=False)

    assert failed.text.endswith("has failed (exit-code, exit status 1; see the terminal of volspike up)")
    assert (failed.remedy, starting.remedy) == ("volspike restart courier", "look at the terminal of volspike up")
    assert job.remedy == "look at the terminal of volspike up  # why; its timer tries it again"


@pytest.mark.parametrize(("restarts", "times"), [(1, "once"), (11, "11 times")])
def test_a_unit_that_dies_and_is_started_again_is_told_of_although_it_runs(restarts: int, times: str) -> None:
    (symptom,) = diagnosis_suite.units([unit(restarts=restarts)], embedded_backend=True, installed=True)

    assert symptom.text == (
        f"courier (volspike-courier.service) is active, but it had ended and was started again {times}, last at "
        "2025-12-03 12:00:00 UTC"
    )


def test_other_timers_must_be_active() -> None:
    well, ill = diagnosis_suite.timers({"a.timer": True, "b.timer": False})

    assert (well.level, ill.level, ill.remedy) == (OK, WARN, "sudo systemctl enable --now b.timer")


def file(name: str, **how: object) -> UnitFile:
    return UnitFile(name, f"{SHIPPED}/{name}", f"{INSTALLED}/{name}", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(("how", "words"), [("differs", "differs from the one"), ("missing", "is missing")])
def test_a_unit_file_that_is_not_the_shipped_one_is_put_back_and_its_service_restarted_where_it_runs(
    how: str, words: str
) -> None:
    (symptom,) = diagnosis_suite.unit_files([file("volspike.service", **{how: True})], [])

    assert symptom.level is BAD
    assert words in symptom.text
    assert symptom.remedy == (
        f"sudo install -m 644 {SHIPPED}/volspike.service {INSTALLED}/volspike.service && sudo systemctl daemon-reload "
        "&& sudo systemctl try-restart volspike.service"
    )


def test_a_timer_is_put_back_without_a_restart() -> None:
    (symptom,) = diagnosis_suite.unit_files([file("a.timer", differs=True)], [])

    assert symptom.remedy.endswith("a.timer && sudo systemctl daemon-reload")


def test_a_missing_drop_in_is_linked_again() -> None:
    (symptom,) = diagnosis_suite.unit_files([file("volspike.service", drop_in_missing=True)], [])

    link = f"{INSTALLED}/volspike.service.d/10-volspike.conf"
    assert symptom.level is BAD
    assert f"ln -sfn {SHIPPED}/common.conf {link}" in symptom.remedy


def test_additions_of_the_operator_are_no_fault_and_a_needed_reload_is_a_warning() -> None:
    whole, added, reload = diagnosis_suite.unit_files(
        [file("volspike.service", own_drop_ins=("override.conf",)), file("a.timer")], ["volspike.service"]
    )

    assert (whole.level, whole.text) == (OK, "2 as shipped with this release")
    assert (added.level, added.text) == (OK, "volspike.service has additions of yours: override.conf")
    assert (reload.level, reload.remedy) == (WARN, "sudo systemctl daemon-reload")


def levels(symptoms: list[Symptom]) -> list[tuple[Level, str]]:
    return [(symptom.level, symptom.remedy) for symptom in symptoms]


@pytest.mark.parametrize(
    ("current", "running", "own", "found"),
    [
        ("1.0", {"courier": "1.0"}, "1.0", [(OK, "")]),
        ("", {}, "", [(BAD, "sudo deploy/install.sh  # in a checkout")]),
        ("1.1", {"courier": "1.0"}, "1.1", [(BAD, "sudo volspike restart courier")]),
        ("1.1", {"courier": ""}, "1.1", [(BAD, "sudo volspike restart courier")]),
        ("1.1", {}, "", [(WARN, "sudo /opt/volspike/current/bin/volspike doctor"), (OK, "")]),
    ],
)
def test_every_daemon_runs_the_release_in_use(
    current: str, running: Mapping[str, str], own: str, found: list[tuple[Level, str]]
) -> None:
    assert levels(list(diagnosis_suite.releases(current, running, own))) == found


def test_daemons_with_other_values_than_the_settings_of_now_are_to_be_restarted() -> None:
    assert diagnosis_suite.older_settings({}).level is OK
    assert diagnosis_suite.unseen_settings([]).level is OK
    symptom = diagnosis_suite.older_settings({"courier": ["CHAT_ID", "TELEGRAM_TOKEN"], "dashboard": ["LOG_LEVEL"]})
    assert (symptom.level, symptom.remedy) == (WARN, "sudo volspike restart courier dashboard")
    assert symptom.text.endswith(": courier (CHAT_ID, TELEGRAM_TOKEN), dashboard (LOG_LEVEL)")
    unseen = diagnosis_suite.unseen_settings(["courier", "dashboard"])
    assert (unseen.level, unseen.remedy) == (WARN, "sudo volspike doctor")
    assert unseen.text.startswith("changed after courier, dashboard were started;")


@pytest.mark.parametrize(
    ("holder", "pids", "level", "remedy"),
    [
        (None, {}, OK, ""),
        (None, {"backend": 7}, BAD, "sudo volspike restart backend"),
        (7, {"backend": 7}, OK, ""),
        (0, {"backend": 7}, OK, ""),
        (0, {}, WARN, "sudo volspike doctor"),
        (8, {"backend": 7}, BAD, "sudo kill 8  # or another port: sudo volspike config set BACKEND_PORT=…"),
        (8, {}, BAD, "sudo kill 8  # or another port: sudo volspike config set BACKEND_PORT=…"),
    ],
)
def test_a_port_is_held_by_its_daemon_or_by_nobody(
    holder: int | None, pids: Mapping[str, int], level: Level, remedy: str
) -> None:
    (symptom,) = diagnosis_suite.ports([Port("backend", "BACKEND_PORT", 3001, holder, "nc (pid 8)")], pids, "sudo ")

    assert (symptom.level, symptom.remedy) == (level, remedy)

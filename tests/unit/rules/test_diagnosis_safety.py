"""What a doctor says of emergency stop, restore and backups."""

import pytest

from volspike.model.diagnosis import Level
from volspike.model.documents import VERSION, EmergencyStop
from volspike.rules import diagnosis_safety

NOW = 1_764_724_344.0
HOUR = 3600.0


def test_nothing_keeps_a_healthy_suite_from_its_work() -> None:
    (symptom,) = diagnosis_safety.orders(None, half_restored=False, sudo="")

    assert (symptom.level, symptom.text) == (Level.OK, "there is no emergency stop")


def test_what_keeps_it_from_its_work_is_bad_and_its_end_is_named() -> None:
    stop = EmergencyStop(VERSION, NOW, "a drill")
    stopped, restored = diagnosis_safety.orders(stop, half_restored=True, sudo="sudo ")

    assert (stopped.level, stopped.remedy) == (Level.BAD, "sudo volspike emergency-stop --resume")
    assert "(a drill): nothing is asked, nothing is sent" in stopped.text
    assert (restored.level, restored.remedy) == (Level.BAD, "sudo volspike restore --finish")


@pytest.mark.parametrize(
    ("newest_at", "installed", "level", "text"),
    [
        (NOW - 3 * HOUR, True, Level.OK, "the latest is 3 h old"),
        (NOW + 60, True, Level.OK, "the latest is less than 1 h old"),
        (NOW - 27 * HOUR, True, Level.WARN, "the latest is 27 h old"),
        (None, True, Level.WARN, "there is none yet"),
        (None, False, Level.OK, "there is none yet"),
    ],
)
def test_the_latest_backup_is_judged_by_its_age(
    newest_at: float | None, installed: bool, level: Level, text: str
) -> None:
    symptom = diagnosis_safety.backups(newest_at, NOW, installed=installed, sudo="sudo ")

    assert (symptom.level, symptom.text) == (level, text)
    assert symptom.remedy == ("sudo volspike backup" if level is Level.WARN else "")

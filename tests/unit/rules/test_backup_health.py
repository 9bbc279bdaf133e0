"""Judging the backups."""

import pytest

from tests.unit.examples import NOW, unit_state
from volspike.model.health import Severity
from volspike.rules.backup_health import findings

HOUR = 3600.0


def found(newest_at: float | None, **unit: object) -> list[tuple[Severity, str]]:
    units = [unit_state("funding-ws"), unit_state("backup", "volspike-backup.service", **unit)]  # type: ignore[arg-type]
    return [(finding.severity, finding.text) for finding in findings(newest_at, units, NOW)]


@pytest.mark.parametrize(
    ("age_hours", "severity", "text"),
    [
        (0.9, Severity.INFO, "The latest backup is less than 1 h old"),
        (1.0, Severity.INFO, "The latest backup is 1 h old"),
        (26.0, Severity.INFO, "The latest backup is 26 h old"),
        (-3.0, Severity.INFO, "The latest backup is less than 1 h old"),
        (
            27.0,
            Severity.WARNING,
            "The latest backup is 27 h old: volspike backup, or volspike logs backup -n 50",
        ),
    ],
)
def test_the_latest_one_is_as_young_as_its_timer_promises(age_hours: float, severity: Severity, text: str) -> None:
    assert found(NOW - age_hours * HOUR) == [(severity, text)]


def test_a_young_suite_need_not_have_one_yet() -> None:
    expected = [(Severity.INFO, "No backup yet: one is made each day, or by volspike backup")]

    assert found(None, since=NOW - HOUR) == expected
    assert found(None, since=None) == expected


def test_one_that_never_comes_is_told() -> None:
    ((severity, text),) = found(None, since=NOW - 27 * HOUR)

    assert severity is Severity.WARNING
    assert text.startswith("No backup has been made: volspike backup, or volspike logs backup")


def test_where_none_are_made_nothing_is_said() -> None:
    assert found(None, enabled=False) == []
    assert list(findings(None, [], NOW)) == []

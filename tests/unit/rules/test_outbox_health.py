"""What the health report says of the outbox."""

import pytest

from tests.unit.examples import NOW
from volspike.model.documents import DestinationState, OutboxDocument
from volspike.model.health import Finding, Severity
from volspike.model.limits import Limits
from volspike.rules import outbox_health

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

LIMIT = Limits().outbox_age_seconds


def found(**state: object) -> list[tuple[Severity, str]]:
    outbox = OutboxDocument(1, {"backend": DestinationState(**state)}, NOW)  # type: ignore[arg-type]
    return [(finding.severity, finding.text) for finding in outbox_health.findings(outbox, NOW, LIMIT)]


@pytest.mark.parametrize(("age", "severity"), [(299, INFO), (300, WARNING), (1799, WARNING), (1800, ERROR)])
def test_what_waits_is_worse_the_longer_it_waits(age: float, severity: Severity) -> None:
    ((told, _),) = found(waiting=3, oldest_waiting_at=NOW - age)

    assert told is severity


def test_what_waits_is_counted() -> None:
    assert found(waiting=3, oldest_waiting_at=NOW - 600) == [
        (WARNING, "Outbox: 3 waiting for backend, the oldest for 10 min")
    ]


def test_a_paused_destination_is_an_error_that_says_why() -> None:
    assert found(waiting=3, oldest_waiting_at=NOW - 5, paused_since=NOW - 5, reason="HTTP 401: Unauthorized") == [
        (
            ERROR,
            "Outbox: backend is paused, 3 waiting: HTTP 401: Unauthorized",
        )
    ]


def test_what_waits_for_the_end_of_quiet_hours_is_in_order() -> None:
    assert found(waiting=3, oldest_waiting_at=NOW - 9999, quiet_until=1_790_000_000.0) == [
        (INFO, "Outbox: 3 waiting for backend until quiet hours end at 14:13 UTC")
    ]
    assert found(delivered=3, quiet_until=1_790_000_000.0) == [(INFO, "Outbox: 3 delivered to backend within 24 hours")]


def test_what_was_never_delivered_is_mentioned() -> None:
    assert found(delivered=7, expired=2, refused=1) == [
        (INFO, "Outbox: 7 delivered to backend within 24 hours"),
        (WARNING, "Outbox: 2 for backend grew too old within 24 hours: volspike outbox list"),
        (WARNING, "Outbox: 1 for backend were refused within 24 hours: volspike outbox list"),
    ]


def test_each_destination_is_judged_by_itself() -> None:
    well, away = DestinationState(delivered=1), DestinationState(waiting=1, oldest_waiting_at=NOW - 9999)
    outbox = OutboxDocument(1, {"backend": well, "telegram": away}, NOW)

    told = list(outbox_health.findings(outbox, NOW, LIMIT))

    assert [finding.severity for finding in told] == [INFO, ERROR]
    assert all(isinstance(finding, Finding) and finding.check == "outbox" for finding in told)

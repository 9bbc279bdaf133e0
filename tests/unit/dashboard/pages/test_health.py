"""The Health page without a browser."""

from tests.unit.dashboard.conftest import Served
from tests.unit.examples import NOW
from volspike.model.documents import VERSION, DestinationState, OutboxDocument
from volspike.model.health import Finding, Report, Severity
from volspike.model.suite import DAEMONS
from volspike.state import documents, file


def test_the_page_brings_verdict_and_daemons_with_it(served: Served) -> None:
    report = Report(VERSION, NOW, False, [Finding("disk", Severity.ERROR, "Disk: 95 % of <b>/var</b> used")], [])
    path = documents.health_directory(served.settings.runtime_dir) / documents.HEALTH_REPORT
    file.write(path, documents.encode(report))

    page = served.get("/health")

    assert "Unhealthy" in page
    assert "Disk: 95 % of " in page
    assert "<b>/var</b>" not in page
    assert [daemon.name for daemon in DAEMONS if daemon.name not in page] == []


def test_each_destination_has_a_number_under_every_head(served: Served) -> None:
    state = DestinationState(delivered=1001, refused=1002, expired=1003, dropped=1004)
    told = documents.encode(OutboxDocument(VERSION, {"telegram": state}, NOW))
    file.write(served.settings.runtime_dir / documents.OUTBOX_STATE, told)

    page = served.get("/health")

    assert [head for head in ("Delivered 24 h", "Refused", "Expired", "Dropped") if head not in page] == []
    assert [count for count in ("1,001", "1,002", "1,003", "1,004") if count not in page] == []

"""The Health page without a browser."""

from tests.unit.dashboard.conftest import Served
from tests.unit.examples import NOW
from volspike.model.documents import VERSION
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

"""Where the state files live, and what a reader of them accepts."""

from pathlib import Path

import msgspec
import pytest

from tests.unit.examples import NOW, funding_document
from volspike.model.documents import FundingDocument, Maintenance
from volspike.state import documents, file
from volspike.state.documents import UnknownVersionError

RUNTIME = Path("/run/volspike")


@pytest.mark.parametrize(
    ("daemon", "heartbeat", "metrics"),
    [
        (
            "funding-ws",
            "/run/volspike/.heartbeat/funding-ws.json",
            "/run/volspike/metrics/funding-ws.prom",
        ),
        (
            "health-monitor",
            "/run/volspike-health/.heartbeat/health-monitor.json",
            "/run/volspike-health/metrics/health-monitor.prom",
        ),
    ],
)
def test_every_daemon_has_its_places_and_the_monitor_its_own_directory(
    daemon: str, heartbeat: str, metrics: str
) -> None:
    assert documents.heartbeat_path(RUNTIME, daemon) == Path(heartbeat)
    assert documents.metrics_path(RUNTIME, daemon) == Path(metrics)


def test_a_document_survives_the_way_through_its_file(tmp_path: Path) -> None:
    path = tmp_path / documents.FUNDING
    file.write(path, documents.encode(funding_document()))

    reader = documents.reader(path, FundingDocument)

    assert reader.read() == funding_document()


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_file_of_another_release_is_refused_by_its_version(version: int) -> None:
    with pytest.raises(UnknownVersionError, match=f"version {version} found, 1 understood"):
        documents.decode(documents.encode(Maintenance(version, NOW)), Maintenance)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"version":1}',
        b'{"version":"1","until":5}',
        b"\x00" * 40,
        b'{"version":1,"until":\xff}',
        b'{"version":1,"until":5,"x":' + b"[" * 100_000,
        b"null",
    ],
)
def test_a_torn_or_foreign_file_is_refused_in_a_way_that_readers_expect(content: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, ValueError)):
        documents.decode(content, Maintenance)


def test_a_reader_keeps_its_copy_when_a_file_of_another_release_appears(tmp_path: Path) -> None:
    path = tmp_path / "maintenance.json"
    reader = documents.reader(path, Maintenance)
    file.write(path, documents.encode(Maintenance(1, NOW)))
    reader.read()

    file.write(path, documents.encode(Maintenance(2, NOW + 1)))

    assert reader.read() == Maintenance(1, NOW)
    assert reader.problem is not None
    assert "version 2 found" in reader.problem


def test_fields_that_a_newer_release_added_are_no_trouble() -> None:
    assert documents.decode(b'{"version":1,"until":5,"why":"upgrade"}', Maintenance) == Maintenance(1, 5)

"""How scans are told: a failing one never looks like a quiet market."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.daemons.scans import spike
from tests.unit.examples import NOW
from volspike.daemons.volume_report import VolumeReport, sentence
from volspike.daemons.volume_scan import Outcome
from volspike.runtime.daemon import Daemon
from volspike.state import documents


def beat(runtime_dir: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes())
    return content


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome(NOW, 1.34, 530, 530), "scanned 530 symbols in 1.3 s at 12:02, 0 alerts"),
        (Outcome(NOW, 1.34, 530, 530, [spike()]), "scanned 530 symbols in 1.3 s at 12:02, 1 alert"),
        (
            Outcome(NOW, 9.0, 530, 528, [spike()] * 2, "HTTP 503"),
            "scanned 528 symbols in 9.0 s at 12:02, 2 alerts; 2 of 530 symbols failed: HTTP 503",
        ),
        (Outcome(NOW, 9.0, 530, 0, [], "HTTP 418"), "scan 12:02 FAILED: 530 of 530 symbols failed: HTTP 418"),
        (Outcome(NOW, 9.0, problem="HTTP 418"), "scan 12:02 FAILED: no list of symbols: HTTP 418"),
        (
            Outcome(NOW, 9.0, 530, 530, unkept="disk full"),
            "scan 12:02 FAILED: alerts cannot be put into the outbox: disk full",
        ),
    ],
)
def test_the_sentence_says_what_was_seen(outcome: Outcome, told: str) -> None:
    assert sentence(outcome) == told


def test_the_next_scan_is_promised(daemon: Daemon, runtime_dir: Path) -> None:
    VolumeReport(daemon).tell(Outcome(NOW, 1.0, 530, 530))

    assert beat(runtime_dir)["status"].endswith("; next at 12:05")
    assert beat(runtime_dir)["next_due"] - NOW == pytest.approx(177 + 5)


def test_the_metrics_tell_failure_from_quiet(daemon: Daemon, clock: MovedClock, runtime_dir: Path) -> None:
    report = VolumeReport(daemon)
    report.tell(Outcome(NOW, 1.0, 530, 530, [spike()] * 2))
    clock.move(300)
    report.tell(Outcome(NOW + 300, 2.5, 530, 3, [], "HTTP 503"))

    text = documents.metrics_path(runtime_dir, "funding-ws").read_text()
    for name, value in {
        "volume_scans_total": 2,
        "volume_scan_symbols": 3,
        "volume_scan_failed_symbols": 527,
        "volume_scan_duration_seconds": 2.5,
        "volume_scan_timestamp_seconds": NOW + 300,
        "volume_scan_last_success_timestamp_seconds": NOW,
    }.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"volspike_{name}{{")]
        assert float(line.rsplit(" ", 1)[1]) == value
    assert 'volspike_volume_alerts_total{daemon="funding-ws",type="SPIKE"} 2.0' in text
    assert 'volspike_volume_alerts_total{daemon="funding-ws",type="FULL_UPDATE"} 0.0' in text


def test_a_failure_is_logged_once_and_so_is_the_recovery(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    report = VolumeReport(daemon)

    for seen in (0, 0, 530, 530):
        report.tell(Outcome(NOW, 1.0, 530, seen, [], "" if seen else "HTTP 503"))

    assert caplog.messages == ["lost: the volume scan", "recovered: the volume scan"]
    assert caplog.records[0].__dict__["problem"] == "530 of 530 symbols failed: HTTP 503"

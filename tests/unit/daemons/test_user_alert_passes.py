"""What operators see of the passes: a sentence, metrics, and each change of condition once."""

from pathlib import Path

import pytest

from volspike.daemons.user_alert_passes import Pass, PassReport
from volspike.model.alerts import Cross, Trigger, UserAlert, UserAlertType
from volspike.model.documents import Heartbeat
from volspike.runtime.daemon import Daemon
from volspike.state import documents

CROSS = Cross(Trigger("a1", "BTCUSDT", 2.0, 1.0, crossed_up=True), 0.0, UserAlertType.PRICE_CROSS, 1.5)
STRANGE = UserAlert("a2", "GONE", UserAlertType.PRICE_CROSS, 1.0)


def done(*valueless: UserAlert, problem: str = "", lost: int = 0, crosses: int = 2) -> Pass:
    return Pass(12_000, 10_000, 100, [CROSS] * crosses, valueless, lost, problem, 0.42)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (done(), "checked 10,000 alerts on 100 symbols in 0.4 s; 2 crossed"),
        (done()._replace(checked=1, symbols=1), "checked 1 alert on 1 symbol in 0.4 s; 2 crossed"),
        (done(STRANGE, lost=1), "checked 10,000 alerts on 100 symbols in 0.4 s; 2 crossed; 2 not checked"),
        (
            done(STRANGE, problem="no open interest: HTTP 418", crosses=0),
            "checked 10,000 alerts on 100 symbols in 0.4 s; 0 crossed; 1 not checked; no open interest: HTTP 418",
        ),
    ],
)
def test_a_pass_in_a_sentence(told: Pass, status: str) -> None:
    assert told.status == status


def test_a_pass_is_told_at_once_and_the_next_one_promised(daemon: Daemon, runtime_dir: Path) -> None:
    PassReport(daemon).done(done(STRANGE, lost=1))

    beat = documents.decode(documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes(), Heartbeat)
    assert beat.status.startswith("checked 10,000 alerts")
    assert beat.next_due - beat.at >= 30
    metrics = documents.metrics_path(runtime_dir, "funding-ws").read_text()
    for line in (
        'volspike_user_alert_passes_total{daemon="funding-ws",outcome="done"} 1.0',
        'volspike_user_alerts_active{daemon="funding-ws"} 12000.0',
        'volspike_user_alerts_checked_total{daemon="funding-ws"} 10000.0',
        'volspike_user_alerts_crossed_total{daemon="funding-ws"} 2.0',
        'volspike_user_alerts_unchecked{daemon="funding-ws"} 2.0',
        'volspike_user_alert_pass_seconds{daemon="funding-ws"} 0.42',
    ):
        assert line in metrics


def test_passes_that_fail_are_told_once_and_counted(
    daemon: Daemon, runtime_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    report = PassReport(daemon)

    report.failed("connection refused")
    report.failed("connection refused")
    assert report.problem == "connection refused"
    beat = documents.decode(documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes(), Heartbeat)
    assert beat.status == "cannot check user alerts: connection refused"
    report.done(done())

    assert report.problem == ""
    assert caplog.messages == ["lost: the check of user alerts", "recovered: the check of user alerts"]
    assert 'user_alert_passes_total{daemon="funding-ws",outcome="failed"} 2.0' in daemon.metrics.text()


def test_a_symbol_without_a_value_is_told_once_as_long_as_it_stays_so(
    daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    report = PassReport(daemon)

    for told in (done(STRANGE, STRANGE), done(STRANGE), done(), done(STRANGE)):
        report.done(told)

    assert caplog.messages == ["user alerts on a symbol without this value"] * 2


def test_a_source_that_is_lost_says_nothing_of_the_symbols(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    PassReport(daemon).done(done(STRANGE, problem="no last prices: no answer in time"))

    assert caplog.messages == []


def test_progress_within_a_pass_repeats_the_status_of_the_one_before(daemon: Daemon, runtime_dir: Path) -> None:
    PassReport(daemon).progress()

    beat = documents.decode(documents.heartbeat_path(runtime_dir, "funding-ws").read_bytes(), Heartbeat)
    assert beat.status == "checking user alerts"
    assert beat.next_due - beat.at >= 30

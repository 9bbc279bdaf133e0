"""Reports: paced, the newest value of each alert, and never in anybody's way."""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from tests.processes import until
from tests.unit.answers import Answer, AnsweringServer
from tests.unit.clocks import MovedClock
from volspike.clients.backend.client import Backend
from volspike.daemons.user_alert_reports import Reports
from volspike.model.alerts import Report
from volspike.runtime.daemon import Daemon

PATH = "/api/user-alerts-trigger/update-checked"


@pytest.fixture
def reports(daemon: Daemon, server: AnsweringServer) -> Iterator[Reports]:
    """Reports to a backend that takes them."""
    server.answers[PATH] = Answer(body=b'{"success":true}')
    with Backend(server.url, "secret-key") as backend:
        yield Reports(backend, daemon)


@pytest.fixture
def told(server: AnsweringServer) -> Callable[[], list[tuple[str, float]]]:
    """What the backend has heard."""

    def bodies() -> list[tuple[str, float]]:
        heard = [json.loads(asked.body) for asked in server.requests]
        return [(body["alertId"], body["lastCheckedValue"]) for body in heard]

    return bodies


def test_the_newest_value_of_each_alert_is_sent_in_the_order_of_their_first(
    reports: Reports, told: Callable[[], list[tuple[str, float]]]
) -> None:
    reports.offer([Report("a1", 1.0), Report("a2", 2.0)])
    reports.offer([Report("a1", 3.0)])
    reports.start()
    reports.settle(30)

    assert told() == [("a1", 3.0), ("a2", 2.0)]


def test_what_waits_of_an_alert_that_has_fired_is_dropped(
    reports: Reports, told: Callable[[], list[tuple[str, float]]]
) -> None:
    reports.offer([Report("a1", 1.0), Report("a2", 2.0)])
    reports.forget(["a1", "unknown"])
    reports.start()
    reports.settle(30)

    assert told() == [("a2", 2.0)]


def test_no_more_than_twenty_are_sent_in_a_second(reports: Reports, clock: MovedClock) -> None:
    began = time.monotonic()

    rest = reports.send(Report("a1", 1.0))

    assert rest <= 0.05 <= rest + time.monotonic() - began


def test_a_backend_that_is_away_is_left_alone_for_longer_and_longer_and_told_of_once(
    reports: Reports, server: AnsweringServer, daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server.answers[PATH] = Answer(503)
    rests = [reports.send(Report("a1", 1.0)) for _ in range(7)]
    server.answers[PATH] = Answer(body=b'{"success":true}')
    last = reports.send(Report("a1", 1.0))

    assert 0.5 <= rests[0] < 1
    assert 30 <= rests[6] < 60
    assert last <= 0.05
    assert caplog.messages == [
        "lost: the backend for reports of checked values",
        "recovered: the backend for reports of checked values",
    ]
    metrics = daemon.metrics.text()
    assert 'volspike_user_alert_reports_total{daemon="funding-ws",outcome="lost"} 7.0' in metrics
    assert 'volspike_user_alert_reports_total{daemon="funding-ws",outcome="sent"} 1.0' in metrics


@pytest.mark.parametrize("answer", [Answer(500), Answer(404), Answer(400)])
def test_a_report_of_an_alert_that_is_gone_holds_nothing_up(
    reports: Reports, server: AnsweringServer, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    server.answers[PATH] = answer

    assert reports.send(Report("gone", 1.0)) <= 0.05
    assert caplog.messages == []


def test_to_settle_does_not_wait_for_ever(reports: Reports, server: AnsweringServer) -> None:
    server.answers[PATH] = Answer(after=0.15)
    reports.offer([Report("a1", 1.0)])
    reports.start()
    reports.settle(0.01)

    until(lambda: server.requests)
    assert len(server.requests) == 1

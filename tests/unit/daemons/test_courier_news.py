"""The monitor's verdict on its way to people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.daemons.courier_news import News
from volspike.delivery.outbox import Outbox
from volspike.model.delivery import TELEGRAM, Kind
from volspike.model.documents import EmergencyStop
from volspike.model.health import Finding, Report, Severity
from volspike.state import documents, emergency, file


@pytest.fixture
def outbox(runtime_dir: Path, clock: MovedClock) -> Iterator[Outbox]:
    path = runtime_dir.with_name("state") / documents.OUTBOX
    with Outbox(path, clock, {Kind.HEALTH: [TELEGRAM]}) as opened:
        yield opened


def judge(runtime_dir: Path, clock: MovedClock, *errors: str, stopped: EmergencyStop | None = None) -> None:
    """Write what the monitor would."""
    findings = [Finding("disk", Severity.ERROR, error) for error in errors]
    report = Report(1, clock.now(), not errors, findings, [], stopped)
    file.write(runtime_dir.with_name("run-health") / documents.HEALTH_REPORT, documents.encode(report))


def told(outbox: Outbox) -> list[str]:
    return [message.text.splitlines()[0] for message in outbox.messages(Kind.HEALTH, 0.0)]


def test_a_verdict_that_changes_is_told_and_one_that_stays_is_not(
    outbox: Outbox, runtime_dir: Path, clock: MovedClock
) -> None:
    news = News(outbox, runtime_dir.with_name("state"), runtime_dir, clock)
    for errors in ((), ("Disk is full",), ("Disk is full",), (), ()):
        judge(runtime_dir, clock, *errors)
        news.look()
        clock.move(60)

    assert told(outbox) == ["❌ VolSpike is unhealthy:", "✅ VolSpike is healthy again after 2 min"]


def test_a_courier_that_begins_anew_remembers_what_was_told(
    outbox: Outbox, runtime_dir: Path, clock: MovedClock
) -> None:
    for _ in range(3):
        judge(runtime_dir, clock, "Disk is full")
        News(outbox, runtime_dir.with_name("state"), runtime_dir, clock).look()
        clock.move(1800)

    judge(runtime_dir, clock)
    News(outbox, runtime_dir.with_name("state"), runtime_dir, clock).look()

    assert told(outbox) == [
        "❌ VolSpike is unhealthy:",
        "❌ VolSpike is still unhealthy after 60 min:",
        "✅ VolSpike is healthy again after 90 min",
    ]


def test_it_looks_at_most_once_a_second(outbox: Outbox, runtime_dir: Path, clock: MovedClock) -> None:
    news = News(outbox, runtime_dir.with_name("state"), runtime_dir, clock)
    news.look()
    judge(runtime_dir, clock, "Disk is full")

    clock.move(0.5)
    news.look()
    assert told(outbox) == []

    clock.move(0.5)
    news.look()
    assert told(outbox) == ["❌ VolSpike is unhealthy:"]
    assert outbox.messages(Kind.HEALTH, 0.0)[0].at == pytest.approx(NOW + 1)


def test_the_end_of_an_emergency_stop_is_told_once_and_its_verdict_never(
    outbox: Outbox, runtime_dir: Path, clock: MovedClock
) -> None:
    state_dir = runtime_dir.with_name("state")
    stop = EmergencyStop(1, clock.now(), "a drill")
    news = News(outbox, state_dir, runtime_dir, clock)
    emergency.begin(state_dir, stop)
    judge(runtime_dir, clock, "Emergency stop since …", stopped=stop)
    news.look()
    assert told(outbox) == []

    emergency.end(state_dir)
    for each in (news, news, News(outbox, state_dir, runtime_dir, clock)):
        clock.move(1)
        each.look()
    judge(runtime_dir, clock, "Disk is full")
    clock.move(1)
    news.look()

    over, verdict = told(outbox)
    assert over.startswith("▶️ VolSpike goes on after an emergency stop of 1 s (a drill)")
    assert verdict == "❌ VolSpike is unhealthy:"


def test_the_end_of_an_emergency_stop_changes_nothing_in_what_people_know_of_the_health(
    outbox: Outbox, runtime_dir: Path, clock: MovedClock
) -> None:
    state_dir = runtime_dir.with_name("state")
    judge(runtime_dir, clock, "Disk is full")
    News(outbox, state_dir, runtime_dir, clock).look()
    clock.move(60)
    judge(runtime_dir, clock, "Emergency stop …", stopped=EmergencyStop(1, clock.now()))
    News(outbox, state_dir, runtime_dir, clock).look()
    clock.move(60)

    judge(runtime_dir, clock)
    News(outbox, state_dir, runtime_dir, clock).look()

    assert told(outbox)[-1] == "✅ VolSpike is healthy again after 2 min"


def test_without_a_report_there_is_no_news(outbox: Outbox, runtime_dir: Path, clock: MovedClock) -> None:
    News(outbox, runtime_dir.with_name("state"), runtime_dir, clock).look()

    assert told(outbox) == []

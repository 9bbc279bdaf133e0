"""When the job of a timer is due."""

from types import SimpleNamespace

import pytest

from tests.unit.clocks import MovedClock
from volspike.model.suite import DaemonInfo, Kind
from volspike.supervisor import timer as timer_module
from volspike.supervisor.timer import Timer

MARK = 1_790_856_000.0
"""A multiple of 300 seconds."""


def timer(clock: MovedClock, first_after_seconds: float = 0.0, retry_seconds: int = 0) -> Timer:
    info = DaemonInfo("job", "job.service", Kind.TIMER, "works", 60, 300, first_after_seconds, retry_seconds)
    return Timer(info, clock)


def test_the_first_time_is_at_once_and_the_next_on_the_mark_of_the_clock() -> None:
    clock = MovedClock(anchor=MARK + 100)
    job = timer(clock)

    told = [job.fires()]
    for seconds in (0, 199, 1, 299, 1, 600):
        clock.move(seconds)
        told.append(job.fires())

    assert told == [True, False, False, True, False, True, True]


def test_the_first_time_can_wait_until_there_is_something_to_look_at() -> None:
    clock = MovedClock(anchor=MARK)
    job = timer(clock, first_after_seconds=60)

    clock.move(1000)

    assert not job.fires()


def test_a_clock_that_is_set_back_does_not_silence_it() -> None:
    clock = MovedClock(anchor=MARK)
    job = timer(clock)
    job.fires()

    clock.move(-3600)

    assert [job.fires(), job.fires()] == [True, False]


def test_a_failed_job_is_due_again_before_the_next_mark_only_if_it_is_one_that_is_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = [100.0]
    monkeypatch.setattr(timer_module, "time", SimpleNamespace(monotonic=lambda: passed[-1]))
    retried, left = timer(MovedClock(rate=10.0, anchor=MARK), retry_seconds=36), timer(MovedClock(anchor=MARK))
    told = [retried.fires(), left.fires()]

    retried.note_failure()
    left.note_failure()

    assert told == [True, True]
    for seconds, is_due in ((0.0, False), (3.5, False), (0.1, True), (0.0, False)):
        passed.append(passed[-1] + seconds)
        assert retried.fires() is is_due
    assert not left.fires()

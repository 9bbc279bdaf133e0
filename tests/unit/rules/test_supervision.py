"""When a daemon in the foreground starts again, and when it is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules import supervision
from volspike.rules.supervision import Life

NOW = 5000.0


def test_a_daemon_that_never_ran_is_due_at_once() -> None:
    assert supervision.is_due(Life(), NOW)


def test_a_running_daemon_is_not_due() -> None:
    assert not supervision.is_due(supervision.started(Life()), NOW)


def test_an_ended_daemon_is_due_after_five_seconds() -> None:
    life = supervision.ended(supervision.started(Life()), 1, NOW)

    assert not supervision.is_due(life, NOW + 4.99)
    assert supervision.is_due(life, NOW + 5)


def test_a_clean_exit_is_started_again_like_any_other() -> None:
    assert supervision.is_due(supervision.ended(Life(), 0, NOW), NOW + 5)


def test_a_bad_configuration_is_never_started_again() -> None:
    life = supervision.ended(supervision.started(Life()), 78, NOW)

    assert not supervision.is_due(life, NOW + 1e9)


def test_ten_ends_within_five_minutes_are_the_last() -> None:
    life = Life()

    for number in range(10):
        assert life.start_at is not None
        life = supervision.ended(supervision.started(life), 1, NOW + number * 33)

    assert life.start_at is None


@pytest.mark.parametrize(
    ("failures", "exit_status", "words"),
    [
        (0, 1, "starting again in 5 s"),
        (9, 1, "not started again: it has ended 10 times within 5 minutes"),
        (0, 78, "not started again: its configuration is bad"),
    ],
)
def test_what_comes_after_an_end_is_told_with_its_reason(failures: int, exit_status: int, words: str) -> None:
    life = supervision.ended(Life((NOW,) * failures), exit_status, NOW)

    assert supervision.outlook(life, exit_status) == words


@pytest.mark.parametrize(("seconds", "given_up"), [(299, True), (300, False)])
def test_an_end_is_forgotten_after_five_minutes(seconds: int, given_up: bool) -> None:
    life = supervision.ended(Life(), 1, NOW)
    for number in range(1, 9):
        life = supervision.ended(life, 1, NOW + number)

    life = supervision.ended(life, 1, NOW + seconds)

    assert (life.start_at is None) is given_up


@given(st.lists(st.tuples(st.integers(0, 120), st.sampled_from([0, 1, -9, 78])), max_size=40))
def test_a_daemon_is_given_up_exactly_after_78_or_ten_ends_in_five_minutes(ends: list[tuple[int, int]]) -> None:
    life, now = Life(), 0.0
    times: list[float] = []
    for gap, status in ends:
        now += gap
        times.append(now)
        life = supervision.ended(supervision.started(life), status, now)

        recent = [at for at in times if now - at < 300]
        given_up = status == 78 or len(recent) >= 10
        assert life.start_at == (None if given_up else now + 5)
        if given_up:
            return

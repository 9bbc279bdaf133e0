"""Alerts that come all at once."""

from tests.unit.clocks import MovedClock
from volspike.cli.bursts import Bursts


def test_of_a_burst_the_first_ten_are_shown_and_the_others_are_counted_when_it_is_over() -> None:
    clock = MovedClock()
    bursts = Bursts(clock.monotonic)

    assert [bursts.shows() for _ in range(60)] == [True] * 10 + [False] * 50
    clock.move(1.9)
    assert bursts.take_hidden() == 0
    clock.move(0.2)
    assert bursts.take_hidden() == 50
    assert bursts.take_hidden() == 0


def test_another_burst_is_shown_again() -> None:
    clock = MovedClock()
    bursts = Bursts(clock.monotonic)
    for _ in range(11):
        bursts.shows()
    clock.move(3)
    bursts.take_hidden()

    assert bursts.shows()
    assert bursts.take_hidden() == 0


def test_at_the_end_nothing_is_waited_for() -> None:
    bursts = Bursts(MovedClock().monotonic)
    for _ in range(12):
        bursts.shows()

    assert bursts.take_hidden(now=True) == 2


def test_few_alerts_are_no_burst() -> None:
    clock = MovedClock()
    bursts = Bursts(clock.monotonic)
    bursts.shows()
    clock.move(5)

    assert bursts.take_hidden() == 0

"""How fast to reconnect, to write, and when to wake up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.rules import pacing

jitters = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempts", "longest"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (10_000, 60)]
)
def test_the_pause_before_reconnecting_doubles_from_a_second_to_a_minute(attempts: int, longest: float) -> None:
    assert pacing.reconnect_delay(attempts, 0.0) == longest / 2
    assert pacing.reconnect_delay(attempts, 0.5) == longest * 0.75


@given(st.integers(0, 10**9), jitters)
def test_the_pause_before_reconnecting_stays_in_bounds(attempts: int, jitter: float) -> None:
    assert 0.5 <= pacing.reconnect_delay(attempts, jitter) <= 60


@given(st.integers(1, 5), jitters, jitters)
def test_on_the_way_to_the_longest_no_pause_is_shorter_than_the_one_before(
    attempts: int, jitter: float, next_jitter: float
) -> None:
    assert pacing.reconnect_delay(attempts + 1, next_jitter) >= pacing.reconnect_delay(attempts, jitter)


def test_ten_writes_go_out_at_once_and_the_eleventh_waits_until_the_first_is_a_second_old() -> None:
    writes: tuple[float, ...] = ()
    for _ in range(10):
        assert pacing.write_delay(writes, 100.0) == 0.0
        writes = pacing.note_write(writes, 100.0)

    assert pacing.write_delay(writes, 100.25) == 0.75
    assert pacing.write_delay(writes, 101.0) == 0.0


@pytest.mark.parametrize(
    ("first", "latest", "now", "delay"),
    [
        (100.0, 100.0, 100.0, 0.5),
        (100.0, 100.25, 100.25, 0.5),
        (100.0, 100.25, 100.75, 0.0),
        (100.0, 104.75, 104.875, 0.125),
        (100.0, 105.0, 105.0, 0.0),
        (100.0, 100.0, 200.0, 0.0),
    ],
)
def test_a_burst_is_over_after_a_pause_and_at_the_latest_after_ten_of_them(
    first: float, latest: float, now: float, delay: float
) -> None:
    assert pacing.gather_delay(first, latest, 0.5, now) == delay


@given(st.lists(st.integers(0, 64).map(lambda part: part / 256), max_size=100))
def test_whatever_is_asked_never_more_than_ten_writes_lie_within_a_second(gaps: list[float]) -> None:
    now = 1000.0
    writes: tuple[float, ...] = ()
    written: list[float] = []
    for gap in gaps:
        now += gap
        now += pacing.write_delay(writes, now)
        writes = pacing.note_write(writes, now)
        written.append(now)

    assert len(writes) <= 10
    assert all(later - earlier >= 1.0 for earlier, later in zip(written, written[10:], strict=False))


@given(st.lists(st.integers(26, 512).map(lambda part: part / 256), max_size=60))
def test_a_writer_that_keeps_to_the_pace_by_itself_never_waits(gaps: list[float]) -> None:
    now = 1000.0
    writes: tuple[float, ...] = ()
    for gap in gaps:
        now += gap
        assert pacing.write_delay(writes, now) == 0.0
        writes = pacing.note_write(writes, now)


@given(st.integers(1, 7200), st.floats(1e9, 2e9))
def test_the_next_tick_is_the_next_multiple_of_the_wall_clock(every: int, now: float) -> None:
    tick = pacing.next_tick(None, every, now)

    assert tick.due > now
    assert tick.due - now <= every
    assert tick.due % every == 0
    assert tick.missed == 0


@pytest.mark.parametrize(
    ("now", "due", "missed"),
    [(600.5, 900.0, 0), (899.9, 900.0, 0), (900.0, 1200.0, 1), (1300.0, 1500.0, 2), (590.0, 600.0, 0)],
)
def test_marks_that_passed_during_the_work_are_counted_not_made_up_for(now: float, due: float, missed: int) -> None:
    assert pacing.next_tick(600.0, 300, now) == (due, missed)


@pytest.mark.parametrize(("now", "due"), [(599.9999, 900.0), (595.1, 900.0), (595.0, 600.0), (300.5, 600.0)])
def test_a_mark_that_came_while_the_clock_lagged_behind_does_not_come_again(now: float, due: float) -> None:
    assert pacing.next_tick(600.0, 300, now) == (due, 0)

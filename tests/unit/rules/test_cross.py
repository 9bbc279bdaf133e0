"""User alerts: what a cross is, from which previous value, and what the backend hears without one."""

from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import Cross, Direction, Report, Trigger, UserAlert, UserAlertType
from volspike.rules import cross
from volspike.rules.cross import Checked, Memory, Observation, Pace

NOW = 1_767_362_400.0
PACE = Pace()
LEVEL = 65_000.0


def watched(
    value: float, at: float = NOW, *, stored: float | None = None, stored_at: float | None = None
) -> Observation:
    """Return an observation of an alert of which the backend may have stored a value."""
    last_checked_at = None if stored_at is None else datetime.fromtimestamp(stored_at, UTC)
    alert = UserAlert("a1", "BTC", UserAlertType.PRICE_CROSS, LEVEL, stored, last_checked_at, "pro")
    return Observation(alert, value, at)


@pytest.mark.parametrize(
    ("previous", "current", "direction"),
    [
        (64_999.0, 65_000.0, Direction.UP),
        (64_999.0, 70_000.0, Direction.UP),
        (65_001.0, 65_000.0, Direction.DOWN),
        (65_001.0, 60_000.0, Direction.DOWN),
        (65_000.0, 65_001.0, None),
        (65_000.0, 64_999.0, None),
        (64_998.0, 64_999.0, None),
        (65_001.0, 65_002.0, None),
        (None, 65_001.0, None),
    ],
)
def test_a_cross_comes_from_one_side_and_reaches_or_passes_the_threshold(
    previous: float | None, current: float, direction: Direction | None
) -> None:
    assert cross.crossed(previous, LEVEL, current) is direction


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_mirrored_values_cross_the_other_way(previous: float, threshold: float, current: float) -> None:
    mirror = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP, None: None}

    assert cross.crossed(-previous, -threshold, -current) is mirror[cross.crossed(previous, threshold, current)]


def test_a_cross_tells_both_values_and_names_the_episode_by_the_time_of_the_previous_one() -> None:
    memory, found = cross.step(Memory(), PACE, watched(65_100.0, stored=64_900.0, stored_at=NOW - 30))

    assert found == Cross(Trigger("a1", "BTC", 65_100.0, 64_900.0, crossed_up=True), NOW - 30)
    assert memory == Memory(Checked(65_100.0, NOW), triggered=True)


@pytest.mark.parametrize(
    ("own_at", "stored_at", "previous"),
    [(NOW - 30, NOW - 600, 64_000.0), (NOW - 600, NOW - 30, 64_900.0), (NOW - 30, None, 64_000.0)],
)
def test_the_previous_value_is_the_newer_of_the_backends_and_our_own(
    own_at: float, stored_at: float | None, previous: float
) -> None:
    memory = Memory(Checked(64_000.0, own_at))

    _, found = cross.step(memory, PACE, watched(65_100.0, stored=64_900.0, stored_at=stored_at))

    assert isinstance(found, Cross)
    assert found.trigger.previous_value == previous


def test_an_alert_that_was_never_checked_is_reported_and_cannot_fire() -> None:
    memory, found = cross.step(Memory(), PACE, watched(65_100.0))

    assert found == Report("a1", 65_100.0)
    assert memory == Memory(Checked(65_100.0, NOW), Checked(65_100.0, NOW))


@pytest.mark.parametrize(
    ("reported", "value", "age", "told"),
    [
        (64_000.0, 64_500.0, 599.0, False),
        (64_000.0, 64_500.0, 600.0, True),
        (65_000.0, 65_100.0, 30.0, True),
        (65_000.0, 64_900.0, 30.0, True),
        (65_000.0, 65_000.0, 30.0, False),
    ],
)
def test_without_a_cross_the_backend_hears_of_a_change_of_sides_and_every_ten_minutes(
    reported: float, value: float, age: float, told: bool
) -> None:
    stored = watched(value, stored=reported, stored_at=NOW - age)

    memory, found = cross.step(Memory(), PACE, stored)

    assert found == (Report("a1", value) if told else None)
    assert memory.latest == Checked(value, NOW)


def test_a_report_of_our_own_counts_before_the_backend_shows_it() -> None:
    memory, _ = cross.step(Memory(), PACE, watched(64_000.0))

    memory, found = cross.step(memory, PACE, watched(64_001.0, NOW + 30))

    assert found is None
    assert memory == Memory(Checked(64_001.0, NOW + 30), Checked(64_000.0, NOW))


def test_an_alert_that_fired_and_is_armed_again_starts_without_a_past() -> None:
    memory, _ = cross.step(Memory(), PACE, watched(65_100.0, stored=64_900.0, stored_at=NOW - 30))

    armed, first = cross.step(memory, PACE, watched(64_000.0, NOW + 30))
    _, second = cross.step(armed, PACE, watched(65_200.0, NOW + 60))

    assert first == Report("a1", 64_000.0)
    assert isinstance(second, Cross)


def test_a_stored_value_from_before_the_cross_does_not_fire_it_again() -> None:
    memory, _ = cross.step(Memory(), PACE, watched(65_100.0, stored=64_900.0, stored_at=NOW - 30))

    _, found = cross.step(memory, PACE, watched(65_200.0, NOW + 30, stored=64_900.0, stored_at=NOW - 30))

    assert not isinstance(found, Cross)


@pytest.mark.parametrize("tier", ["pro", "elite"])
def test_paying_tiers_are_due_in_each_pass(tier: str) -> None:
    assert all(cross.is_due(tier, NOW + 30 * number, first_pass=False) for number in range(20))


@pytest.mark.parametrize("tier", ["free", "gold", ""])
def test_all_others_are_due_every_five_minutes_and_in_the_first_pass(tier: str) -> None:
    due = [number for number in range(21) if cross.is_due(tier, NOW + 30 * number + 0.5, first_pass=False)]

    assert due == [0, 10, 20]
    assert cross.is_due(tier, NOW + 30, first_pass=True)


values = st.lists(st.sampled_from([64_000.0, 64_999.0, 65_000.0, 65_001.0, 66_000.0]), max_size=40)


def passes(path: list[float], *, restarts: bool = False, remembers: bool = True) -> list[Cross]:
    """Check an alert in each pass along a path; the backend stores what it is told."""
    memory, found = Memory(), []
    stored: tuple[float, float] | tuple[None, None] = (None, None)
    for number, value in enumerate(path):
        at = NOW + 30 * number
        if restarts:
            memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)
        memory, decision = cross.step(memory, PACE, watched(value, at, stored=stored[0], stored_at=stored[1]))
        if isinstance(decision, Cross):
            found.append(decision)
        elif isinstance(decision, Report):
            stored = (decision.last_checked_value, at)
        memory = memory if remembers else Memory()
    return found


@given(values)
def test_each_cross_of_a_path_is_found_once(path: list[float]) -> None:
    found = passes(path)

    expected = [(before, after) for before, after in pairwise(path) if cross.crossed(before, LEVEL, after)]
    assert [(each.trigger.previous_value, each.trigger.current_value) for each in found] == expected
    assert len({each.key for each in found}) == len(found)


@given(st.lists(st.floats(65_000.5, 70_000), max_size=30))
def test_on_one_side_of_the_threshold_there_is_silence(path: list[float]) -> None:
    assert passes(path) == []


@given(values)
def test_a_restart_between_any_two_passes_changes_nothing(path: list[float]) -> None:
    assert passes(path, restarts=True) == passes(path)


@given(st.lists(st.sampled_from([64_000.0, 66_000.0]), max_size=20))
def test_a_memory_that_is_lost_whole_still_finds_the_first_cross_by_what_the_backend_stores(path: list[float]) -> None:
    assert [each.trigger.crossed_up for each in passes(path, remembers=False)[:1]] == [
        each.trigger.crossed_up for each in passes(path)[:1]
    ]

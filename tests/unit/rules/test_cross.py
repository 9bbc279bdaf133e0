"""User alerts: what a cross is, from which previous value, and what the backend hears without one."""

from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import AlertMemory, Checked, Cross, Direction, Report, Trigger, UserAlert, UserAlertType
from volspike.rules import cross
from volspike.rules.cross import Observation, Pace

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
    memory, found = cross.step(AlertMemory(), PACE, watched(65_100.0, stored=64_900.0, stored_at=NOW - 30))

    trigger = Trigger("a1", "BTC", 65_100.0, 64_900.0, crossed_up=True)
    assert found == Cross(trigger, NOW - 30, UserAlertType.PRICE_CROSS, LEVEL)
    assert memory == AlertMemory(Checked(65_100.0, NOW), triggered=True)


@pytest.mark.parametrize(
    ("own_at", "stored_at", "previous"),
    [(NOW - 30, NOW - 600, 64_000.0), (NOW - 600, NOW - 30, 64_900.0), (NOW - 30, None, 64_000.0)],
)
def test_the_previous_value_is_the_newer_of_the_backends_and_our_own(
    own_at: float, stored_at: float | None, previous: float
) -> None:
    memory = AlertMemory(Checked(64_000.0, own_at))

    _, found = cross.step(memory, PACE, watched(65_100.0, stored=64_900.0, stored_at=stored_at))

    assert isinstance(found, Cross)
    assert found.trigger.previous_value == previous


def test_an_alert_that_was_never_checked_is_reported_and_cannot_fire() -> None:
    memory, found = cross.step(AlertMemory(), PACE, watched(65_100.0))

    assert found == Report("a1", 65_100.0)
    assert memory == AlertMemory(Checked(65_100.0, NOW), Checked(65_100.0, NOW))


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

    memory, found = cross.step(AlertMemory(), PACE, stored)

    assert found == (Report("a1", value) if told else None)
    assert memory.latest == Checked(value, NOW)


def test_a_report_of_our_own_counts_before_the_backend_shows_it() -> None:
    memory, _ = cross.step(AlertMemory(), PACE, watched(64_000.0))

    memory, found = cross.step(memory, PACE, watched(64_001.0, NOW + 30))

    assert found is None
    assert memory == AlertMemory(Checked(64_001.0, NOW + 30), Checked(64_000.0, NOW))


def test_an_alert_that_fired_and_is_armed_again_starts_without_a_past() -> None:
    memory, _ = cross.step(AlertMemory(), PACE, watched(65_100.0, stored=64_900.0, stored_at=NOW - 30))

    armed, first = cross.step(memory, PACE, watched(64_000.0, NOW + 30))
    _, second = cross.step(armed, PACE, watched(65_200.0, NOW + 60))

    assert first == Report("a1", 64_000.0)
    assert isinstance(second, Cross)


def test_a_stored_value_from_before_the_cross_does_not_fire_it_again() -> None:
    memory, _ = cross.step(AlertMemory(), PACE, watched(65_100.0, stored=64_900.0, stored_at=NOW - 30))

    _, found = cross.step(memory, PACE, watched(65_200.0, NOW + 30, stored=64_900.0, stored_at=NOW - 30))

    assert not isinstance(found, Cross)


@pytest.mark.parametrize("tier", ["pro", "elite"])
def test_paying_tiers_are_due_in_each_pass(tier: str) -> None:
    assert cross.is_due(tier, full=False)


@pytest.mark.parametrize("tier", ["free", "gold", ""])
def test_all_others_are_due_in_full_passes(tier: str) -> None:
    assert not cross.is_due(tier, full=False)
    assert cross.is_due(tier, full=True)


def test_the_first_pass_is_full_and_then_one_every_five_minutes_of_the_clock() -> None:
    full_at, full = None, []
    for number in range(21):
        at = NOW + 60 + 30 * number + 0.5
        if cross.is_full(at, full_at):
            full_at = at
            full.append(number)

    assert full == [0, 8, 18]


def test_a_full_pass_that_failed_or_came_too_early_is_made_up_for_by_the_next() -> None:
    assert cross.is_full(NOW + 30, NOW - 300)
    assert not cross.is_full(NOW - 0.001, NOW - 270)
    assert cross.is_full(NOW + 29.9, NOW - 270)


def test_a_clock_that_is_set_back_does_not_keep_the_free_tier_waiting() -> None:
    assert cross.is_full(NOW - 3600, NOW)


def test_many_alerts_are_checked_each_by_its_own_memory() -> None:
    alerts = [
        UserAlert(name, "BTCUSDT", UserAlertType.PRICE_CROSS, threshold)
        for name, threshold in (("above", 60_000.0), ("crossed", 65_000.0), ("new", 65_000.0))
    ]
    before = AlertMemory(Checked(64_000.0, NOW - 30), Checked(64_000.0, NOW - 30))

    found = cross.check(
        {"above": before, "crossed": before, "gone": before},
        PACE,
        [Observation(each, 65_100.0, NOW) for each in alerts],
    )

    assert [each.trigger.alert_id for each in found.crosses] == ["crossed"]
    assert found.reports == [Report("new", 65_100.0)]
    assert set(found.memories) == {"above", "crossed", "new"}
    assert found.memories["above"] == AlertMemory(Checked(65_100.0, NOW), before.reported)


FIRED = Trigger("a1", "BTC", 65_100.0, 64_900.0, crossed_up=True)


@pytest.mark.parametrize(
    ("remembered", "counts"),
    [
        (None, True),
        (Checked(64_900.0, NOW - 30), True),
        (Checked(65_100.0, NOW), False),
        (Checked(1.0, NOW + 30), False),
    ],
)
def test_a_trigger_in_the_outbox_that_is_newer_than_the_memory_has_fired_its_alert(
    remembered: Checked | None, counts: bool
) -> None:
    before = {"other": AlertMemory()} | ({"a1": AlertMemory(remembered)} if remembered else {})

    recalled = cross.recall(before, [(FIRED, NOW)])

    assert recalled["a1"] == (AlertMemory(Checked(65_100.0, NOW), triggered=True) if counts else before["a1"])
    assert recalled["other"] == AlertMemory()


def test_the_newest_of_several_triggers_counts() -> None:
    earlier = Trigger("a1", "BTC", 64_000.0, 65_500.0, crossed_up=False)

    for triggers in ([(earlier, NOW - 60), (FIRED, NOW)], [(FIRED, NOW), (earlier, NOW - 60)]):
        assert cross.recall({}, triggers)["a1"].latest == Checked(65_100.0, NOW)


values = st.lists(st.sampled_from([64_000.0, 64_999.0, 65_000.0, 65_001.0, 66_000.0]), max_size=40)


def passes(path: list[float], *, restarts: bool = False, remembers: bool = True) -> list[Cross]:
    """Check an alert in each pass along a path; the backend stores what it is told."""
    memory, found = AlertMemory(), []
    stored: tuple[float, float] | tuple[None, None] = (None, None)
    for number, value in enumerate(path):
        at = NOW + 30 * number
        if restarts:
            memory = msgspec.json.decode(msgspec.json.encode(memory), type=AlertMemory)
        memory, decision = cross.step(memory, PACE, watched(value, at, stored=stored[0], stored_at=stored[1]))
        if isinstance(decision, Cross):
            found.append(decision)
        elif isinstance(decision, Report):
            stored = (decision.last_checked_value, at)
        memory = memory if remembers else AlertMemory()
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


@given(values)
def test_a_crash_between_outbox_and_memory_leaves_the_memory_that_there_would_have_been(path: list[float]) -> None:
    memories: dict[str, AlertMemory] = {}
    triggers: list[tuple[Trigger, float]] = []
    for number, value in enumerate(path):
        at = NOW + 30 * number
        found = cross.check(memories, PACE, [watched(value, at)])
        triggers += [(each.trigger, at) for each in found.crosses]
        if found.crosses:
            assert cross.recall(memories, triggers) == found.memories
        memories = found.memories

"""The limits: no verdict flutters around one, and no short spike of the CPUs is told of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.examples import NOW, unit_state
from volspike.model.health import ApiAnswer, ExchangeAnswer, Finding, MachineState, Observation, Severity, UnitState
from volspike.model.limits import CpuReading, Level, Limit, Limits, LimitsMemory
from volspike.rules import limits

WELL, WARNING, CRITICAL = Level.WELL, Level.WARNING, Level.CRITICAL
TICKS = 200
"""Of two CPUs in a second."""


def seen(machine: MachineState | None = None, **others: Any) -> Observation:
    """Return a look at nothing but a machine and the units of a suite."""
    return Observation(
        now=others.pop("now", NOW),
        monotonic=0.0,
        funding_enabled=True,
        units=others.pop("units", []),
        units_problem=None,
        heartbeats={},
        feed=None,
        feed_problem=None,
        api=ApiAnswer(None),
        exchange=others.pop("exchange", ExchangeAnswer()),
        machine=machine or MachineState({}, None),
        weight_closed_until=None,
        maintenance_until=None,
        **others,
    )


def units(*memory_bytes: int | None) -> list[UnitState]:
    return [replace(unit_state(), memory_bytes=number) for number in memory_bytes]


def told(observation: Observation) -> list[tuple[str, Severity, str]]:
    return [(finding.check, finding.severity, finding.text) for finding in limits.step(observation)[1]]


def test_a_machine_with_room_is_nothing_to_speak_of() -> None:
    assert told(seen(MachineState({"/data": 0.849}, 0.899), units=units(2_999_999_999))) == []


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        (seen(MachineState({"/data": 0.85}, None)), ("disk", Severity.WARNING, "Disk of /data is 85% full")),
        (
            seen(MachineState({"/data": 0.90}, None)),
            ("disk", Severity.ERROR, "Disk of /data is 90% full, less than 90% allowed"),
        ),
        (seen(MachineState({}, 0.90)), ("memory", Severity.WARNING, "Memory is 90% used")),
        (seen(MachineState({}, 0.97)), ("memory", Severity.ERROR, "Memory is 97% used, less than 97% allowed")),
        (
            seen(units=units(2_000_000_000, 1_000_000_000)),
            ("memory", Severity.WARNING, "The suite uses 3.00 GB of memory"),
        ),
        (
            seen(units=units(4_500_000_000, None)),
            ("memory", Severity.ERROR, "The suite uses 4.50 GB of memory, less than 4.00 GB allowed"),
        ),
    ],
)
def test_each_limit_warns_first_and_then_is_an_error(
    observation: Observation, expected: tuple[str, Severity, str]
) -> None:
    assert told(observation) == [expected]


def test_memory_that_nobody_counts_is_unknown_not_nothing() -> None:
    assert limits.suite_bytes(seen(units=units(None, None))) is None
    assert limits.suite_bytes(seen(units=units(None, 5))) == 5
    assert told(seen(units=units(None), limits=Limits(suite_bytes=Limit(0.0, 0.0)))) == []


def test_a_limit_that_is_off_is_never_reached() -> None:
    full = MachineState({"/data": 1.0}, 1.0)

    assert told(seen(full, limits=Limits(memory_share=Limit(), disk_share=Limit()))) == []


def test_an_error_stays_one_until_the_use_is_clearly_below_its_limit() -> None:
    memory = LimitsMemory()
    verdicts = []
    for share in (0.91, 0.89, 0.875, 0.87, 0.83, 0.82):
        memory, findings = limits.step(seen(MachineState({"/data": share}, None), limits_memory=memory))
        verdicts.append([finding.text for finding in findings])

    assert verdicts == [
        ["Disk of /data is 91% full, less than 90% allowed"],
        ["Disk of /data is 89% full, critical until it is below 87%"],
        ["Disk of /data is 88% full, critical until it is below 87%"],
        ["Disk of /data is 87% full"],
        ["Disk of /data is 83% full"],
        [],
    ]


@given(st.lists(st.floats(0.88, 0.92), min_size=2, max_size=20))
def test_a_use_that_trembles_around_its_limit_changes_the_level_at_most_once(uses: list[float]) -> None:
    levels = [WELL]
    for use in uses:
        levels.append(limits.level(use, Limit(0.5, 0.9), levels[-1]))

    assert levels[1:] == sorted(levels[1:])


@given(st.floats(0, 2), st.sampled_from(Level))
def test_what_was_reached_is_told_whatever_was_before(use: float, before: Level) -> None:
    level = limits.level(use, Limit(0.7, 0.9), before)

    assert level >= limits.level(use, Limit(0.7, 0.9))
    assert level <= max(before, limits.level(use, Limit(0.7, 0.9)))


def watch(shares: list[float], every: float = 60.0) -> tuple[LimitsMemory, list[Finding], Observation]:
    """Look at CPUs that are so busy between one look and the next; return the last look."""
    memory, findings = LimitsMemory(), list[Finding]()
    busy = total = 0
    observation = seen()
    for number, share in enumerate([0.0, *shares]):
        busy += round(share * every * TICKS)
        total += round(every * TICKS)
        reading = CpuReading(NOW + number * every, busy, total)
        observation = seen(MachineState({}, None, reading), now=reading.at, limits_memory=memory)
        memory, findings = limits.step(observation)
    return memory, findings, observation


def test_cpus_are_judged_by_five_minutes() -> None:
    _, warned, _ = watch([0.75] * 5)
    _, failed, _ = watch([0.95] * 5)

    assert warned == [Finding("cpu", Severity.WARNING, "The CPUs were 75% busy over 5 min")]
    assert failed == [Finding("cpu", Severity.ERROR, "The CPUs were 95% busy over 5 min, less than 90% allowed")]


def test_one_minute_at_full_load_is_not_told_of() -> None:
    assert watch([0.1, 0.1, 1.0, 0.1, 0.1])[1] == []
    assert watch([0.1, 0.1, 0.1, 0.1, 1.0])[1] == []


def test_nothing_is_said_of_the_cpus_before_they_were_watched_for_five_minutes() -> None:
    assert limits.cpu_share(watch([1.0] * 4)[2]) is None
    assert limits.cpu_share(watch([1.0] * 5)[2]) == 1.0
    assert limits.cpu_share(seen()) is None


def test_only_the_last_minutes_count_and_only_they_are_remembered() -> None:
    memory, findings, observation = watch([1.0] * 10 + [0.0] * 5)

    assert findings == []
    assert limits.cpu_share(observation) == 0.0
    assert len(memory.cpu) == 6


def test_readings_of_before_a_reboot_or_of_the_future_are_forgotten() -> None:
    memory, _, last = watch([0.5] * 5)
    present = CpuReading(last.now + 60, 10, 20)

    after, _ = limits.step(seen(MachineState({}, None, present), now=present.at, limits_memory=memory))
    early = replace(present, at=NOW - 3600, total=10**9)
    back, _ = limits.step(seen(MachineState({}, None, early), now=early.at, limits_memory=memory))

    assert after.cpu == [present]
    assert back.cpu == [early]


def test_counters_that_stand_still_say_nothing() -> None:
    readings = [CpuReading(NOW - 300, 5, 10), CpuReading(NOW, 5, 10)]
    observation = seen(MachineState({}, None, readings[1]), limits_memory=LimitsMemory(cpu=readings[:1]))

    assert limits.cpu_share(observation) is None

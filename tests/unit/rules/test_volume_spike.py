"""Volume alerts: which scan says what of which hour, and never twice."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import AlertType, CandleDirection, VolumeAlert, VolumeEpisode, VolumeMemory
from volspike.model.market import Candle
from volspike.rules import volume_spike
from volspike.rules.volume_spike import HOUR, Limits, Observation

DAY = int(datetime(2026, 1, 2, tzinfo=UTC).timestamp())
LIMITS = Limits()
SPIKE, HALF, FULL = AlertType.SPIKE, AlertType.HALF_UPDATE, AlertType.FULL_UPDATE


def at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return DAY + int(hours) * HOUR + int(minutes) * 60


def candle(clock: str, volume: float, *, opened: float = 100.0, closed: float = 101.0) -> Candle:
    return Candle(at(clock) * 1000, opened, closed, volume)


def look(clock: str, *candles: Candle, symbol: str = "BTCUSDT") -> Observation:
    return Observation(symbol, at(clock), at(clock) + 2, candles)


def restarted(memory: VolumeMemory) -> VolumeMemory:
    return msgspec.json.decode(msgspec.json.encode(memory), type=VolumeMemory)


def told(alerts: Iterable[VolumeAlert]) -> list[tuple[AlertType, str, str]]:
    return [(alert.alert_type, f"{alert.detection_time:%H:%M}", f"{alert.hour_timestamp:%H}") for alert in alerts]


class Day(NamedTuple):
    """A day on which hour 14 starts to exceed three times hour 13 at some minute; all other hours are alike."""

    crosses: str
    volume: float = 50e6

    def candles(self, second: int) -> tuple[Candle, ...]:
        """Return what the exchange answers at this second: the last three hours, the newest still open."""
        latest = second // HOUR * HOUR
        return tuple(
            Candle(hour * 1000, 1.0, 1.0, self._volume(hour, second)) for hour in range(latest - 7200, latest + 1, HOUR)
        )

    def _volume(self, hour: int, second: int) -> float:
        if hour == at("14:00"):
            return self.volume * (3.5 if second >= at(self.crosses) else 2.5)
        return self.volume * (0.5 if hour == second // HOUR * HOUR else 1.0)


def scan(day: Day, clocks: Iterable[str], kills: Sequence[str] = ()) -> list[tuple[AlertType, str, str]]:
    memory, alerts = VolumeMemory(), []
    for clock in clocks:
        if clock in kills:
            memory = restarted(memory)
        second = at(clock)
        observation = Observation("BTCUSDT", second, second + 1, day.candles(second))
        memory, found = volume_spike.step(memory, LIMITS, observation)
        alerts += told(found)
    return alerts


def marks(*skipped: str, first: str = "13:05", last: str = "16:55") -> list[str]:
    clocks = [f"{hour}:{minute:02}" for hour in range(13, 17) for minute in range(0, 60, 5)]
    return [clock for clock in clocks if first <= clock <= last and clock not in skipped]


GOLDEN = [
    ("14:10, stays", "14:10", marks(), [(SPIKE, "14:10", "14"), (HALF, "14:30", "14"), (FULL, "15:00", "14")]),
    ("14:20", "14:20", marks(), [(SPIKE, "14:20", "14"), (HALF, "14:30", "14"), (FULL, "15:00", "14")]),
    ("14:25", "14:25", marks(), [(SPIKE, "14:25", "14"), (FULL, "15:00", "14")]),
    ("14:30", "14:30", marks(), [(SPIKE, "14:30", "14"), (FULL, "15:00", "14")]),
    ("14:50", "14:50", marks(), [(SPIKE, "14:50", "14"), (FULL, "15:00", "14")]),
    ("14:55", "14:55", marks(), [(SPIKE, "14:55", "14")]),
    ("first in the 15:00 scan", "14:58", marks(), [(SPIKE, "15:00", "14")]),
    (
        "14:10, 15:00 skipped",
        "14:10",
        marks("15:00"),
        [(SPIKE, "14:10", "14"), (HALF, "14:30", "14"), (FULL, "15:05", "14")],
    ),
    (
        "14:10, 14:30 skipped",
        "14:10",
        marks("14:30"),
        [(SPIKE, "14:10", "14"), (HALF, "14:35", "14"), (FULL, "15:00", "14")],
    ),
    (
        "14:10, 14:30 to 15:00 skipped: both missed",
        "14:10",
        [*marks(last="14:25"), *marks(first="15:05")],
        [(SPIKE, "14:10", "14"), (FULL, "15:05", "14")],
    ),
    (
        "14:10, nothing seen of hour 15",
        "14:10",
        [*marks(last="14:25"), *marks(first="16:00")],
        [(SPIKE, "14:10", "14")],
    ),
    ("14:58, 15:00 skipped", "14:58", marks("15:00"), [(SPIKE, "15:05", "14")]),
    ("14:10, first scan ever at 15:40", "14:10", marks(first="15:40"), [(SPIKE, "15:40", "14")]),
    (
        "14:02, seen by the scan at the start",
        "14:02",
        ["14:02", *marks(first="14:05")],
        [(SPIKE, "14:00", "14"), (HALF, "14:30", "14"), (FULL, "15:00", "14")],
    ),
]


@pytest.mark.parametrize(("crosses", "clocks", "emitted"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN])
def test_the_golden_sequences(crosses: str, clocks: list[str], emitted: list[tuple[AlertType, str, str]]) -> None:
    assert scan(Day(crosses), clocks) == emitted


def test_a_daemon_that_is_killed_after_the_spike_does_not_say_it_again_and_still_sends_the_updates() -> None:
    clocks = [*marks(last="14:10"), "14:13", *marks(first="14:15")]

    assert scan(Day("14:10"), clocks, kills=["14:13", "14:30", "15:00"]) == [
        (SPIKE, "14:10", "14"),
        (HALF, "14:30", "14"),
        (FULL, "15:00", "14"),
    ]


def test_a_ratio_of_three_below_the_least_volume_is_nothing() -> None:
    assert scan(Day("14:10", volume=2.9e6 / 3.5), marks()) == []
    assert scan(Day("14:10", volume=3e6 / 3.5), marks()) != []


@pytest.mark.parametrize(
    ("previous", "current", "spikes"),
    [
        (1e6, 3e6, True),
        (1e6, 2_999_999.99, False),
        (2e6, 6e6, True),
        (2e6, 5_999_999.99, False),
        (0.0, 50e6, False),
        (1.0, 3e6, True),
    ],
)
def test_a_spike_reaches_both_limits_over_an_hour_that_had_volume(
    previous: float, current: float, spikes: bool
) -> None:
    observation = look("14:05", candle("13:00", previous), candle("14:00", current))

    _, alerts = volume_spike.step(VolumeMemory(judged_hour=at("13:00")), LIMITS, observation)

    assert bool(alerts) is spikes


def test_the_limits_can_be_set() -> None:
    observation = look("14:05", candle("13:00", 1e6), candle("14:00", 4e6))

    assert volume_spike.step(VolumeMemory(), Limits(multiple=4.0), observation)[1]
    assert not volume_spike.step(VolumeMemory(), Limits(multiple=4.1), observation)[1]
    assert not volume_spike.step(VolumeMemory(), Limits(min_quote_volume=5e6), observation)[1]


def test_an_alert_carries_everything_the_candle_says() -> None:
    started = at("14:13") + 0.25
    candles = [candle("13:00", 45e6), candle("14:00", 150e6, opened=100.0, closed=102.0)]

    _, alerts = volume_spike.step(VolumeMemory(), LIMITS, Observation("BTCUSDT", started, started + 1.5, candles))

    assert alerts == [
        VolumeAlert(
            symbol="BTCUSDT",
            asset="BTC",
            message="BTC hourly volume 150.00M (3.33× prev) — VOLUME SPIKE!",
            alert_type=SPIKE,
            is_update=False,
            current_volume=150e6,
            previous_volume=45e6,
            volume_ratio=150 / 45,
            price=102.0,
            candle_direction=CandleDirection.BULLISH,
            hour_timestamp=datetime(2026, 1, 2, 14, tzinfo=UTC),
            detection_time=datetime(2026, 1, 2, 14, 10, tzinfo=UTC),
            timestamp=datetime(2026, 1, 2, 14, 13, 1, 750_000, tzinfo=UTC),
            price_change=0.02,
        )
    ]


@pytest.mark.parametrize(
    ("opened", "closed", "direction", "change"),
    [
        (100.0, 100.0, CandleDirection.BEARISH, 0.0),
        (100.0, 99.0, CandleDirection.BEARISH, -0.01),
        (0.0, 1.0, CandleDirection.BULLISH, None),
    ],
)
def test_an_hour_is_bullish_only_above_its_open_and_an_unknown_change_is_left_out(
    opened: float, closed: float, direction: CandleDirection, change: float | None
) -> None:
    candles = [candle("13:00", 1e6), candle("14:00", 9e6, opened=opened, closed=closed)]

    _, (alert,) = volume_spike.step(VolumeMemory(), LIMITS, look("14:05", *candles))

    assert (alert.candle_direction, alert.price_change) == (direction, change)


@pytest.mark.parametrize(
    ("opened", "is_current"), [("12:00", False), ("13:00", True), ("14:00", True), ("15:00", False)]
)
def test_candles_are_current_when_one_is_of_this_hour_or_the_one_before(opened: str, is_current: bool) -> None:
    assert look("14:05", candle("11:00", 1e6), candle(opened, 1e6)).is_current is is_current
    assert not look("14:05").is_current


def test_an_update_carries_the_present_numbers_and_does_not_test_the_conditions_again() -> None:
    memory, _ = volume_spike.step(VolumeMemory(), LIMITS, look("14:05", candle("13:00", 10e6), candle("14:00", 30e6)))

    _, (update,) = volume_spike.step(memory, LIMITS, look("14:30", candle("13:00", 20e6), candle("14:00", 31e6)))

    assert (update.alert_type, update.is_update, update.volume_ratio) == (HALF, True, 1.55)
    assert update.message == "HALF-UPDATE: BTC hourly volume 31.00M (1.55× prev) — VOLUME SPIKE!"


def test_the_first_scan_of_an_hour_speaks_of_the_hour_just_closed_first() -> None:
    candles = [candle("13:00", 1e6), candle("14:00", 4e6), candle("15:00", 16e6)]

    _, alerts = volume_spike.step(VolumeMemory(), LIMITS, look("15:05", *candles))

    assert told(alerts) == [(SPIKE, "15:05", "14"), (SPIKE, "15:05", "15")]


def test_the_scan_on_the_hour_leaves_the_new_hour_alone() -> None:
    candles = [candle("13:00", 1e6), candle("14:00", 4e6), candle("15:00", 16e6)]

    memory, alerts = volume_spike.step(VolumeMemory(), LIMITS, look("15:00", *candles))

    assert told(alerts) == [(SPIKE, "15:00", "14")]
    assert memory == VolumeMemory(judged_hour=at("14:00"))


@pytest.mark.parametrize(("second", "told_of_open_hour"), [(59, False), (60, True)])
def test_a_scan_that_starts_after_minute_zero_looks_at_the_new_hour_too(second: int, told_of_open_hour: bool) -> None:
    started = at("15:00") + second
    candles = [candle("14:00", 1e6), candle("15:00", 4e6)]

    _, alerts = volume_spike.step(VolumeMemory(), LIMITS, Observation("BTCUSDT", started, started, candles))

    assert bool(alerts) is told_of_open_hour


def test_a_scan_belongs_to_the_hour_in_which_it_started_however_late_its_answers_come() -> None:
    candles = [candle("13:00", 1e6), candle("14:00", 4e6), candle("15:00", 16e6)]

    memory, alerts = volume_spike.step(
        VolumeMemory(), LIMITS, Observation("BTCUSDT", at("14:59"), at("15:00") + 3, candles)
    )

    assert told(alerts) == [(SPIKE, "14:55", "14")]
    assert memory.judged_hour == 0


def test_a_symbol_whose_candles_failed_is_owed_its_words_in_the_next_scan_that_has_them() -> None:
    memory, _ = volume_spike.step(VolumeMemory(), LIMITS, look("14:10", candle("13:00", 1e6), candle("14:00", 4e6)))
    memory, nothing = volume_spike.step(memory, LIMITS, look("15:00"))

    candles = [candle("13:00", 1e6), candle("14:00", 5e6), candle("15:00", 1e6)]
    memory, owed = volume_spike.step(memory, LIMITS, look("15:25", *candles))
    _, again = volume_spike.step(memory, LIMITS, look("15:30", *candles))

    assert nothing == []
    assert told(owed) == [(FULL, "15:25", "14")]
    assert again == []


@pytest.mark.parametrize(
    "candles",
    [(), (candle("14:00", 9e6),), (candle("13:00", 1e6),), (candle("12:00", 1e6), candle("14:00", 9e6))],
)
def test_without_both_candles_there_is_nothing_to_say(candles: tuple[Candle, ...]) -> None:
    assert volume_spike.step(VolumeMemory(), LIMITS, look("14:05", *candles)) == (VolumeMemory(), [])


def test_a_clock_that_is_set_back_an_hour_makes_nothing_come_again() -> None:
    candles = [candle("13:00", 1e6), candle("14:00", 4e6), candle("15:00", 16e6)]
    memory, _ = volume_spike.step(VolumeMemory(), LIMITS, look("15:05", *candles))

    memory, back = volume_spike.step(memory, LIMITS, look("14:10", *candles))
    _, forward = volume_spike.step(memory, LIMITS, look("15:10", *candles))

    assert (back, forward) == ([], [])


def test_an_hour_before_the_latest_alerted_one_is_over_even_if_it_never_was_judged() -> None:
    first_hours = [candle("14:00", 4e6), candle("15:00", 16e6)]
    memory, alerts = volume_spike.step(VolumeMemory(), LIMITS, look("15:05", *first_hours))

    _, late = volume_spike.step(memory, LIMITS, look("15:10", candle("13:00", 1e6), *first_hours))

    assert told(alerts) == [(SPIKE, "15:05", "15")]
    assert late == []


volumes = st.dictionaries(st.integers(9, 20), st.sampled_from([0.0, 1e6, 2e6, 4e6, 2e7]))
scans = st.lists(st.tuples(st.integers(11 * 60, 19 * 60), st.integers(-60, 60), st.booleans()), max_size=60)


def answered(hours: dict[int, float], minute: int) -> tuple[Candle, ...]:
    """Return the candles at a minute of the day; the open one has as much of its volume as of its hour has gone."""
    latest = minute // 60
    parts = {latest: (minute % 60 + 1) / 60}
    known = [hour for hour in range(latest - 2, latest + 1) if hour in hours]
    return tuple(candle(f"{hour:02}:00", hours[hour] * parts.get(hour, 1.0)) for hour in known)


def run(
    hours: dict[int, float], days: list[tuple[int, int, bool]], *, restarts: bool = False, symbol: str = "BTCUSDT"
) -> list[VolumeAlert]:
    """Scan at these minutes by a clock that is wrong by so many minutes; some candles fail."""
    memory, alerts = VolumeMemory(), []
    for minute, wrong_by, failed in days:
        if restarts:
            memory = restarted(memory)
        second = DAY + (minute + wrong_by) * 60
        candles = () if failed else answered(hours, minute)
        memory, found = volume_spike.step(memory, LIMITS, Observation(symbol, second, second, candles))
        alerts += found
    return alerts


@given(volumes, scans)
def test_whatever_the_clock_does_no_hour_is_told_the_same_twice(
    hours: dict[int, float], days: list[tuple[int, int, bool]]
) -> None:
    keys = [alert.key for alert in run(hours, days)]

    assert len(keys) == len(set(keys))


@given(volumes, scans)
def test_every_update_follows_its_spike(hours: dict[int, float], days: list[tuple[int, int, bool]]) -> None:
    spikes = set()
    for alert in run(hours, sorted(days)):
        if alert.is_update:
            assert alert.hour_timestamp in spikes
        spikes.add(alert.hour_timestamp)


@given(st.dictionaries(st.integers(9, 20), st.floats(1e6, 2.99e6)), scans)
def test_where_no_hour_meets_the_conditions_there_is_silence(
    hours: dict[int, float], days: list[tuple[int, int, bool]]
) -> None:
    assert run(hours, days) == []


@given(volumes, scans)
def test_a_restart_between_any_two_scans_changes_nothing(
    hours: dict[int, float], days: list[tuple[int, int, bool]]
) -> None:
    assert run(hours, days, restarts=True) == run(hours, days)


@given(volumes)
def test_scanning_each_mark_tells_exactly_the_hours_that_end_as_spikes_or_were_ones_on_the_way(
    hours: dict[int, float],
) -> None:
    alerts = run(hours, [(minute, 0, False) for minute in range(11 * 60, 19 * 60, 5)])

    spiked = {alert.hour_timestamp.hour for alert in alerts if alert.alert_type is SPIKE}
    expected = {
        hour
        for hour in range(10, 18)
        if hours.get(hour - 1, 0.0) > 0 and hours.get(hour, 0.0) >= max(3e6, 3 * hours[hour - 1])
    }  # fmt: skip
    assert spiked >= expected
    assert spiked - expected <= {18}


def recalled(memory: VolumeMemory, alerts: Iterable[VolumeAlert]) -> VolumeMemory:
    for alert in alerts:
        memory = volume_spike.recall(memory, alert)
    return memory


def test_alerts_that_were_told_and_not_remembered_are_recalled_with_the_updates_that_they_owe() -> None:
    day = Day("14:10")
    alerts: list[VolumeAlert] = []
    for clock in ("14:10", "14:30"):
        memory, found = volume_spike.step(
            recalled(VolumeMemory(), alerts), LIMITS, look(clock, *day.candles(at(clock)))
        )
        alerts += found
    memory = recalled(VolumeMemory(), alerts)
    assert memory == VolumeMemory(episode=VolumeEpisode(at("14:00"), 10, half_sent=True))

    memory, again = volume_spike.step(memory, LIMITS, look("14:35", *day.candles(at("14:35"))))
    memory, last = volume_spike.step(memory, LIMITS, look("15:00", *day.candles(at("15:00"))))

    assert (told(alerts + again), told(last)) == (
        [(SPIKE, "14:10", "14"), (HALF, "14:30", "14")],
        [(FULL, "15:00", "14")],
    )
    assert recalled(VolumeMemory(), last).judged_hour == at("14:00")


def test_what_the_memory_knows_is_not_taken_back_by_an_older_alert() -> None:
    _, (spike,) = volume_spike.step(VolumeMemory(), LIMITS, look("14:10", candle("13:00", 1e6), candle("14:00", 4e6)))

    for memory in (
        VolumeMemory(at("14:00"), VolumeEpisode(at("14:00"), 10, half_sent=True)),
        VolumeMemory(at("14:00"), VolumeEpisode(at("15:00"), 5)),
    ):
        assert volume_spike.recall(memory, spike) == memory


def test_an_update_whose_spike_is_unknown_still_owes_the_next_one() -> None:
    memory, _ = volume_spike.step(VolumeMemory(), LIMITS, look("14:20", candle("13:00", 1e6), candle("14:00", 4e6)))
    _, (half,) = volume_spike.step(memory, LIMITS, look("14:30", candle("13:00", 1e6), candle("14:00", 4e6)))

    assert volume_spike.recall(VolumeMemory(), half).episode == VolumeEpisode(at("14:00"), 20, half_sent=True)


@given(volumes, st.sets(st.integers(11 * 12, 19 * 12)), st.integers(0, 60))
def test_a_process_that_dies_between_telling_and_remembering_goes_on_as_if_it_had_lived(
    hours: dict[int, float], marks_of_day: set[int], dies_after: int
) -> None:
    lived, died = VolumeMemory(), VolumeMemory()
    for number, mark in enumerate(sorted(marks_of_day)):
        second = DAY + mark * 300
        observation = Observation("BTCUSDT", second, second, answered(hours, mark * 5))
        lived, expected = volume_spike.step(lived, LIMITS, observation)
        after, found = volume_spike.step(died, LIMITS, observation)
        died = recalled(died, found) if number == dies_after else after
        assert found == expected


def test_memories_of_symbols_that_are_gone_go_once_they_owe_nothing() -> None:
    now = at("17:00")
    memories = {
        "BTCUSDT": VolumeMemory(at("09:00")),
        "GONEUSDT": VolumeMemory(at("14:00")),
        "LEAVINGUSDT": VolumeMemory(at("13:00"), VolumeEpisode(at("16:00"), 5)),
        "HALTEDUSDT": VolumeMemory(at("15:00")),
    }

    kept = volume_spike.prune(memories, {"BTCUSDT"}, now)

    assert sorted(kept) == ["BTCUSDT", "HALTEDUSDT", "LEAVINGUSDT"]

"""Open-interest alerts: one for each excursion, held back by the cooldown and the least move."""

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.alerts import Direction, OpenInterestAlert
from volspike.model.market import OpenInterestSample
from volspike.rules import history, open_interest
from volspike.rules.history import Baseline, History, Reach
from volspike.rules.open_interest import TIMEFRAMES, Memory, Observation, State, Thresholds, Timeframe

NOW = 1_767_362_400.0
THRESHOLDS = Thresholds()
REACH = Reach(tuple(timeframe.lookback_seconds for timeframe in TIMEFRAMES))
BASE = 1_000_000.0


def observed(
    pct: float | None, at: float = NOW, *, symbol: str = "BTCUSDT", base: float = BASE, timeframe: int = 0
) -> Observation:
    """Return a sample that lies so far from its baseline in one timeframe; the others have none."""
    baselines: list[Baseline | None] = [None, None, None]
    if pct is not None:
        baselines[timeframe] = Baseline(at - 300, base, None)
    return Observation(OpenInterestSample(symbol, at, base * (1 + (pct or 0.0))), baselines)


def alerted(*path: tuple[float, float | None], thresholds: Thresholds = THRESHOLDS) -> list[tuple[float, str]]:
    """Walk along (seconds, change) and return which alerts came when."""
    memory = Memory()
    found = []
    for seconds, pct in path:
        memory, alerts = open_interest.step(memory, thresholds, observed(pct, NOW + seconds))
        found += [(seconds, str(alert.direction)) for alert in alerts]
    return found


@pytest.mark.parametrize(
    ("path", "alerts"),
    [
        ([(0, 0.031)], [(0, "UP")]),
        ([(0, -0.031)], [(0, "DOWN")]),
        ([(0, 0.029), (10, -0.029)], []),
        ([(0, 0.03)], [(0, "UP")]),
        ([(0, 0.05), (10, 0.06), (700, 0.07), (5000, 0.05)], [(0, "UP")]),
        ([(0, 0.05), (10, -0.05)], [(0, "UP"), (10, "DOWN")]),
        ([(0, -0.05), (10, 0.05)], [(0, "DOWN"), (10, "UP")]),
        ([(0, 0.05), (10, 0.0), (599, 0.05)], [(0, "UP")]),
        ([(0, 0.05), (10, 0.0), (600, 0.05)], [(0, "UP"), (600, "UP")]),
        ([(0, 0.05), (10, 0.0), (590, 0.05), (600, 0.05), (610, 0.05)], [(0, "UP"), (600, "UP")]),
        ([(0, 0.05), (10, -0.05), (20, 0.05), (605, 0.05)], [(0, "UP"), (10, "DOWN"), (605, "UP")]),
        ([(0, 0.05), (10, None), (20, 0.05)], [(0, "UP")]),
        ([(0, None), (10, 0.05)], [(10, "UP")]),
    ],
    ids=[
        "above",
        "below",
        "within",
        "exactly at the threshold",
        "staying outside is silent even after the cooldown",
        "straight from up to down",
        "straight from down to up",
        "back inside and out again within the cooldown",
        "back inside and out again when the cooldown is over",
        "held back by the cooldown and told when it ends",
        "straight back within the cooldown",
        "without a baseline the state stays",
        "the first baseline",
    ],
)
def test_an_excursion_is_told_once(path: list[tuple[float, float | None]], alerts: list[tuple[float, str]]) -> None:
    assert alerted(*path) == alerts


@pytest.mark.parametrize(("base", "alerts"), [(100_000.0, 1), (99_999.0, 0)])
def test_a_move_of_fewer_contracts_than_the_least_is_no_alert(base: float, alerts: int) -> None:
    _, found = open_interest.step(Memory(), THRESHOLDS, observed(0.05, base=base))

    assert len(found) == alerts


def test_a_move_that_was_too_small_may_still_alert_when_it_grows() -> None:
    memory, small = open_interest.step(Memory(), THRESHOLDS, observed(0.04, base=100_000.0))
    memory, grown = open_interest.step(memory, THRESHOLDS, observed(0.06, NOW + 10, base=100_000.0))

    assert (len(small), len(grown)) == (0, 1)


def test_a_crossing_that_is_held_back_leaves_the_state_inside() -> None:
    up = Memory({"BTCUSDT|5 min": State.UP}, {"BTCUSDT|DOWN|5 min": NOW - 10})

    held_back, _ = open_interest.step(up, THRESHOLDS, observed(-0.05))
    too_small, _ = open_interest.step(up, THRESHOLDS, observed(-0.04, base=100_000.0))

    assert held_back.states == too_small.states == {}


@pytest.mark.parametrize(("timeframe", "threshold"), [(0, 0.03), (1, 0.07), (2, 0.12)])
def test_each_timeframe_has_its_own_threshold(timeframe: int, threshold: float) -> None:
    _, below = open_interest.step(Memory(), THRESHOLDS, observed(threshold - 0.001, timeframe=timeframe))
    _, (alert,) = open_interest.step(Memory(), THRESHOLDS, observed(threshold + 0.001, timeframe=timeframe))

    assert below == []
    assert alert.timeframe == ("5 min", "15 min", "1 hour")[timeframe]


def test_one_sample_can_alert_in_every_timeframe() -> None:
    sample = OpenInterestSample("BTCUSDT", NOW, 2 * BASE)

    _, alerts = open_interest.step(Memory(), THRESHOLDS, Observation(sample, [Baseline(NOW - 300, BASE, None)] * 3))

    assert [alert.timeframe for alert in alerts] == ["5 min", "15 min", "1 hour"]


@pytest.mark.parametrize(
    ("mark", "earlier_mark", "price_change"),
    [(101.0, 100.0, 0.01), (None, 100.0, None), (101.0, None, None), (101.0, 0.0, None)],
)
def test_an_alert_carries_both_ends_and_the_price_change_only_when_both_marks_are_known(
    mark: float | None, earlier_mark: float | None, price_change: float | None
) -> None:
    sample = OpenInterestSample("BTCUSDT", NOW, 105_020.0, mark, 0.0001)
    baselines = [Baseline(NOW - 300, 100_000.0, earlier_mark), None, None]

    _, alerts = open_interest.step(Memory(), THRESHOLDS, Observation(sample, baselines))

    assert alerts == [
        OpenInterestAlert(
            symbol="BTCUSDT",
            direction=Direction.UP,
            timeframe="5 min",
            timestamp=datetime.fromtimestamp(NOW, UTC),
            baseline=100_000.0,
            current=105_020.0,
            pct_change=0.0502,
            abs_change=5020.0,
            source="oi_realtime_poller",
            price_change=price_change,
            funding_rate=0.0001,
        )
    ]


def test_the_memory_has_the_keys_of_the_state_files() -> None:
    memory, _ = open_interest.step(Memory(), THRESHOLDS, observed(-0.05))

    assert msgspec.to_builtins(memory) == {
        "states": {"BTCUSDT|5 min": "DOWN"},
        "cooldowns": {"BTCUSDT|DOWN|5 min": NOW},
    }


def test_usdcusdt_is_never_alerted() -> None:
    assert open_interest.step(Memory(), THRESHOLDS, observed(0.5, symbol="USDCUSDT")) == (Memory(), [])


def test_a_cooldown_that_lies_ahead_of_a_clock_set_back_begins_anew_and_does_not_last_for_ever() -> None:
    memory = Memory(cooldowns={"BTCUSDT|UP|5 min": NOW + 10**8})

    memory, at_first = open_interest.step(memory, THRESHOLDS, observed(0.05, NOW))
    memory, still_resting = open_interest.step(memory, THRESHOLDS, observed(0.05, NOW + 599))
    memory, over = open_interest.step(memory, THRESHOLDS, observed(0.05, NOW + 600))

    assert (at_first, still_resting, len(over)) == ([], [], 1)


def told(pct: float, at: float, **how: Any) -> OpenInterestAlert:
    """Return an alert as it was put down at that time."""
    _, (alert,) = open_interest.step(Memory(), THRESHOLDS, observed(pct, at, **how))
    return alert


def test_what_was_told_and_not_saved_is_remembered() -> None:
    memory = open_interest.recall(Memory(), NOW - 20, [told(0.05, NOW - 10), told(-0.13, NOW - 5, timeframe=2)])

    assert memory == Memory(
        {"BTCUSDT|5 min": State.UP, "BTCUSDT|1 hour": State.DOWN},
        {"BTCUSDT|UP|5 min": NOW - 10, "BTCUSDT|DOWN|1 hour": NOW - 5},
    )


def test_what_was_saved_after_it_was_told_is_newer() -> None:
    saved = Memory({}, {"BTCUSDT|UP|5 min": NOW - 100})

    assert open_interest.recall(saved, NOW - 20, [told(0.05, NOW - 100)]) == saved
    assert open_interest.recall(saved, NOW - 20, [told(0.05, NOW - 700)]) == saved


def test_of_several_alerts_that_were_not_saved_the_last_says_where_it_stands() -> None:
    memory = open_interest.recall(Memory(), NOW - 20, [told(0.05, NOW - 10), told(-0.05, NOW - 5)])

    assert memory.states == {"BTCUSDT|5 min": State.DOWN}


def test_a_lost_file_of_cooldowns_is_made_up_from_what_was_told() -> None:
    saved = Memory({"ETHUSDT|5 min": State.UP}, {})

    memory = open_interest.recall(saved, NOW - 20, [told(0.05, NOW - 500)])

    assert memory == Memory({"ETHUSDT|5 min": State.UP}, {"BTCUSDT|UP|5 min": NOW - 500})


def test_the_state_of_a_symbol_without_a_history_is_forgotten_and_its_cooldown_is_not() -> None:
    memory = Memory({"BTCUSDT|5 min": State.UP, "OLDUSDT|5 min": State.UP}, {"OLDUSDT|UP|5 min": NOW})

    assert open_interest.forget(memory, {"BTCUSDT"}) == Memory({"BTCUSDT|5 min": State.UP}, {"OLDUSDT|UP|5 min": NOW})


@pytest.mark.parametrize(("lookback", "cooldown", "seconds"), [(3600.0, 600.0, 3600.0), (300.0, 86_400.0, 86_400.0)])
def test_an_alert_matters_for_its_cooldown_or_its_lookback(lookback: float, cooldown: float, seconds: float) -> None:
    assert open_interest.longest_memory(Thresholds((Timeframe("5 min", 0.03, lookback, cooldown),))) == seconds


SYMBOLS = ["BTCUSDT", "ETHUSDT", "币安人生USDT"]
factors = st.sampled_from([0.85, 0.93, 0.96, 0.98, 1.0, 1.0, 1.0, 1.02, 1.04, 1.08, 1.16])
walks = st.lists(st.tuples(st.integers(5, 400), st.lists(factors, min_size=3, max_size=3)), max_size=50)
Walk = list[tuple[int, list[float]]]


def polled(
    walk: Walk, order: list[int], thresholds: Thresholds = THRESHOLDS, *, restarts: bool = False
) -> list[OpenInterestAlert]:
    """Poll three symbols along their random walks."""
    histories = {symbol: History() for symbol in SYMBOLS}
    levels = dict.fromkeys(SYMBOLS, BASE)
    memory, alerts, now = Memory(), [], NOW
    for gap, moves in walk:
        now += gap
        for index in order:
            symbol = SYMBOLS[index]
            levels[symbol] *= moves[index]
            sample = OpenInterestSample(symbol, now, levels[symbol])
            if restarts:
                memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)
                histories = msgspec.json.decode(msgspec.json.encode(histories), type=dict[str, History])
            histories[symbol], baselines = history.step(histories[symbol], REACH, sample)
            memory, found = open_interest.step(memory, thresholds, Observation(sample, baselines))
            alerts += found
    return alerts


@given(walks)
def test_an_alert_reaches_threshold_and_least_move_and_keeps_the_cooldown(walk: Walk) -> None:
    timeframes = {timeframe.label: timeframe for timeframe in TIMEFRAMES}
    last: dict[tuple[str, str, str], float] = {}
    for alert in polled(walk, [0, 1, 2]):
        timeframe, key = timeframes[alert.timeframe], (alert.symbol, alert.timeframe, str(alert.direction))
        at = alert.timestamp.timestamp()

        assert abs(alert.pct_change) >= timeframe.threshold
        assert abs(alert.abs_change) >= 5000
        assert (alert.pct_change > 0) is (alert.direction is Direction.UP)
        assert at - last.get(key, 0.0) >= timeframe.cooldown_seconds
        last[key] = at


@given(st.lists(st.tuples(st.integers(5, 900), st.sampled_from([-0.05, 0.0, 0.05, None])), max_size=60))
def test_no_episode_is_told_twice(path: list[tuple[int, float | None]]) -> None:
    memory, now = Memory(), NOW
    side, told = 0.0, 0
    for gap, pct in path:
        now += gap
        memory, alerts = open_interest.step(memory, THRESHOLDS, observed(pct, now))

        if pct is not None and pct != side:  # another episode; without a baseline it is still the same
            side, told = pct, 0
        told += len(alerts)
        assert told <= (1 if side else 0)


@given(walks)
def test_while_nothing_leaves_its_threshold_there_is_silence(walk: Walk) -> None:
    never = tuple(Timeframe(frame.label, 1e9, frame.lookback_seconds, frame.cooldown_seconds) for frame in TIMEFRAMES)

    assert polled(walk, [0, 1, 2], Thresholds(never)) == []


@given(walks, st.randoms(use_true_random=False))
def test_the_order_of_unrelated_symbols_does_not_matter(walk: Walk, chance: random.Random) -> None:
    order = [0, 1, 2]
    chance.shuffle(order)

    def by_key(alerts: list[OpenInterestAlert]) -> list[OpenInterestAlert]:
        return sorted(alerts, key=lambda alert: alert.key)

    assert by_key(polled(walk, order)) == by_key(polled(walk, [0, 1, 2]))


@given(walks)
def test_a_kill_between_what_is_told_and_what_is_saved_tells_nothing_twice(walk: Walk) -> None:
    now, level, memory, told_so_far = NOW, BASE, Memory(), []
    series = History()
    for gap, moves in walk:
        now += gap
        level *= moves[0]
        sample = OpenInterestSample("BTCUSDT", now, level)
        series, baselines = history.step(series, REACH, sample)
        observation = Observation(sample, baselines)
        after, alerts = open_interest.step(memory, THRESHOLDS, observation)
        told_so_far += alerts

        recalled = open_interest.recall(memory, now - gap, told_so_far)
        _, again = open_interest.step(recalled, THRESHOLDS, observation)
        assert not {alert.key for alert in again} & {alert.key for alert in told_so_far}
        memory = after


@given(walks)
def test_a_restart_between_any_two_samples_changes_nothing(walk: Walk) -> None:
    assert polled(walk, [0, 1, 2], restarts=True) == polled(walk, [0, 1, 2])


def test_the_changes_are_fractions_of_each_baseline_and_unknown_without_one() -> None:
    sample = OpenInterestSample("BTCUSDT", 1000.0, 110.0)
    baselines = (Baseline(700.0, 100.0, None), None, Baseline(0.0, 220.0, None))

    assert list(open_interest.changes(Observation(sample, baselines))) == [pytest.approx(0.1), None, -0.5]

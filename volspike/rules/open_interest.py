"""When a move of open interest deserves an alert: once for each excursion beyond a timeframe's threshold."""

import math
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from volspike.model.alerts import Direction, OpenInterestAlert
from volspike.model.market import OpenInterestSample
from volspike.rules.history import Baseline

SOURCE = "oi_realtime_poller"
_SEPARATOR = "|"
NEVER_ALERTED = frozenset({"USDCUSDT"})
"""Sampled like the others, but one dollar against another is no market."""


class Timeframe(Struct, frozen=True):
    """How far open interest must move (a fraction) within how many seconds, and how long an alert then rests."""

    label: str
    threshold: float
    lookback_seconds: float
    cooldown_seconds: float


TIMEFRAMES = (
    Timeframe("5 min", 0.03, 300, 600),
    Timeframe("15 min", 0.07, 900, 900),
    Timeframe("1 hour", 0.12, 3600, 3600),
)
"""The labels are the backend's: it takes no others."""


class Thresholds(Struct, frozen=True):
    """What makes an alert in each timeframe; no move of fewer than `min_delta_contracts` does in any."""

    timeframes: tuple[Timeframe, ...] = TIMEFRAMES
    min_delta_contracts: float = 5000.0


class State(StrEnum):
    """Where open interest stands against its baseline: within the threshold, or out on one side of it."""

    INSIDE = "INSIDE"
    UP = "UP"
    DOWN = "DOWN"


class Memory(Struct, frozen=True):
    """What is remembered of all symbols, with the keys of the state files.

    `states` has `SYMBOL|timeframe` for those that are not inside, `cooldowns` the epoch of the latest alert of each
    `SYMBOL|direction|timeframe`.
    """

    states: dict[str, State] = {}
    cooldowns: dict[str, float] = {}


class Observation(Struct, frozen=True):
    """A sample and its baseline in each timeframe, in the order of the thresholds; None where there is none."""

    sample: OpenInterestSample
    baselines: Sequence[Baseline | None]


def step(memory: Memory, thresholds: Thresholds, observation: Observation) -> tuple[Memory, list[OpenInterestAlert]]:
    """Take one sample; return the new memory and the alerts it earns, at most one in each timeframe.

    Without a baseline nothing is decided and the state stays.
    """
    alerts: list[OpenInterestAlert] = []
    if observation.sample.symbol in NEVER_ALERTED:
        return memory, alerts
    for timeframe, baseline in zip(thresholds.timeframes, observation.baselines, strict=True):
        if baseline is None:
            continue
        memory, alert = _judge(memory, timeframe, thresholds.min_delta_contracts, observation.sample, baseline)
        if alert is not None:
            alerts.append(alert)
    return memory, alerts


def changes(observation: Observation) -> tuple[float | None, ...]:
    """Return by what fraction open interest has moved in each timeframe, in the order of the thresholds."""
    current = observation.sample.open_interest
    return tuple(
        None if baseline is None else (current - baseline.open_interest) / baseline.open_interest
        for baseline in observation.baselines
    )


def recall(saved: Memory, saved_at: float, alerts: Iterable[OpenInterestAlert]) -> Memory:
    """Return the memory of the last run: what it has saved, and what it told (oldest first) and could not save.

    An alert is put down before the memory it leaves behind, so a run that was killed in between has told more than
    it remembers. A cooldown is that of the latest alert; a state is that of an alert later than what was saved.
    """
    states, cooldowns = dict(saved.states), dict(saved.cooldowns)
    for alert in alerts:
        at = alert.timestamp.timestamp()
        key = _cooldown_key(alert.symbol, alert.direction, alert.timeframe)
        cooldowns[key] = max(cooldowns.get(key, at), at)
        if at > saved_at:
            states[_place(alert.symbol, alert.timeframe)] = State(alert.direction)
    return Memory(states, cooldowns)


def forget(memory: Memory, symbols: Container[str]) -> Memory:
    """Return the memory with the states of these symbols only; cooldowns stay, they end by themselves.

    The state of a symbol that has no history any more tells nothing of where it stands when it comes back.
    """
    states = {place: state for place, state in memory.states.items() if place.partition(_SEPARATOR)[0] in symbols}
    return replace(memory, states=states)


def longest_memory(thresholds: Thresholds) -> float:
    """Return for how many seconds an alert has a say in what comes after it."""
    return max(max(frame.cooldown_seconds, frame.lookback_seconds) for frame in thresholds.timeframes)


def _place(symbol: str, timeframe: str) -> str:
    return f"{symbol}{_SEPARATOR}{timeframe}"


def _cooldown_key(symbol: str, direction: Direction | State, timeframe: str) -> str:
    return f"{symbol}{_SEPARATOR}{direction}{_SEPARATOR}{timeframe}"


def _judge(
    memory: Memory, timeframe: Timeframe, min_delta_contracts: float, sample: OpenInterestSample, baseline: Baseline
) -> tuple[Memory, OpenInterestAlert | None]:
    """Judge one timeframe. A crossing that is held back leaves the state inside, so that it may still alert later."""
    change = sample.open_interest - baseline.open_interest
    state = _state(change / baseline.open_interest, timeframe.threshold)
    place = _place(sample.symbol, timeframe.label)
    if state is memory.states.get(place, State.INSIDE):
        return memory, None
    if state is State.INSIDE or abs(change) < min_delta_contracts:
        return _inside(memory, place), None
    key = _cooldown_key(sample.symbol, state, timeframe.label)
    memory = _without_future(memory, key, sample.at)
    if sample.at - memory.cooldowns.get(key, -math.inf) < timeframe.cooldown_seconds:
        return _inside(memory, place), None
    memory = Memory({**memory.states, place: state}, {**memory.cooldowns, key: sample.at})
    return memory, _alert(timeframe, Direction(state), sample, baseline)


def _state(pct_change: float, threshold: float) -> State:
    if abs(pct_change) < threshold:
        return State.INSIDE
    return State.UP if pct_change > 0 else State.DOWN


def _inside(memory: Memory, place: str) -> Memory:
    if place not in memory.states:
        return memory
    return replace(memory, states={key: state for key, state in memory.states.items() if key != place})


def _without_future(memory: Memory, key: str, at: float) -> Memory:
    """Return the memory with a cooldown that a clock set back has left in the future begun now, lest it rest on."""
    if memory.cooldowns.get(key, at) <= at:
        return memory
    return replace(memory, cooldowns={**memory.cooldowns, key: at})


def _alert(
    timeframe: Timeframe, direction: Direction, sample: OpenInterestSample, baseline: Baseline
) -> OpenInterestAlert:
    change = sample.open_interest - baseline.open_interest
    return OpenInterestAlert(
        symbol=sample.symbol,
        direction=direction,
        timeframe=timeframe.label,
        timestamp=datetime.fromtimestamp(sample.at, UTC),
        baseline=baseline.open_interest,
        current=sample.open_interest,
        pct_change=change / baseline.open_interest,
        abs_change=change,
        source=SOURCE,
        price_change=_price_change(sample.mark_price, baseline.mark_price),
        funding_rate=sample.funding_rate,
    )


def _price_change(now: float | None, then: float | None) -> float | None:
    return None if now is None or not then else (now - then) / then

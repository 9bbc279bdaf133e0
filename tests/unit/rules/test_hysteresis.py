"""The liquid universe: who enters, who stays, and when a new universe must not be posted."""

import random
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.model.universe import Member, UniverseRow
from volspike.rules import hysteresis
from volspike.rules.hysteresis import Memory, Observation, Refusal, Thresholds

NOW = 1_767_362_400.0
EARLIER = NOW - 300
THRESHOLDS = Thresholds()


def seen(volumes: dict[str, float], tradable: set[str] | None = None, *, forced: bool = False) -> Observation:
    return Observation(NOW, frozenset(volumes if tradable is None else tradable), volumes, forced)


def universe(*symbols: str) -> Memory:
    return Memory({symbol: Member(5e6, EARLIER, EARLIER) for symbol in symbols})


def many(number: int) -> dict[str, float]:
    return {f"S{index}USDT": 5e6 for index in range(number)}


@pytest.mark.parametrize(
    ("volume", "outside", "inside"),
    [
        (4_000_000.0, True, True),
        (3_999_999.0, False, True),
        (2_000_000.0, False, True),
        (1_999_999.0, False, False),
    ],
)
def test_entering_takes_more_volume_than_staying(volume: float, outside: bool, inside: bool) -> None:
    observation = seen({"BTCUSDT": 1e9, "XUSDT": volume})

    entered, _ = hysteresis.step(universe("BTCUSDT"), THRESHOLDS, observation)
    stayed, _ = hysteresis.step(universe("BTCUSDT", "XUSDT"), THRESHOLDS, observation)

    assert ("XUSDT" in entered.members, "XUSDT" in stayed.members) == (outside, inside)


def test_rows_come_by_symbol_and_only_a_new_one_says_when_it_entered() -> None:
    memory, rows = hysteresis.step(universe("ETHUSDT"), THRESHOLDS, seen({"ETHUSDT": 3e6, "BTCUSDT": 9e6}))

    now = datetime.fromtimestamp(NOW, UTC)
    assert rows == [UniverseRow("BTCUSDT", 9e6, now, now), UniverseRow("ETHUSDT", 3e6, None, now)]
    assert memory == Memory({"BTCUSDT": Member(9e6, NOW, NOW), "ETHUSDT": Member(3e6, EARLIER, NOW)})


def test_a_symbol_that_does_not_trade_any_more_leaves() -> None:
    memory, _ = hysteresis.step(
        universe("BTCUSDT", "GONEUSDT"), THRESHOLDS, seen({"BTCUSDT": 1e9, "GONEUSDT": 1e9}, {"BTCUSDT"})
    )

    assert set(memory.members) == {"BTCUSDT"}


def test_a_member_whose_ticker_is_missing_stays_as_it_was_and_a_stranger_does_not_enter() -> None:
    volumes = many(20)
    tradable = {*volumes, "QUIETUSDT", "STRANGEUSDT"}

    memory, rows = hysteresis.step(universe("QUIETUSDT", *volumes), THRESHOLDS, seen(volumes, tradable))

    assert set(memory.members) == {*volumes, "QUIETUSDT"}
    assert memory.members["QUIETUSDT"] == Member(5e6, EARLIER, EARLIER)
    assert isinstance(rows, list)
    assert len(rows) == 21


@pytest.mark.parametrize(
    ("before", "observation", "reason"),
    [
        (universe(), seen({}), "the new universe is empty: none of 0 tradable symbols is liquid enough"),
        (universe("BTCUSDT"), seen({"BTCUSDT": 1e6}), "the new universe is empty: none of 1 tradable symbols"),
        (universe(), seen(many(8), set(many(9))), "only 8 of 9 tradable symbols have a ticker, at least 90 % expected"),
        (universe(*many(10)), seen({}, set(many(10))), "only 0 of 10 tradable symbols have a ticker"),
        (universe(*many(9)), seen(many(4)), "the new universe has 4 symbols, less than half of the 9 of the old one"),
    ],
)
def test_a_universe_out_of_incomplete_answers_is_refused_and_the_old_one_stays(
    before: Memory, observation: Observation, reason: str
) -> None:
    memory, refusal = hysteresis.step(before, THRESHOLDS, observation)

    assert memory == before
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith(reason)


@pytest.mark.parametrize(
    ("before", "observation"),
    [(universe(), seen(many(9), set(many(10)))), (universe(*many(8)), seen(many(4)))],
)
def test_nine_tenths_of_the_tickers_and_half_of_the_old_universe_are_enough(
    before: Memory, observation: Observation
) -> None:
    assert isinstance(hysteresis.step(before, THRESHOLDS, observation)[1], list)


@pytest.mark.parametrize(
    ("before", "observation", "accepted"),
    [
        (universe(), seen(many(8), set(many(9)), forced=True), True),
        (universe(*many(9)), seen(many(4), forced=True), True),
        (universe(*many(9)), seen({"XUSDT": 1.0}, forced=True), False),
    ],
)
def test_the_operator_may_insist_but_not_on_an_empty_universe(
    before: Memory, observation: Observation, accepted: bool
) -> None:
    assert isinstance(hysteresis.step(before, THRESHOLDS, observation)[1], list) is accepted


paths = st.lists(
    st.dictionaries(st.sampled_from(["AUSDT", "BUSDT", "CUSDT"]), st.sampled_from([1e6, 2e6, 3e6, 4e6, 5e6])),
    max_size=12,
)


def followed(
    path: list[dict[str, float]], *, restarts: bool = False, shuffled: random.Random | None = None
) -> list[Memory]:
    memory, memories = Memory(), []
    for number, volumes in enumerate(path):
        if restarts:
            memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)
        items = list(volumes.items())
        if shuffled is not None:
            shuffled.shuffle(items)
        observation = Observation(NOW + 300 * number, frozenset(volumes), dict(items), forced=True)
        memory, _ = hysteresis.step(memory, THRESHOLDS, observation)
        memories.append(memory)
    return memories


@given(paths)
def test_a_restart_between_any_two_refreshes_changes_nothing(path: list[dict[str, float]]) -> None:
    assert followed(path, restarts=True) == followed(path)


@given(paths, st.randoms(use_true_random=False))
def test_the_order_of_the_tickers_does_not_matter(path: list[dict[str, float]], chance: random.Random) -> None:
    assert followed(path, shuffled=chance) == followed(path)


@given(st.lists(st.floats(2e6, 3.99e6), max_size=30), st.booleans())
def test_between_the_thresholds_nothing_ever_changes(volumes: list[float], starts_inside: bool) -> None:
    memory = universe("BTCUSDT", "XUSDT") if starts_inside else universe("BTCUSDT")
    for volume in volumes:
        memory, _ = hysteresis.step(memory, THRESHOLDS, seen({"BTCUSDT": 1e9, "XUSDT": volume}))

        assert ("XUSDT" in memory.members) is starts_inside

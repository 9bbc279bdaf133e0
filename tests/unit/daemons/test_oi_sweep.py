"""A sweep: every symbol asked once, many at a time; what is refused, fails or hangs ends it as little as it must."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.unit.clocks import MovedClock
from tests.unit.examples import NOW
from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.daemons import oi_sweep
from volspike.daemons.oi_sweep import CONNECTIONS, Reading, Sweep
from volspike.runtime.errands import Crew

SYMBOLS = [f"S{number}USDT" for number in range(60)]


def never() -> bool:
    return False


def read(sweep: Sweep) -> list[Reading]:
    return [reading for readings in sweep.readings() for reading in readings]


Made = Callable[..., Sweep]


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew(CONNECTIONS)
    yield made
    made.dismiss()


@pytest.fixture
def sweep_of(crew: Crew) -> Made:
    """Return a sweep over some symbols, each asked for so."""

    def made(ask: Callable[[str], float], symbols: list[str] = SYMBOLS) -> Sweep:
        return Sweep(ask, symbols, crew, MovedClock(anchor=NOW), never)

    return made


def test_every_symbol_is_asked_once_and_read_with_its_time(sweep_of: Made) -> None:
    asked: list[str] = []

    def ask(symbol: str) -> float:
        asked.append(symbol)
        return 1.0 + SYMBOLS.index(symbol)

    readings = read(sweep_of(ask))

    assert sorted(asked) == sorted(SYMBOLS)
    assert sorted(readings) == sorted(Reading(symbol, NOW, 1.0 + place) for place, symbol in enumerate(SYMBOLS))


def test_nothing_to_ask_is_a_sweep_too(sweep_of: Made) -> None:
    assert read(sweep_of(lambda _: 1.0, [])) == []


def test_twenty_are_asked_at_once_and_never_more(sweep_of: Made) -> None:
    together = threading.Barrier(20)
    under_way: list[int] = []
    lock = threading.Lock()
    count = 0

    def ask(_: str) -> float:
        nonlocal count
        with lock:
            count += 1
            under_way.append(count)
        together.wait(60)
        with lock:
            count -= 1
        return 1.0

    assert len(read(sweep_of(ask))) == 60
    assert max(under_way) == 20


@pytest.mark.parametrize("open_interest", [0.0, -1.0])
def test_open_interest_that_is_not_above_zero_is_dropped(sweep_of: Made, open_interest: float) -> None:
    sweep = sweep_of(lambda _: open_interest)

    assert (read(sweep), sweep.failures) == ([], 0)


def test_a_symbol_that_settles_is_told_apart_from_failures(sweep_of: Made) -> None:
    def ask(symbol: str) -> float:
        if symbol == "S7USDT":
            raise Permanent("settling", -4108)
        if symbol == "S9USDT":
            raise Permanent("Invalid symbol.", -1121)
        return 1.0

    sweep = sweep_of(ask)

    assert len(read(sweep)) == 58
    assert (sweep.settling, sweep.failures, sweep.problem) == (["S7USDT"], 1, "Invalid symbol.")


def test_a_refusal_of_everything_ends_the_sweep(sweep_of: Made) -> None:
    asked = []

    def ask(symbol: str) -> float:
        asked.append(symbol)
        raise ShutOut("HTTP 418", 120)

    sweep = sweep_of(ask)

    assert read(sweep) == []
    assert sweep.shut_out is not None
    assert len(asked) <= 20


def test_twenty_failures_in_a_row_end_the_sweep(sweep_of: Made) -> None:
    asked = []

    def ask(symbol: str) -> float:
        asked.append(symbol)
        raise Transient("no answer in time")

    sweep = sweep_of(ask)

    assert read(sweep) == []
    assert (sweep.given_up, sweep.problem) == (True, "no answer in time")
    assert sweep.failures == len(asked) < 40


def test_failures_among_answers_cost_only_themselves(sweep_of: Made) -> None:
    def ask(symbol: str) -> float:
        if SYMBOLS.index(symbol) % 2:
            raise Transient("HTTP 503")
        return 1.0

    sweep = sweep_of(ask)

    assert len(read(sweep)) == 30
    assert (sweep.failures, sweep.given_up) == (30, False)


def test_symbols_that_the_exchange_does_not_know_do_not_end_the_sweep(sweep_of: Made) -> None:
    def ask(symbol: str) -> float:
        if SYMBOLS.index(symbol) < 40:
            raise Permanent("Invalid symbol.", -1121)
        return 1.0

    sweep = sweep_of(ask)

    assert len(read(sweep)) == 20
    assert (sweep.failures, sweep.given_up) == (40, False)


def test_a_country_that_is_blocked_ends_the_sweep(sweep_of: Made) -> None:
    def ask(_: str) -> float:
        raise Permanent("HTTP 451: Binance refuses requests from this country or network")

    sweep = sweep_of(ask)

    assert (read(sweep), sweep.given_up) == ([], True)


def test_a_stop_waits_for_no_answer_and_keeps_what_was_answered(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oi_sweep, "LEAVE_SECONDS", 0.5)
    release = threading.Event()
    stopping = threading.Event()

    def ask(symbol: str) -> float:
        if symbol != "S0USDT":
            stopping.set()
            release.wait(60)
        return 1.0

    sweep = Sweep(ask, SYMBOLS[:2], crew, MovedClock(rate=20.0), stopping.is_set)
    started = time.monotonic()

    symbols = {reading.symbol for reading in read(sweep)}

    took = time.monotonic() - started
    release.set()
    assert "S0USDT" in symbols
    assert took < 10


def test_an_error_that_nobody_foresaw_is_not_taken_for_a_quiet_market(sweep_of: Made) -> None:
    def ask(_: str) -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read(sweep_of(ask))

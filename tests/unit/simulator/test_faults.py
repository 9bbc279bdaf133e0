"""The book of faults."""

import contextlib
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.simulator import faults
from volspike.simulator.faults import KINDS, Board, FaultError

NOW = 1000.0


@pytest.fixture
def board() -> Board:
    return Board(frozenset({"BTCUSDT", "ADAUSDT", "币安人生USDT"}))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_started_with_its_defaults_and_ended(board: Board, kind: str) -> None:
    board.put({"kind": kind}, NOW)
    assert [fault.kind for fault in board.active(NOW)] == [kind]

    board.clear(kind)
    assert board.active(NOW) == []


def test_a_fault_ends_by_itself_after_its_time(board: Board) -> None:
    board.put({"kind": "silent", "for_seconds": 5}, NOW)

    assert board.find("silent", NOW + 4.9)
    assert board.find("silent", NOW + 5) is None
    assert board.active(NOW + 5) == []


def test_a_ban_ends_when_it_says(board: Board) -> None:
    assert board.put({"kind": "ban", "seconds": 30}, NOW).until == NOW + 30


def test_asking_again_replaces_the_fault(board: Board) -> None:
    board.put({"kind": "slow", "seconds": 1}, NOW)
    board.put({"kind": "slow", "seconds": 9}, NOW)

    assert [fault.number("seconds") for fault in board.active(NOW)] == [9]


def test_scope_current_spares_connections_opened_later(board: Board) -> None:
    fault = board.put({"kind": "silent", "scope": "current"}, NOW, connections=3)

    assert fault.concerns(3)
    assert not fault.concerns(4)
    assert board.put({"kind": "silent"}, NOW, connections=3).concerns(4)


def test_the_command_line_speaks_the_same_language(board: Board) -> None:
    fault = board.put(faults.parse("null_symbol:symbol=币安人生USDT,for_seconds=2.5"), NOW)

    assert fault.text("symbol") == "币安人生USDT"
    assert fault.until == NOW + 2.5
    assert board.put(faults.parse("refuse"), NOW).until == inf


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("nonsense", "unknown fault 'nonsense'; allowed: silent, half_open, "),
        ("silent:scope=some", "fault silent: scope=some: not all or current"),
        ("slow:seconds=soon", "fault slow: seconds=soon: not a number from 0 to 86400"),
        ("slow:seconds=nan", "fault slow: seconds=nan: not a number from 0 to 86400"),
        ("slow:seconds=-1", "fault slow: seconds=-1: not a number from 0 to 86400"),
        ("slow:speed=1", "fault slow: unknown parameter 'speed'; allowed: seconds, scope, path, for_seconds"),
        ("slow:seconds", "fault slow: 'seconds' is not name=value"),
        ("null_symbol:symbol=NOPE", "fault null_symbol: symbol=NOPE: not a listed symbol"),
        ("limit:for_seconds=long", "fault limit: for_seconds=long: not a number of seconds"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_line(board: Board, wanted: str, message: str) -> None:
    with pytest.raises(FaultError) as refused:
        board.put(faults.parse(wanted), NOW)

    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
    assert board.active(NOW) == []


@pytest.mark.parametrize("kind", [None, 5, ["silent"], {}])
def test_a_kind_that_is_no_word_is_refused(board: Board, kind: object) -> None:
    with pytest.raises(FaultError, match="unknown fault"):
        board.put({"kind": kind}, NOW)


def test_ending_what_is_not_active_is_no_error_but_an_unknown_kind_is(board: Board) -> None:
    board.clear("silent")
    board.clear()

    with pytest.raises(FaultError, match="unknown fault 'quiet'"):
        board.clear("quiet")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


PARAMETERS = st.dictionaries(st.sampled_from(["scope", "seconds", "path", "x"]), JSON, max_size=2)


@given(st.sampled_from(sorted(KINDS)), PARAMETERS)
def test_any_json_is_either_taken_or_refused_in_words(kind: str, parameters: dict[str, object]) -> None:
    board = Board(frozenset())

    with contextlib.suppress(FaultError):
        board.put({**parameters, "kind": kind}, NOW)

    for fault in board.active(NOW):
        assert fault.parameters.keys() == KINDS[kind].parameters.keys()

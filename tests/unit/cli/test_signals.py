"""How signals end a command.

Each comes by `raise_signal`, which has come when it returns; one for a whole process may come when its test is over,
and end whoever runs the tests: what depends on it is left to a process of its own.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from signal import raise_signal
from types import FrameType

import pytest

from volspike.cli import signals


def undisturbed(number: int, _: FrameType | None) -> None:
    raise AssertionError(f"{signal.Signals(number).name} was not taken care of")


@pytest.fixture(autouse=True)
def as_of_a_terminal() -> Iterator[None]:
    """Heed every signal, as a command in a terminal does, whatever nohup or a shell in the background has spared us."""
    former = {number: signal.signal(number, undisturbed) for number in signals.ALL}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_what_is_ended_cleans_up_undisturbed_and_ends_with_the_code_of_its_signal(
    number: signal.Signals, code: int
) -> None:
    happened = []

    @signals.end_in_order()
    def work() -> None:
        try:
            raise_signal(number)
            happened.append("more work")
        finally:
            raise_signal(signal.SIGTERM)
            raise_signal(signal.SIGHUP)
            happened.append("the cleaning up")

    with pytest.raises(SystemExit) as ended:
        work()

    assert happened == ["the cleaning up"]
    assert ended.value.code == code


@pytest.mark.parametrize("again", signals.ALL)
def test_after_ctrl_c_the_cleaning_up_is_as_undisturbed(again: signal.Signals) -> None:
    happened = []

    @signals.end_in_order()
    def work() -> None:
        try:
            raise_signal(signal.SIGINT)
            happened.append("more work")
        finally:
            raise_signal(again)
            happened.append("the cleaning up")

    with pytest.raises(KeyboardInterrupt):
        work()

    assert happened == ["the cleaning up"]


def test_afterwards_signals_do_what_they_did_before() -> None:
    before = [signal.getsignal(number) for number in signals.ALL]

    with signals.end_in_order():
        pass

    assert [signal.getsignal(number) for number in signals.ALL] == before


def test_a_command_that_outlives_its_terminal_goes_on_doing_so() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.end_in_order():
            raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, former)


@pytest.mark.parametrize("number", signals.ALL)
def test_what_is_held_back_is_heeded_behind_the_instant(number: signal.Signals) -> None:
    happened = []

    @signals.end_in_order()
    def work() -> None:
        with signals.held_back():
            raise_signal(number)
            happened.append("the instant")
        happened.append("more work")

    with pytest.raises((SystemExit, KeyboardInterrupt)):
        work()

    assert happened == ["the instant"]


def test_what_a_command_is_spared_is_spared_behind_the_instant_too() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.end_in_order(), signals.held_back():
            raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, former)


BESIDE_ANOTHER_THREAD = """
import os, signal, sys, threading, time
from volspike.cli import signals
for each in signals.ALL:
    signal.signal(each, signal.default_int_handler if each == signal.SIGINT else signal.SIG_DFL)
threading.Thread(target=threading.Event().wait, daemon=True).start()
with signals.end_in_order():
    with signals.held_back():
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(0.05)
        print("the instant", flush=True)
    print("more work", flush=True)
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_what_is_held_back_is_so_where_the_kernel_could_give_it_to_another_thread_too(
    number: signal.Signals, status: int
) -> None:
    command = [sys.executable, "-c", BESIDE_ANOTHER_THREAD, str(int(number))]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.stdout, ended.returncode) == ("the instant\n", status), ended.stderr

"""How signals end a command."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from volspike.cli import signals


@pytest.fixture(autouse=True)
def as_of_a_terminal() -> Iterator[None]:
    """Heed every signal, as a command in a terminal does, whatever nohup or a shell in the background has spared us."""
    former = {number: signal.getsignal(number) for number in signals.ALL}
    for number in signals.ALL:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
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
            os.kill(os.getpid(), number)
            happened.append("more work")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGHUP)
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
            os.kill(os.getpid(), signal.SIGINT)
            happened.append("more work")
        finally:
            os.kill(os.getpid(), again)
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
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, former)


@pytest.fixture(params=["alone", "beside another thread"])
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """The process has one thread, or another one too, which may be the one that the kernel gives a signal to."""
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    if request.param != "alone":
        other.start()
    yield
    over.set()
    if other.ident is not None:
        other.join()


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("number", signals.ALL)
def test_what_is_held_back_is_heeded_behind_the_instant(number: signal.Signals) -> None:
    happened = []

    @signals.end_in_order()
    def work() -> None:
        with signals.held_back():
            os.kill(os.getpid(), number)
            happened.append("the instant")
        happened.append("more work")

    with pytest.raises((SystemExit, KeyboardInterrupt)):
        work()

    assert happened == ["the instant"]


def test_what_a_command_is_spared_is_spared_behind_the_instant_too() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.end_in_order(), signals.held_back():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, former)

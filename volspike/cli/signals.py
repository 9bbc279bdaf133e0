"""What ends a command from outside: it cleans up behind itself, and its one irrevocable instant is not disturbed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite end, and a terminal that was closed; at the last two a process would end where it is."""
BY_SIGNAL = 128
"""To this a shell adds the number of the signal that ended a process."""


@contextmanager
def end_in_order() -> Iterator[None]:
    """Let these signals end what is inside by an exception, so that it cleans up behind itself.

    Only the first of them does, for the cleaning up must come to its end, also where Ctrl-C is pressed twice. What
    nohup(1) or a shell in the background spares it, it stays spared.
    """
    former = {number: signal.getsignal(number) for number in ALL}

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for each in former:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(BY_SIGNAL + number)

    for number, handler in former.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def held_back() -> Iterator[None]:
    """Let no signal disturb what takes an instant; one that comes meanwhile is heeded behind it.

    A mask would not do: it holds for one thread, and the kernel gives a signal to any that has none.
    """
    came: list[int] = []
    former = {each: signal.signal(each, lambda number, _frame: came.append(number)) for each in ALL}
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
    for number in came:
        signal.raise_signal(number)

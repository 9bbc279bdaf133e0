"""What ends a command from outside: it cleans up behind itself, and its one irrevocable instant is not disturbed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

WITHOUT_AN_EXCEPTION = (signal.SIGTERM, signal.SIGHUP)
"""At these a process ends where it is, unlike at Ctrl-C; SIGHUP says that the terminal was closed."""
ALL = (signal.SIGINT, *WITHOUT_AN_EXCEPTION)
BY_SIGNAL = 128
"""To this a shell adds the number of the signal that ended a process."""


@contextmanager
def end_in_order() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what is inside by an exception, so that it is cleaned up as after Ctrl-C.

    Only the first of them does, for the cleaning up must come to its end. What nohup(1) spares it, it stays spared.
    """
    former = {number: signal.getsignal(number) for number in WITHOUT_AN_EXCEPTION}

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for each in former:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(BY_SIGNAL + number)

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

"""Calls that may hang, made by threads which neither a signal nor the end of the process waits for.

A thread of a pool is joined when the interpreter ends: one request to a host that has gone silent would hold up a
stop until its time-out.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from volspike.runtime.daemon import Daemon

GLANCE_SECONDS = 0.05
"""How late, at most, a signal is noticed."""

T = TypeVar("T")


class Abandoned(Exception):  # noqa: N818 - says it all
    """A signal came before the calls had ended; what becomes of them concerns nobody any more."""


def pause(daemon: Daemon, seconds: float) -> None:
    """Rest for so many seconds, as a call that waits for its turn. Raises Abandoned when a signal comes."""
    daemon.pause(seconds)
    if daemon.stopping:
        raise Abandoned


def run(call: Callable[[], T], stopping: Callable[[], bool]) -> T:
    """Return what a call returns, made by a thread of its own. Raises Abandoned as soon as `stopping` says so."""
    crew = Crew(1)
    try:
        (result,) = crew.run([call], stopping)
    finally:
        crew.dismiss()
    return result


def settled(call: Callable[[], T]) -> Future[T]:
    """Make a call in this thread; return what it returned or raised, whatever that is but a KeyboardInterrupt."""
    future: Future[T] = Future()
    _settle(future, call)
    return future


def attempt(call: Callable[[], object]) -> BaseException | None:
    """Make a call in this thread; return what it raised, whatever that is but a KeyboardInterrupt, or None."""
    return settled(call).exception()


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # the one last resort: whoever wants the result gets it
        future.set_exception(error)
        if isinstance(error, KeyboardInterrupt):  # it is meant for the process, not for the call that it came upon
            raise


class Crew:
    """Threads that make calls, at most `hands` of them at once.

    They are the same ones as long as the crew lives: the C library keeps memory for each thread, and large answers
    that come to ever new ones let a process grow by their size again and again.
    """

    def __init__(self, hands: int) -> None:
        self._hands = hands
        self._threads = 0
        self._dismissed = False
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()

    def begin(self, call: Callable[[], T]) -> Future[T]:
        """Have a call made as soon as a hand is free; only one thread may give the crew its work."""
        future: Future[T] = Future()
        self._waiting.put((future, call))
        if self._threads < self._hands:
            self._threads += 1
            threading.Thread(target=self._work, daemon=True).start()
        return future

    def dismiss(self) -> None:
        """Begin no more calls; those under way end by themselves."""
        self._dismissed = True
        for _ in range(self._threads):
            self._waiting.put(None)

    def run(
        self,
        calls: Sequence[Callable[[], T]],
        stopping: Callable[[], bool],
        progress: Callable[[], None] | None = None,
    ) -> list[T]:
        """Return what each call returns, in their order; `progress` is told of each that has ended.

        Raises what the first failing one of them raises, and Abandoned as soon as `stopping` says so: the crew is
        dismissed then.
        """
        results = []
        for future in [self.begin(call) for call in calls]:
            results.append(self._awaited(future, stopping))
            if progress is not None:
                progress()
        return results

    def _awaited(self, future: Future[T], stopping: Callable[[], bool]) -> T:
        while not future.done():
            if stopping():
                self.dismiss()
                raise Abandoned
            wait((future,), GLANCE_SECONDS)
        return future.result()

    def _work(self) -> None:
        while (errand := self._waiting.get()) is not None and not self._dismissed:
            future, call = errand
            _settle(future, call)
            del errand, future, call  # the next may be long in coming

"""The hands that carry messages to one destination: threads of its own, so that it waits for no other one's."""

import logging
import random
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple

from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient, Unanswered
from volspike.model.delivery import Destination
from volspike.rules.delivery import Answer, Result
from volspike.runtime import errands

log = logging.getLogger(__name__)

RESULTS = (
    (Faulted, Result.FAULTED),
    (Unanswered, Result.UNANSWERED),
    (Transient, Result.LATER),
    (Misdirected, Result.MISDIRECTED),
    (Permanent, Result.REFUSED),
)
"""What each kind of error means for a row, the narrower kinds first; any other one is a bug in the row itself."""


class Load(NamedTuple):
    """What is carried at once: one row, or all the rows that a chat is told of in one message.

    `send` returns once it is taken, or raises one of the suite's kinds of errors.
    """

    ids: tuple[int, ...]
    send: Callable[[], None]


class Return(NamedTuple):
    """A load that has come back, and what was said if it was not taken."""

    destination: Destination
    load: Load
    answer: Answer
    problem: str = ""


Returns = SimpleQueue[Return]


class Carrier:
    """Carries loads and puts what comes of each into `returns`.

    Its threads are daemonic: a request that hangs does not keep the process from ending.
    """

    def __init__(self, destination: Destination, returns: Returns, monotonic: Callable[[], float], hands: int) -> None:
        self.destination = destination
        self._returns = returns
        self._monotonic = monotonic
        self._loads: SimpleQueue[tuple[Load, float] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(hands)]
        for thread in self._threads:
            thread.start()

    def carry(self, load: Load) -> None:
        """Let one of the hands send a load; at most as many of them as there are hands are sent at once."""
        self._loads.put((load, self._monotonic()))

    def close(self) -> None:
        """Let each of the hands rest once it has nothing more to send."""
        for _ in self._threads:
            self._loads.put(None)

    def _work(self) -> None:
        while (given := self._loads.get()) is not None:
            self._returns.put(self._carried(*given))

    def _carried(self, load: Load, sent_at: float) -> Return:
        error = errands.attempt(load.send)
        result, problem = _judged(error)
        if result is Result.UNSENDABLE:
            extra = {"destination": self.destination, "ids": load.ids}
            log.error("a bug in what was to be sent", exc_info=error, extra=extra)
        retry_after = error.retry_after if isinstance(error, Transient) else None
        luck = random.random()  # noqa: S311 - it hides no secret
        answer = Answer(result, sent_at, self._monotonic(), luck, retry_after)
        return Return(self.destination, load, answer, problem)


def _judged(error: BaseException | None) -> tuple[Result, str]:
    if error is None:
        return Result.TAKEN, ""
    result = next((result for kind, result in RESULTS if isinstance(error, kind)), Result.UNSENDABLE)
    said = str(error) if result is not Result.UNSENDABLE else f"cannot be sent: {type(error).__name__}: {error}"
    return result, said

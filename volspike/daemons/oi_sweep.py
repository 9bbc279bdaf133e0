"""One sweep: the open interest of many symbols, each asked for by itself, twenty of them at once."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import NamedTuple

from volspike.clients.errors import Permanent, ShutOut, Transient
from volspike.runtime.clock import Clock
from volspike.runtime.errands import Abandoned, Crew

CONNECTIONS = 20
GIVE_UP_AFTER = 20
"""So many failures in a row, one for each connection, and the exchange is not there."""
LOOK_SECONDS = 0.5
LEAVE_SECONDS = 2.0
"""How long requests that are under way when a signal comes may take to end."""
SETTLING = -4108
"""The exchange's own code for a symbol that is being settled."""


class Reading(NamedTuple):
    """A symbol's open interest, in contracts, and when it was answered."""

    symbol: str
    at: float
    open_interest: float


class Sweep:
    """A sweep under way. What became of it can be told when its readings have ended.

    `shut_out` is the exchange's refusal, which ends it; `failures` counts requests without an answer, `problem` is
    what the latest of them has met, and `given_up` tells that so many failed in a row that no more were made.
    """

    def __init__(
        self,
        ask: Callable[[str], float],
        symbols: Sequence[str],
        crew: Crew,
        clock: Clock,
        stopping: Callable[[], bool],
    ) -> None:
        self.settling: list[str] = []
        self.failures = 0
        self.problem = ""
        self.given_up = False
        self.shut_out: ShutOut | None = None
        self._ask = ask
        self._symbols = symbols
        self._crew = crew
        self._clock = clock
        self._stopping = stopping
        self._lock = threading.Lock()
        self._failures_in_a_row = 0

    def readings(self) -> Iterator[list[Reading]]:
        """Yield what was answered, now and then, until all was or nothing more shall be asked.

        A list is empty when nothing was answered since the one before. An error that nobody foresaw is raised.
        """
        pending = {self._crew.begin(partial(self._read, symbol)) for symbol in self._symbols}
        while pending and not self._stopping():
            done, pending = wait(pending, self._clock.real_seconds(LOOK_SECONDS))
            yield _answered(done)
        yield _answered(wait(pending, LEAVE_SECONDS).done)

    def _read(self, symbol: str) -> Reading | None:
        if self._stopping() or self.shut_out or self.given_up:
            return None
        try:
            open_interest = self._ask(symbol)
        except Abandoned:
            pass
        except ShutOut as error:
            self.shut_out = error
        except Transient as error:
            self._fail(error)
        except Permanent as error:
            if error.code == SETTLING:
                self.settling.append(symbol)
            else:
                self._fail(error, of_symbol=error.code is not None)
        else:
            self._failures_in_a_row = 0
            return Reading(symbol, self._clock.now(), open_interest) if open_interest > 0 else None
        return None

    def _fail(self, error: Transient | Permanent, *, of_symbol: bool = False) -> None:
        """Count a failure; one that is only this symbol's comes from an exchange that is there."""
        with self._lock:
            self.failures += 1
            self._failures_in_a_row = 0 if of_symbol else self._failures_in_a_row + 1
            self.problem = str(error)
            self.given_up |= self._failures_in_a_row >= GIVE_UP_AFTER


def _answered(done: Iterable[Future[Reading | None]]) -> list[Reading]:
    return [reading for each in done if (reading := each.result()) is not None]

"""Where samples go: into `.open_interest.json` for this machine's daemons, and to the backend.

Samples are perishable. What the backend does not take is not kept: the newest sweep wins, and a backend that is slow
or hangs costs nothing but the samples.
"""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Permanent, Transient
from volspike.model.documents import VERSION, OpenInterestDocument
from volspike.model.market import OpenInterestRow, OpenInterestSample
from volspike.runtime.clock import Clock
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper

PRUNE_SECONDS = 3600.0


class Book:
    """`.open_interest.json`: each symbol's latest open interest; what is an hour old is left out."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = Keeper(path, clock.monotonic)
        remembered = keeper.recall(path, OpenInterestDocument, clock.now())
        self._rows = remembered.open_interest if remembered else {}

    def take(
        self,
        samples: Sequence[OpenInterestSample],
        changes: Mapping[str, tuple[float | None, ...]] = MappingProxyType({}),
    ) -> None:
        """Write the samples of a sweep into the file, with how far each has moved in the three timeframes."""
        now = self._clock.now()
        fresh = {
            sample.symbol: OpenInterestRow(sample.open_interest, sample.at, *changes.get(sample.symbol, ()))
            for sample in samples
        }
        rows = {symbol: row for symbol, row in self._rows.items() if now - row.updated_at < PRUNE_SECONDS}
        self._rows = rows | fresh
        self._file.touch()
        self._file.save(lambda: documents.encode(OpenInterestDocument(VERSION, self._rows, now)), urgent=True)


class Sender:
    """Carries samples to the backend in a thread that nobody waits for."""

    def __init__(self, backend: Backend, daemon: Daemon) -> None:
        metrics = daemon.metrics
        self._sent = metrics.counter("open_interest_samples_sent", "Samples that the backend has taken.")
        self._dropped = metrics.counter("open_interest_samples_dropped", "Samples that the backend has not taken.")
        self._backend = backend
        self._daemon = daemon
        self._clock = daemon.clock
        self._condition = Condition("the backend for open-interest samples", daemon.clock.monotonic)
        self._changed = threading.Condition()
        self._offered: tuple[Sequence[OpenInterestSample], float] | None = None
        self._busy = False

    def start(self) -> None:
        """Begin to carry."""
        threading.Thread(target=self._carry_for_ever, daemon=True).start()

    def offer(self, samples: Sequence[OpenInterestSample], at: float) -> None:
        """Hand over the samples of the sweep that began at `at`; those that still wait are dropped."""
        with self._changed:
            if self._offered is not None:
                self._dropped.inc(len(self._offered[0]))
            self._offered = (samples, at)
            self._changed.notify_all()

    def settle(self, seconds: float) -> None:
        """Return when nothing waits or is under way any more, at the latest after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._offered is None and not self._busy, self._clock.real_seconds(seconds))

    def _carry_for_ever(self) -> None:
        while True:
            self.send(*self._next())

    def _next(self) -> tuple[Sequence[OpenInterestSample], float]:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while self._offered is None:
                self._changed.wait()
            offered, self._offered, self._busy = self._offered, None, True
            return offered

    def send(self, samples: Sequence[OpenInterestSample], at: float) -> None:
        """Send the samples of a sweep now.

        What is not taken while this daemon ends says nothing of the backend, which may be ending too.
        """
        problem = ""
        try:
            taken = min(self._backend.send_open_interest(samples, at), len(samples))
        except (Transient, Permanent) as error:
            taken, problem = 0, str(error)
        if not problem and taken < len(samples):
            problem = f"{taken} of {len(samples)} samples were taken"
        if not problem:
            self._condition.works()
        elif not self._daemon.stopping:
            self._condition.fails(problem)
        self._sent.inc(taken)
        self._dropped.inc(len(samples) - taken)

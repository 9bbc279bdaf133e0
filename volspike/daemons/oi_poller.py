"""OI poller: asks for the open interest of the liquid universe, sweep by sweep, and tells when it moves."""

import sys
from collections.abc import Sequence
from contextlib import closing

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Permanent, Transient
from volspike.daemons.launch import CannotStartError, launch
from volspike.daemons.oi_exchange import Exchange
from volspike.daemons.oi_memory import PollerMemory
from volspike.daemons.oi_report import PollerReport, Swept
from volspike.daemons.oi_samples import Book, Sender
from volspike.daemons.oi_universe import Universe
from volspike.delivery.outbox import Outbox
from volspike.model.market import OpenInterestSample
from volspike.readers.feeds import Feeds
from volspike.rules import polling
from volspike.rules.polling import Rhythm
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings, require_backend_key
from volspike.state import documents

FIRST_LOOK_SECONDS = 0.1
"""How often it is looked whether the backend has answered for the first time."""
LOOK_AGAIN_SECONDS = 1.0
"""How often it is looked whether there is a universe at last, and whether a ban has ended."""
SETTLE_SECONDS = 10.0


def run(daemon: Daemon, settings: Settings, once: bool) -> int:
    """Sweep until a signal comes; with `once`, a single time. Return 1 when that one was not what it should be."""
    require_backend_key(settings)
    with (
        closing(Backend(settings.backend_url, settings.backend_key)) as backend,
        Outbox(settings.state_dir / documents.OUTBOX, daemon.clock, settings.routes) as outbox,
    ):
        try:
            poller = Poller(daemon, settings, backend, outbox)
        except (Transient, Permanent) as error:
            raise CannotStartError(str(error)) from None
        poller.start()
        daemon.ready(poller.report.status)
        if once:
            poller.sweep_once()
        else:
            poller.sweep_for_ever()
        poller.close()
        return 1 if once and poller.report.problem else 0


class Poller:
    """The poller: whom it asks, what it remembers, and where it tells it."""

    def __init__(self, daemon: Daemon, settings: Settings, backend: Backend, outbox: Outbox) -> None:
        self.report = PollerReport(daemon)
        self._daemon = daemon
        self._clock = daemon.clock
        self._pace = settings.polling_pace
        self._exchange = Exchange(daemon, settings)
        self._feeds = Feeds(settings, self._clock)
        self._memory = PollerMemory(daemon, settings, outbox)
        self._book = Book(settings.runtime_dir / documents.OPEN_INTEREST, self._clock)
        self._universe = Universe(backend, self._clock, settings.state_dir / documents.LIQUID_UNIVERSE)
        self._sender = Sender(backend, daemon)
        self._parked: dict[str, float] = {}
        self._rhythm = Rhythm()

    def start(self) -> None:
        """Begin what goes on beside the sweeps."""
        self._universe.start()
        self._sender.start()

    def close(self) -> None:
        """End it, and leave behind what the next run wants to know."""
        self._universe.close()
        self._memory.save_history(now=True)
        self._memory.save()
        self._daemon.save_metrics()

    def sweep_for_ever(self) -> None:
        """Sweep until a signal comes."""
        while not self._daemon.stopping:
            rest = self.step()
            self._daemon.announce(self.report.status, next_due_seconds=rest)
            self._daemon.progress(self.report.status)
            self._daemon.pause(rest)

    def sweep_once(self) -> None:
        """Sweep a single time. Raises CannotStartError when there is nothing to ask, or nobody."""
        while not self._daemon.stopping and not self.report.sweeps:
            hopeless = self._universe.settled or self._exchange.closed_until() is not None
            rest = self.step()
            if hopeless and not self.report.sweeps:
                raise CannotStartError(self.report.status)
            self._daemon.pause(0.0 if self.report.sweeps else rest)
        self._sender.settle(SETTLE_SECONDS)

    def step(self) -> float:
        """Sweep, if there are symbols to ask for and the exchange answers; return for how many seconds to rest."""
        symbols = self._universe.symbols()
        closed_until = self._exchange.closed_until()
        if symbols and closed_until is None:
            return self._sweep(symbols)
        self._rhythm = Rhythm()
        if closed_until is not None:
            self.report.shut_out(closed_until)
            return LOOK_AGAIN_SECONDS
        self.report.waiting(self._universe.problem)
        return LOOK_AGAIN_SECONDS if self._universe.settled else FIRST_LOOK_SECONDS

    def _sweep(self, symbols: Sequence[str]) -> float:
        began, began_at = self._clock.monotonic(), self._clock.now()
        interval = polling.interval_seconds(self._pace, len(symbols))
        self._rhythm = polling.keep(self._rhythm, began)
        self.report.pace(self._rhythm, interval)
        sweep = self._exchange.sweep(polling.to_ask(symbols, self._parked, began))
        funding = self._feeds.funding()
        samples: list[OpenInterestSample] = []
        for readings in sweep.readings():
            samples += self._memory.take(readings, funding)
            waits_seconds = self._exchange.waits_seconds()
            if readings or waits_seconds:
                self._daemon.progress(self.report.under_way(len(symbols), waits_seconds))
        self._parked = polling.park(self._parked, sweep.settling, began)
        if samples:
            self._book.take(samples, self._memory.changes)
            self._sender.offer(samples, began_at)
        self._memory.save_history()
        seconds = self._clock.monotonic() - began
        if not self._daemon.stopping:
            done = Swept(sweep, len(symbols), len(self._parked), len(samples), interval, seconds)
            self.report.swept(done, self._memory.alerts_today())
        return max(0.0, interval - seconds)


if __name__ == "__main__":
    sys.exit(launch("oi-poller", run))

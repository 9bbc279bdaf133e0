"""The exchange as the OI poller asks it: within a sweep's share of the weight account, never while it is shut out."""

import math
from collections.abc import Sequence

from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount, shut_out
from volspike.clients.errors import ShutOut
from volspike.daemons.oi_sweep import CONNECTIONS, Sweep
from volspike.rules.weight import WeightClass
from volspike.runtime import errands
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Crew
from volspike.settings import Settings

TIMEOUT_SECONDS = (3.05, 5.0)
"""An answer that takes longer is worth less than the next sweep."""


class Exchange:
    """The exchange as sweeps ask it: a request waits for its share of the account, however long that takes.

    Raises Permanent for a proxy that cannot be used.
    """

    def __init__(self, daemon: Daemon, settings: Settings) -> None:
        self._daemon = daemon
        self._clock = daemon.clock
        self._account = WeightAccount(settings.runtime_dir, daemon.clock)  # open to the end: a thread may be using it
        self._crew = Crew(CONNECTIONS)
        self._waits_until = -math.inf
        self._rest = Rest(
            settings.binance_rest_url,
            daemon.clock,
            self._account,
            WeightClass.SWEEP,
            patience_seconds=math.inf,
            pause=self._wait,
            timeout=TIMEOUT_SECONDS,
            connections=CONNECTIONS,
        )

    def sweep(self, symbols: Sequence[str]) -> Sweep:
        """Return a sweep over these symbols, not begun yet."""
        return Sweep(self._rest.open_interest, symbols, self._crew, self._clock, lambda: self._daemon.stopping)

    def closed_until(self) -> float | None:
        """Return until when Binance has shut this machine out, epoch seconds; None while it has not."""
        until = self._account.read().closed_until
        return until if until > self._clock.now() else None

    def waits_seconds(self) -> float:
        """Return how long requests still wait for weight, 0 if none does: a sweep goes on though nothing answers."""
        return max(0.0, self._waits_until - self._clock.monotonic())

    def _wait(self, seconds: float) -> None:
        until = self.closed_until()
        if until is not None:
            raise ShutOut(shut_out(until), until - self._clock.now())
        self._waits_until = self._clock.monotonic() + seconds
        errands.pause(self._daemon, seconds)

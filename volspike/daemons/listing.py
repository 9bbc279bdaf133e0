"""The symbols of the suite's universe, as the exchange lists them."""

import logging

from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, Transient
from volspike.model.market import is_tradable_perpetual
from volspike.runtime.clock import Clock
from volspike.runtime.condition import Condition

log = logging.getLogger(__name__)

REFRESH_SECONDS = 3600.0
MIN_KEPT_SHARE = 0.5
"""A list that has lost more of the symbols at once is not whole; what it lacks would pass for a quiet market."""


class Listing:
    """The trading perpetuals in USDT; asked for anew after an hour, or when a symbol of it turned out to be unknown."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._symbols: tuple[str, ...] = ()
        self._due_at = float("-inf")
        self._condition = Condition("the list of symbols", clock.monotonic)

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols as last listed. Raises Transient or Permanent when they have never been."""
        if not self._symbols:
            self._ask()
        return self._symbols

    def doubt(self) -> None:
        """Say that the exchange does not know one of the symbols any more."""
        self._due_at = float("-inf")

    def refresh(self) -> None:
        """Ask again when it is time to; when that fails, the list stays as it is."""
        if self._clock.monotonic() < self._due_at:
            return
        try:
            self._ask()
        except (Transient, Permanent) as error:
            self._condition.fails(str(error))
        else:
            self._condition.works()

    def _ask(self) -> None:
        symbols = tuple(contract.symbol for contract in self._rest.contracts() if is_tradable_perpetual(contract))
        if not symbols:
            raise Transient("the exchange lists not one trading perpetual in USDT")
        if len(symbols) < MIN_KEPT_SHARE * len(self._symbols):
            raise Transient(
                f"the exchange lists only {len(symbols)} trading perpetuals in USDT of {len(self._symbols)}"
            )
        if self._symbols and set(symbols) != set(self._symbols):
            come, gone = set(symbols) - set(self._symbols), set(self._symbols) - set(symbols)
            log.info("listing changed", extra={"come": sorted(come), "gone": sorted(gone)})
        self._symbols = symbols
        self._due_at = self._clock.monotonic() + REFRESH_SECONDS

"""What Binance is asked for user alerts, when the files do not tell it: as little as possible, and nothing in vain.

Prices and funding rates of all symbols cost one request each; open interest, which Binance tells of one symbol only,
one for each symbol.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, Transient
from volspike.runtime import errands
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings

CONNECTIONS = 20
TIMEOUT_SECONDS = (3.05, 5.0)
PATIENCE_SECONDS = 25.0
"""A pass that waited longer for weight would miss the next one."""
GIVE_UP_AFTER = 20
"""So many failures in a pass, one for each connection, and the exchange is not there."""
STRANGE_SECONDS = 300.0
"""For how long nobody asks again for a symbol that an answer about all of them did not hold."""
REFUSED_SECONDS = 3600.0
"""For how long nobody asks again for a symbol that Binance refuses: it is being settled, or does not exist."""

PRICES, FUNDING, OPEN_INTEREST = "last prices", "funding rates", "open interest"


class Answer(NamedTuple):
    """Values by symbol, and why there are none where some should be."""

    values: Mapping[str, float] = {}
    problem: str = ""


class Questions:
    """The questions to Binance, and which of them are in vain for now.

    Raises Permanent for a proxy that cannot be used.
    """

    def __init__(self, daemon: Daemon, settings: Settings) -> None:
        self._clock = daemon.clock
        self._rest = Rest(
            settings.binance_rest_url,
            daemon.clock,
            WeightAccount(settings.runtime_dir, daemon.clock),  # open to the end: a thread may be using it
            patience_seconds=PATIENCE_SECONDS,
            pause=partial(errands.pause, daemon),
            timeout=TIMEOUT_SECONDS,
            connections=CONNECTIONS,
        )
        self._parked: dict[tuple[str, str], float] = {}

    def missing(self, kind: str, wanted: Iterable[str], known: Mapping[str, object]) -> list[str]:
        """Return the symbols that are worth asking for."""
        now = self._clock.monotonic()
        return [symbol for symbol in wanted if symbol not in known and self._parked.get((kind, symbol), now) <= now]

    def last_prices(self, symbols: list[str]) -> Answer:
        """Return the last prices of all symbols, if there are any to ask for."""
        return self._ask_all(PRICES, symbols, self._rest.last_prices)

    def funding_rates(self, symbols: list[str]) -> Answer:
        """Return the funding rates of all symbols that have one, if there are any to ask for."""
        return self._ask_all(FUNDING, symbols, self._all_funding_rates)

    def _all_funding_rates(self) -> Mapping[str, float]:
        rows = self._rest.premium_indexes()
        return {row.symbol: row.funding_rate for row in rows if row.funding_rate is not None}

    def _ask_all(self, kind: str, symbols: list[str], ask: Callable[[], Mapping[str, float]]) -> Answer:
        if not symbols:
            return Answer()
        try:
            values = ask()
        except (Transient, Permanent) as error:
            return Answer(problem=str(error))
        self._park(kind, (symbol for symbol in symbols if symbol not in values), STRANGE_SECONDS)
        return Answer(values)

    def open_interest(self, symbols: list[str]) -> list[Callable[[], Answer]]:
        """Return the requests for these symbols; once too many have failed, those that are left do nothing."""
        failures: list[Answer] = []

        def ask(symbol: str) -> Answer:
            if len(failures) >= GIVE_UP_AFTER:
                return Answer()
            answer = self._open_interest_of(symbol)
            if answer.problem:
                failures.append(answer)
            return answer

        return [partial(ask, symbol) for symbol in symbols]

    def _open_interest_of(self, symbol: str) -> Answer:
        try:
            contracts = self._rest.open_interest(symbol)
        except Transient as error:
            return Answer(problem=str(error))
        except Permanent as error:
            if error.code is None:
                return Answer(problem=str(error))
            self._park(OPEN_INTEREST, [symbol], REFUSED_SECONDS)
            return Answer()
        return Answer({symbol: contracts} if contracts > 0 else {})

    def _park(self, kind: str, symbols: Iterable[str], seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        self._parked.update({(kind, symbol): until for symbol in symbols})

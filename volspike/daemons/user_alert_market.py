"""The market as user alerts need it: from the other daemons' files while they are fresh, else from Binance."""

from collections.abc import Callable, Mapping
from functools import partial

from volspike.daemons.user_alert_questions import (
    CONNECTIONS,
    FUNDING,
    GIVE_UP_AFTER,
    OPEN_INTEREST,
    PRICES,
    Answer,
    Questions,
)
from volspike.model.market import FundingRow
from volspike.readers.feeds import Feeds
from volspike.rules.alert_values import Market, Needs
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Crew
from volspike.settings import Settings


class MarketView:
    """The market at the instant of a pass; what cannot be known is missing in it. Each source fails alone.

    Raises Permanent for a proxy that cannot be used.
    """

    def __init__(self, daemon: Daemon, settings: Settings) -> None:
        self._feeds = Feeds(settings, daemon.clock)
        self._questions = Questions(daemon, settings)
        self._daemon = daemon
        self._crew = Crew(CONNECTIONS)
        self._conditions = {
            kind: Condition(f"{kind} from Binance", daemon.clock.monotonic) for kind in (PRICES, FUNDING, OPEN_INTEREST)
        }
        self.problem = ""
        """What the latest look has missed, and why; empty when all that it needed was known."""

    def look(self, needs: Needs, progress: Callable[[], None] | None = None) -> Market:
        """Return what is known now of what is needed; `progress` is told of each request that has ended.

        Raises Abandoned when a signal comes.
        """
        known = self._feeds.open_interest() if needs.open_interest else {}
        missing = self._questions.missing(OPEN_INTEREST, needs.open_interest, known)
        calls: list[Callable[[], Answer]] = [
            partial(self._last_prices, needs.last_prices),
            partial(self._funding_rates, needs.funding_rates),
            *self._questions.open_interest(missing),
        ]
        prices, rates, *answers = self._crew.run(calls, lambda: self._daemon.stopping, progress)
        asked = {symbol: contracts for answer in answers for symbol, contracts in answer.values.items()}
        problems = [answer.problem for answer in answers if answer.problem]
        lost = len(problems) >= GIVE_UP_AFTER or not asked
        told = (
            self._tell(PRICES, needs.last_prices, prices.problem),
            self._tell(FUNDING, needs.funding_rates, rates.problem),
            self._tell(OPEN_INTEREST, needs.open_interest, problems[0] if problems and lost else ""),
        )
        self.problem = "; ".join(filter(None, told))
        return Market(prices.values, rates.values, {**known, **asked})

    def _tell(self, kind: str, needed: frozenset[str], problem: str) -> str:
        """Return in words what is missing; what nobody needs just now neither fails nor works."""
        if problem:
            self._conditions[kind].fails(problem)
            return f"no {kind}: {problem}"
        if needed:
            self._conditions[kind].works()
        return ""

    def _last_prices(self, wanted: frozenset[str]) -> Answer:
        known = (self._feeds.last_prices() or {}) if wanted else {}
        answer = self._questions.last_prices(self._questions.missing(PRICES, wanted, known))
        return Answer({**known, **answer.values}, answer.problem)

    def _funding_rates(self, wanted: frozenset[str]) -> Answer:
        rows: Mapping[str, FundingRow] = self._feeds.funding() if wanted else {}
        known = {symbol: row.funding_rate for symbol, row in rows.items() if row.funding_rate is not None}
        answer = self._questions.funding_rates(self._questions.missing(FUNDING, wanted, rows))
        return Answer({**known, **answer.values}, answer.problem)

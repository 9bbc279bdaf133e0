"""One volume scan: every symbol's candles, each judged as it arrives, and told at once when it earns an alert."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from queue import Empty
from typing import NamedTuple

from msgspec import Struct

from volspike.clients.binance.rest import RESTRICTED, Rest
from volspike.clients.errors import Permanent, Transient
from volspike.daemons.listing import Listing
from volspike.daemons.volume_enrichment import Enrichment, Sources
from volspike.daemons.volume_hours import Volumes
from volspike.daemons.volume_memory import Memories
from volspike.daemons.volume_teller import Inbox, Step, Teller
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import VolumeAlert
from volspike.model.market import Candle
from volspike.rules import volume_spike
from volspike.rules.volume_spike import Limits, Observation
from volspike.runtime import errands
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned, Crew

HANDS = 32
DEADLINE_SECONDS = 90.0
"""A minute for weight that the sweeps have used up, and half a one for answers; what is missing then is owed."""
GLANCE_SECONDS = 0.1
MIN_SEEN_SHARE = 0.9
"""A scan that saw less of the market may not pass for a quiet one."""
UNKNOWN_SYMBOL = -1121
NOT_CURRENT = "no candle of this hour or the one before"
"""The exchange lags behind by hours, or this machine's clock is wrong by as much."""


class Tools(NamedTuple):
    """What every scan works with."""

    daemon: Daemon
    limits: Limits
    rest: Rest
    listing: Listing
    memories: Memories
    volumes: Volumes
    outbox: Outbox
    sources: Sources


class Outcome(Struct, frozen=True):
    """What came of a scan: how much of the market it saw, what it told, and what went wrong most often."""

    started: float
    seconds: float
    symbols: int = 0
    seen: int = 0
    told: Sequence[VolumeAlert] = ()
    problem: str = ""
    unkept: str = ""
    """Why alerts could not be put into the outbox; they come up again in the next scan."""

    @property
    def failed(self) -> bool:
        """Tell whether the scan must not pass for one that found nothing."""
        return not self.symbols or self.seen < MIN_SEEN_SHARE * self.symbols or bool(self.unkept)


def scan(tools: Tools, started: float) -> Outcome:
    """Scan the market as of `started`, epoch seconds.

    Raises Abandoned when a signal comes; what the scan then has not told is owed to the next process.
    """
    begun = tools.daemon.clock.monotonic()
    try:
        symbols = _symbols(tools)
    except (Transient, Permanent) as error:
        return Outcome(started, tools.daemon.clock.monotonic() - begun, problem=str(error))
    work = _Scan(tools, started, symbols)
    try:
        work.run()
    finally:
        tools.memories.save(frozenset(symbols))
        tools.volumes.save(frozenset(symbols))
    problem, _ = work.problems.most_common(1)[0] if work.problems else ("", 0)
    seconds = tools.daemon.clock.monotonic() - begun
    return Outcome(started, seconds, len(symbols), work.seen, work.teller.told, problem, work.teller.unkept)


def _symbols(tools: Tools) -> tuple[str, ...]:
    def stopping() -> bool:
        tools.daemon.progress("asking which symbols there are")
        return tools.daemon.stopping

    return errands.run(tools.listing.symbols, stopping)


class _Scan:
    def __init__(self, tools: Tools, started: float, symbols: Sequence[str]) -> None:
        self.seen = 0
        self.problems: Counter[str] = Counter()
        self._tools = tools
        self._clock = tools.daemon.clock
        self._started = started
        self._symbols = symbols
        self._unanswered = len(symbols)
        self._inbox: Inbox = Inbox()
        self.teller = Teller(tools.outbox, tools.memories, Enrichment(tools.sources), self._clock, self._inbox)

    def run(self) -> None:
        """Ask, judge and tell until every symbol has answered or the time is up. Raises Abandoned at a signal."""
        end = self._clock.monotonic() + self._clock.simulated_seconds(DEADLINE_SECONDS)
        crew = Crew(HANDS)
        for symbol in self._symbols:
            crew.begin(partial(self._ask, symbol)).add_done_callback(self._inbox.put)
        try:
            while self._unanswered or self.teller.waiting:
                if self._unanswered and self._clock.monotonic() >= end:
                    self._give_up(f"no answer within {DEADLINE_SECONDS:.0f} s")
                self._step()
                if self._tools.daemon.stopping:
                    raise Abandoned
            self.teller.put()
        finally:
            crew.dismiss()
            self.teller.dismiss()

    def _step(self) -> None:
        try:
            go_on = self._inbox.get(timeout=GLANCE_SECONDS).result()
        except Empty:
            pass
        else:
            go_on()
        self.teller.hurry()
        if self._inbox.empty():
            self.teller.put()  # all that has come together goes together
        self._tools.daemon.progress(f"scanning {len(self._symbols)} symbols")

    def _ask(self, symbol: str) -> Step:
        try:
            return partial(self._judge, symbol, self._tools.rest.candles(symbol, self._tools.volumes.wanted(symbol)))
        except Transient as error:
            return partial(self._miss, str(error))
        except Permanent as error:
            if error.code == UNKNOWN_SYMBOL:
                self._tools.listing.doubt()
            return partial(self._miss, str(error))

    def _judge(self, symbol: str, candles: list[Candle]) -> None:
        if not self._unanswered:
            return  # given up
        observation = Observation(symbol, self._started, self._clock.now(), candles)
        if not observation.is_current:
            self._miss(NOT_CURRENT)
            return
        self._unanswered -= 1
        self.seen += 1
        self._tools.volumes.take(symbol, candles)
        memory, alerts = volume_spike.step(self._tools.memories.of(symbol), self._tools.limits, observation)
        if alerts:
            self.teller.find(symbol, memory, alerts)
        else:
            self._tools.memories.adopt(symbol, memory)

    def _miss(self, problem: str) -> None:
        if not self._unanswered:
            return
        self._unanswered -= 1
        self.problems[problem] += 1
        if problem == RESTRICTED:
            self._give_up(problem)  # it is so for every symbol, and asking on would be a nuisance

    def _give_up(self, problem: str) -> None:
        """Wait for no more candles: those that are missing are owed to the next scan."""
        self.problems[problem] += self._unanswered
        self._unanswered = 0

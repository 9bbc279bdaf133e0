"""What the OI poller remembers: three hours of every symbol, what it has told, and where each symbol stands.

An alert is in the outbox before the memory it leaves behind is saved. So a poller that is killed in between finds
in the outbox what its files do not know yet, and tells nothing twice. The history is written every five minutes and
at the end: a kill costs at most so much of it, and writing sixteen megabytes each sweep would cost a disk 75 GB a day.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from volspike.clients.errors import Transient
from volspike.daemons.oi_sweep import Reading
from volspike.delivery import messages
from volspike.delivery.outbox import Outbox
from volspike.model.alerts import Direction, OpenInterestAlert
from volspike.model.delivery import Kind, Message
from volspike.model.documents import VERSION, OpenInterestStatesDocument
from volspike.model.market import FundingRow, OpenInterestSample
from volspike.rules import history, open_interest
from volspike.rules.history import History, Reach
from volspike.rules.open_interest import Memory, Observation, State
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, histories, keeper
from volspike.state.keeper import Keeper

log = logging.getLogger(__name__)

SAVE_HISTORY_SECONDS = 300.0
SECONDS_PER_DAY = 86_400
_NOTHING = History()


class PollerMemory:
    """The memory of the last run, and what this one adds to it. Raises Transient when the outbox cannot be read."""

    def __init__(self, daemon: Daemon, settings: Settings, outbox: Outbox) -> None:
        self._clock = daemon.clock
        self._outbox = outbox
        self._thresholds = settings.open_interest_thresholds
        self._reach = Reach(tuple(frame.lookback_seconds for frame in self._thresholds.timeframes))
        self._told = daemon.metrics.counter("open_interest_alerts", "Alerts put into the outbox.")
        self._outbox_works = Condition("the outbox", self._clock.monotonic)
        self._history_file = self._keeper(settings.state_dir / documents.OI_HISTORY)
        self._states_file = self._keeper(settings.state_dir / documents.OI_STATES)
        self._cooldowns_file = self._keeper(settings.state_dir / documents.OI_COOLDOWNS)
        self.changes: dict[str, tuple[float | None, ...]] = {}
        """By what fraction each symbol's latest sample has moved in each timeframe."""
        self._untold: list[Message] = []
        self._histories = self._recall_histories()
        self._memory = self._saved = self._recall()
        self._told_at = [message.at for message in outbox.messages(Kind.OPEN_INTEREST, _midnight(self._clock.now()))]
        self._history_saved_at = self._clock.monotonic()

    def _keeper(self, path: Path) -> Keeper:
        return Keeper(path, self._clock.monotonic, durable=True)

    def _recall_histories(self) -> dict[str, History]:
        now = self._clock.now()
        recalled = keeper.recall_with(self._history_file.path, histories.read, now) or {}
        return history.prune(recalled, self._reach, now)

    def _recall(self) -> Memory:
        now = self._clock.now()
        cooldowns = keeper.recall_with(self._cooldowns_file.path, _read_cooldowns, now) or {}
        document = keeper.recall(self._states_file.path, OpenInterestStatesDocument, now)
        states = {place: State(direction) for place, direction in document.states.items()} if document else {}
        found = self._outbox.messages(Kind.OPEN_INTEREST, now - open_interest.longest_memory(self._thresholds))
        told = [alert for alert, _ in messages.told(found, OpenInterestAlert)]
        return open_interest.recall(Memory(states, cooldowns), document.updated_at if document else -math.inf, told)

    def take(self, readings: Sequence[Reading], funding: Mapping[str, FundingRow]) -> list[OpenInterestSample]:
        """Judge what was read, tell what deserves it, and return it with the marks and rates of its time."""
        samples = [_sample(reading, funding.get(reading.symbol)) for reading in readings]
        for sample in samples:
            before = self._histories.get(sample.symbol, _NOTHING)
            self._histories[sample.symbol], baselines = history.step(before, self._reach, sample)
            observation = Observation(sample, baselines)
            self.changes[sample.symbol] = open_interest.changes(observation)
            self._memory, alerts = open_interest.step(self._memory, self._thresholds, observation)
            self._untold += map(messages.of_open_interest_alert, alerts)
        self.save()
        return samples

    def save(self) -> None:
        """Put down what is untold, then what is remembered of it; as long as the outbox fails, neither is."""
        if self._untold and not self._tell():
            return
        if self._memory != self._saved:
            self._saved = self._memory
            self._states_file.touch()
            self._cooldowns_file.touch()
        self._states_file.save(self._states, urgent=True)
        self._cooldowns_file.save(lambda: documents.encode(self._saved.cooldowns), urgent=True)

    def _tell(self) -> bool:
        try:
            self._outbox.put(self._untold)
        except Transient as error:
            self._outbox_works.fails(str(error))
            return False
        self._outbox_works.works()
        for message in self._untold:
            log.info("%s", message.text)
        self._told.inc(len(self._untold))
        self._told_at += [message.at for message in self._untold]
        self._untold = []
        return True

    def _states(self) -> bytes:
        states = {place: Direction(state) for place, state in self._saved.states.items()}
        return documents.encode(OpenInterestStatesDocument(VERSION, states, self._clock.now()))

    def save_history(self, *, now: bool = False) -> None:
        """Write the history if it is time to, or `now`; what is too old to be of use is forgotten."""
        at = self._clock.monotonic()
        if not now and at - self._history_saved_at < SAVE_HISTORY_SECONDS:
            return
        self._history_saved_at = at
        self._histories = history.prune(self._histories, self._reach, self._clock.now())
        self._memory = open_interest.forget(self._memory, self._histories)
        self.changes = {symbol: moved for symbol, moved in self.changes.items() if symbol in self._histories}
        self._history_file.touch()
        self._history_file.save(lambda: histories.pieces(self._histories), urgent=True)

    def alerts_today(self) -> int:
        """Return how many alerts were told since midnight UTC."""
        midnight = _midnight(self._clock.now())
        self._told_at = [at for at in self._told_at if at >= midnight]
        return len(self._told_at)


def _sample(reading: Reading, row: FundingRow | None) -> OpenInterestSample:
    if row is None:
        return OpenInterestSample(reading.symbol, reading.at, reading.open_interest)
    return OpenInterestSample(reading.symbol, reading.at, reading.open_interest, row.mark_price, row.funding_rate)


def _read_cooldowns(path: Path) -> dict[str, float]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, float])


def _midnight(at: float) -> float:
    return at // SECONDS_PER_DAY * SECONDS_PER_DAY

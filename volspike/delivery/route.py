"""The way to one destination: what it is known to be like, what is under way, and what may leave next.

Only memory is kept here, and every time in it is that of a clock which no step can move; the outbox is what survives.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from volspike.delivery.carrier import Carrier, Load, Return
from volspike.delivery.road import Outcome, Road, Stop
from volspike.model.delivery import Destination, Kind, Pause, Silence, State
from volspike.rules import delivery, digest
from volspike.rules.delivery import Answer, Condition, Result, Trouble, Verdict
from volspike.rules.digest import Measure
from volspike.rules.quiet import QuietHours

FOREVER = float("inf")
_STATES = {
    Verdict.DELIVERED: State.DELIVERED,
    Verdict.RETRY: State.WAITING,
    Verdict.REFUSE: State.REFUSED,
    Verdict.PAUSE: State.WAITING,
}


class Ruling(NamedTuple):
    """What a return makes of its rows; `again` of them may have been taken before."""

    outcomes: list[Outcome]
    again: int


class Chance(NamedTuple):
    """An occasion to send so many loads; `now` is when, `epoch` the same instant in the rows."""

    room: int
    now: float
    epoch: float


class Route(ABC):
    """A destination and its carrier. `fingerprint` is that of the settings it is reached by."""

    def __init__(self, carrier: Carrier, fingerprint: str) -> None:
        self.destination: Destination = carrier.destination
        self.fingerprint = fingerprint
        self.condition = Condition()
        self.pause: Pause | None = None
        self.silence = Silence()
        """What people are spared; a backend gets everything."""
        self.quiet_hours: QuietHours | None = None
        """When what waits grows no older: people are left alone then."""
        self.under_way: set[int] = set()
        """The rows that are being sent, or whose fate is not on the disk yet."""
        self.loads = 0
        """How many have not come back yet."""
        self._carrier = carrier
        self._troubles: dict[int, Trouble] = {}
        self._stirred = True
        self._wake_at = FOREVER
        self._paced = False

    @property
    def busy(self) -> bool:
        """Tell whether something is under way, or would be if the pace allowed it."""
        reachable = self.pause is None and not self.condition.failures
        return self.loads > 0 or (self._paced and reachable)

    def stir(self) -> None:
        """Say that there may be something new to send."""
        self._stirred = True

    def try_now(self, now: float) -> None:
        """Wait no more for what the destination, or the pace of failures, asks to wait for."""
        self.condition = replace(self.condition, open_at=delivery.NEVER)
        self._troubles = {
            number: replace(trouble, retry_at=min(trouble.retry_at, now)) for number, trouble in self._troubles.items()
        }
        self._stirred = True

    def dispatch(self, road: Road, now: float, epoch: float) -> None:
        """Send what may leave at `now`, which is `epoch` in the rows. Raises Transient when the outbox cannot be read.

        The outbox is asked only where something has changed, or a pause is over.
        """
        if not self._stirred and now < self._wake_at:
            return
        room = delivery.room(self.condition, now, self.loads) if self.pause is None else 0
        for load in self._choose(road, Chance(room, now, epoch)) if room else ():
            self.under_way.update(load.ids)
            self.loads += 1
            self._carrier.carry(load)
        self._stirred = False
        self._wake_at = min(self._alarms(now), default=FOREVER)

    @abstractmethod
    def _choose(self, road: Road, chance: Chance) -> list[Load]:
        """Return what may leave now."""

    def _alarms(self, now: float) -> Iterator[float]:
        """Yield the instants to come at which something may leave that may not now."""
        if self.pause is None:
            retries = (trouble.retry_at for trouble in self._troubles.values())
            yield from (at for at in (self.condition.open_at, *retries) if at > now)

    def _rests(self, number: int, now: float) -> bool:
        trouble = self._troubles.get(number)
        return number in self.under_way or (trouble is not None and trouble.retry_at > now)

    def take(self, returned: Return, answer: Answer) -> Ruling:
        """Fold an answer in; return what it makes of the rows. They stay under way until that is on the disk."""
        self.loads -= 1
        self._stirred = True
        outcomes, again = [], 0
        for number in returned.load.ids:
            before = self._troubles.pop(number, Trouble())
            trouble, verdict = delivery.decide(before, self.condition, answer)
            again += before.unanswered
            if _STATES[verdict] is State.WAITING:
                self._troubles[number] = trouble
            outcomes.append(Outcome(number, _STATES[verdict], returned.problem))
        self.condition = delivery.step(self.condition, answer)
        return Ruling(outcomes, again)

    def release(self, ids: Iterable[int]) -> None:
        """Take note that what became of these rows is on the disk."""
        self.under_way.difference_update(ids)
        self._stirred = True

    def forget(self, now: float) -> None:
        """Forget what rows have met that have not been tried for an hour: they wait no more."""
        self._troubles = {
            number: trouble
            for number, trouble in self._troubles.items()
            if trouble.retry_at > now - delivery.EXPIRY_SECONDS
        }

    def close(self) -> None:
        """Let the carrier end."""
        self._carrier.close()


class BackendRoute(Route):
    """One message at a time for each symbol, up to eight at once; `deliver` takes kind, payload and key."""

    def __init__(self, carrier: Carrier, fingerprint: str, deliver: Callable[[Kind, bytes, str], None]) -> None:
        super().__init__(carrier, fingerprint)
        self._deliver = deliver

    def _choose(self, road: Road, chance: Chance) -> list[Load]:
        heads = road.heads(self.destination, chance.epoch)
        chosen = [number for number in heads if not self._rests(number, chance.now)][: chance.room]
        messages = road.messages(chosen) if chosen else {}
        return [
            Load((number,), partial(self._deliver, message.kind, message.payload, message.key))
            for number, message in sorted(messages.items())
        ]


class ChatRoute(Route):
    """One message after the other at the pace of the chat; more than five that wait go out as one digest.

    A message is at most `longest` long by its `measure`. In quiet hours only what concerns the suite's health leaves.
    """

    def __init__(
        self,
        carrier: Carrier,
        fingerprint: str,
        send: Callable[[str], None],
        *,
        group: bool,
        longest: int = digest.LONGEST,
        measure: Measure = Measure.CHARACTER,
    ) -> None:
        super().__init__(carrier, fingerprint)
        self._send = send
        self._group = group
        self._longest = longest
        self._measure = measure
        self._sent: tuple[float, ...] = ()
        self._digest: list[Load] = []
        """The parts of one that have not been sent yet."""
        self._suspects: set[int] = set()
        """The rows of a digest that was refused: any of them may have been the cause."""

    def take(self, returned: Return, answer: Answer) -> Ruling:
        """Fold an answer in; a digest of which a part has failed is made anew when its time comes.

        One that is refused refuses none of its rows: each is then told by itself.
        """
        self._sent = delivery.note_sent(self._sent, answer.at)
        if answer.result is not Result.TAKEN:
            self._digest = []
        ruling = super().take(returned, answer)
        if len(ruling.outcomes) == 1:
            return ruling
        refused = {outcome.id for outcome in ruling.outcomes if outcome.state is State.REFUSED}
        self._suspects |= refused
        outcomes = [o._replace(state=State.WAITING) if o.id in refused else o for o in ruling.outcomes]
        return ruling._replace(outcomes=outcomes)

    def _choose(self, road: Road, chance: Chance) -> list[Load]:
        if self.loads:
            return []
        kinds = [kind for kind in Kind if self.silence.quiet_until is None or kind not in delivery.HELD]
        stops = [stop for stop in road.waiting(self.destination, kinds) if stop.symbol not in self.silence.muted]
        loads = self._rest(stops) or self._planned(stops, chance.now)
        self._paced = bool(loads)
        if not loads or self._delay(chance.now):
            return []
        self._digest = loads[1:]
        return loads[:1]

    def _rest(self, stops: list[Stop]) -> list[Load]:
        """Return the parts of a digest that are left, unless one of its rows waits no more."""
        waiting = {stop.id for stop in stops}
        return self._digest if all(waiting.issuperset(load.ids) for load in self._digest) else []

    def _planned(self, stops: list[Stop], now: float) -> list[Load]:
        resting = {stop.id for stop in stops if self._rests(stop.id, now)}
        ready = delivery.unhindered(((stop.id, stop.symbol) for stop in stops), resting)
        self._suspects.intersection_update(stop.id for stop in stops)
        suspects = [number for number in ready if number in self._suspects]
        chosen = suspects[:1] or (ready if len(ready) > delivery.DIGEST_ABOVE else ready[:1])
        texts = {stop.id: stop.text for stop in stops}
        left = iter(chosen)
        return [
            Load(tuple(islice(left, part.count)), partial(self._send, part.text))
            for part in digest.parts([texts[number] for number in chosen], self._longest, self._measure)
        ]

    def _alarms(self, now: float) -> Iterator[float]:
        yield from super()._alarms(now)
        if self._paced and not self.loads and self.pause is None:
            yield now + self._delay(now)

    def _delay(self, now: float) -> float:
        return delivery.chat_delay(self._sent, now, group=self._group)

"""What the courier says of its work: metrics, `.outbox_state.json`, and a sentence for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from volspike.delivery.road import Road
from volspike.delivery.route import Route
from volspike.model.delivery import Destination, Tally
from volspike.model.documents import VERSION, DestinationState, OutboxDocument
from volspike.rules import quiet
from volspike.runtime.clock import Clock
from volspike.runtime.metrics import Metrics
from volspike.state import documents
from volspike.state.keeper import Keeper

EVERY_SECONDS = 5.0
TALLIED_SECONDS = 86_400.0


class Counters:
    """What has happened to the deliveries of one destination since the courier started."""

    def __init__(self, metrics: Metrics, destination: Destination) -> None:
        self.delivered = metrics.counter("outbox_delivered", "Deliveries taken.", destination=destination)
        self.refused = metrics.counter("outbox_refused", "Deliveries refused for good.", destination=destination)
        self.expired = metrics.counter("outbox_expired", "Deliveries grown too old.", destination=destination)
        self.muted = metrics.counter("outbox_muted", "Deliveries of muted symbols.", destination=destination)
        self.failed = metrics.counter(
            "outbox_failed_attempts", "Deliveries that went back to wait after an attempt.", destination=destination
        )
        self.resent = metrics.counter(
            "outbox_resent", "Deliveries sent again though the first may have been taken.", destination=destination
        )
        self.resent_count = 0
        """The same, to read."""

    def resend(self, count: int) -> None:
        """Count what was sent again in spite of the doubt."""
        self.resent.inc(count)
        self.resent_count += count


class Report:
    """How deliveries stand, told every five seconds and whenever the condition of a destination changes."""

    def __init__(self, metrics: Metrics, routes: Sequence[Route], runtime_dir: Path, clock: Clock) -> None:
        self._metrics = metrics
        self._counters = {route.destination: Counters(metrics, route.destination) for route in routes}
        self._routes = routes
        self._clock = clock
        self._file = Keeper(runtime_dir / documents.OUTBOX_STATE, clock.monotonic)
        self._tallies: Mapping[Destination, Tally] = {}
        self._told_at = float("-inf")
        self._conditions: list[object] = []

    def counters(self, destination: Destination) -> Counters:
        """Return what is counted for a destination, which may be one that the settings do not name any more."""
        if destination not in self._counters:
            self._counters[destination] = Counters(self._metrics, destination)
        return self._counters[destination]

    def tell(self, road: Road, *, urgent: bool = False) -> None:
        """Write what is to be told now. Raises Transient when the outbox cannot be read."""
        now = self._clock.monotonic()
        conditions = [(route.pause, route.condition.failing_since, route.silence) for route in self._routes]
        if urgent or now - self._told_at >= EVERY_SECONDS or conditions != self._conditions:
            self._told_at, self._conditions = now, list(conditions)
            self._tallies = road.tallies(self._clock.now() - TALLIED_SECONDS)
            self._measure()
            self._file.touch()
        self._file.save(self._document, urgent=urgent)

    def _measure(self) -> None:
        for route in self._routes:
            tally, name = self._tally(route), route.destination
            self._metrics.gauge("outbox_waiting", "Deliveries that wait.", destination=name).set(tally.waiting)
            self._metrics.gauge(
                "outbox_oldest_waiting_timestamp_seconds", "Since when the oldest waits; 0 for none.", destination=name
            ).set(self._oldest(route) or 0)
            self._metrics.gauge("outbox_paused", "Whether nothing is sent there.", destination=name).set(
                route.pause is not None
            )

    def _tally(self, route: Route) -> Tally:
        return self._tallies.get(route.destination, Tally())

    def _oldest(self, route: Route) -> float | None:
        """Return since when the oldest waits, as if quiet hours took no time."""
        at = self._tally(route).oldest_waiting_at
        if at is None or route.quiet_hours is None:
            return at
        return at + quiet.lasted(route.quiet_hours, at, self._clock.now())

    def _document(self) -> bytes:
        states = {str(route.destination): self._state(route) for route in self._routes}
        return documents.encode(OutboxDocument(VERSION, states, self._clock.now()))

    def _state(self, route: Route) -> DestinationState:
        tally = self._tally(route)
        return DestinationState(
            waiting=tally.waiting,
            oldest_waiting_at=self._oldest(route),
            delivered=tally.delivered,
            refused=tally.refused,
            expired=tally.expired,
            dropped=tally.dropped,
            resent=self.counters(route.destination).resent_count,
            paused_since=route.pause.since if route.pause else None,
            reason=route.pause.reason if route.pause else "",
            quiet_until=route.silence.quiet_until,
        )

    def sentence(self) -> str:
        """Return how deliveries stand, in a sentence."""
        return "; ".join(self._phrase(route) for route in self._routes)

    def _phrase(self, route: Route) -> str:
        waiting = self._tally(route).waiting
        waits = f"{waiting} waiting for {route.destination}"
        if route.pause is not None:
            return f"{waits}, which is paused: {route.pause.reason}"
        if route.silence.quiet_until is not None and waiting:
            return f"{waits} until quiet hours end"
        since = route.condition.failing_since
        if since is not None:
            return f"{waits}, which has been away for {self._clock.monotonic() - since:.0f} s"
        return waits if waiting else f"{route.destination} quiet"

"""What comes back to the courier: counted, told once where a condition has changed, and brought to the disk."""

import logging
from collections.abc import Iterator, Mapping
from queue import Empty

from volspike.daemons.courier_report import Report
from volspike.delivery.carrier import Return, Returns
from volspike.delivery.road import Outcome, Road
from volspike.delivery.route import Route
from volspike.model.delivery import Destination, Pause, State
from volspike.rules.delivery import Condition, Result
from volspike.runtime.clock import Clock

log = logging.getLogger(__name__)


class Desk:
    """Takes what the carriers bring back, and keeps it until it is on the disk."""

    def __init__(
        self, road: Road, routes: Mapping[Destination, Route], returns: Returns, report: Report, clock: Clock
    ) -> None:
        self._road = road
        self._routes = routes
        self._returns = returns
        self._report = report
        self._clock = clock
        self._outcomes: list[Outcome] = []
        self._pauses: dict[Destination, Pause] = {}

    @property
    def awaited(self) -> bool:
        """Tell whether something has not come back yet."""
        return any(route.loads for route in self._routes.values())

    def collect(self, patience_seconds: float) -> None:
        """Take all that has come back; wait for the first of it for so long, in seconds of this machine."""
        for returned in self._returned(patience_seconds):
            route = self._routes[returned.destination]
            before = route.condition
            ruling = route.take(returned, returned.answer)
            self._outcomes += ruling.outcomes
            self._report.counters(route.destination).resend(ruling.again)
            self.count(route.destination, ruling.outcomes)
            if returned.answer.result is Result.MISDIRECTED and route.pause is None:
                self._pause(route, returned.problem)
            self._tell_change(route.destination, before, route.condition, returned.problem)

    def _returned(self, patience_seconds: float) -> Iterator[Return]:
        try:
            yield self._returns.get(timeout=patience_seconds)
            while True:
                yield self._returns.get_nowait()
        except Empty:
            return

    def count(self, destination: Destination, outcomes: list[Outcome]) -> None:
        """Count what became of rows, and tell of each that was refused."""
        counters = self._report.counters(destination)
        for outcome in outcomes:
            match outcome.state:
                case State.DELIVERED:
                    counters.delivered.inc()
                case State.REFUSED:
                    counters.refused.inc()
                    extra = {"destination": destination, "id": outcome.id, "problem": outcome.problem}
                    log.error("delivery refused; see volspike outbox show", extra=extra)
                case _:
                    counters.failed.inc()

    def _pause(self, route: Route, reason: str) -> None:
        route.pause = self._pauses[route.destination] = Pause(self._clock.now(), reason, route.fingerprint)
        log.error(
            "destination paused: correct its settings, or volspike outbox resume",
            extra={"destination": route.destination, "reason": reason},
        )

    def _tell_change(self, destination: Destination, before: Condition, after: Condition, problem: str) -> None:
        if before.failing_since is None and after.failing_since is not None:
            log.warning("destination lost", extra={"destination": destination, "problem": problem})
        elif before.failing_since is not None and after.failing_since is None:
            lasted = self._clock.monotonic() - before.failing_since
            log.info(
                "destination recovered",
                extra={"destination": destination, "after_seconds": round(lasted, 1), "attempts": before.failures},
            )

    def settle(self) -> None:
        """Bring to the disk what has come back; before that its rows are neither sent again nor overtaken.

        Raises Transient when that is not possible; then it is still to be done.
        """
        for destination, pause in list(self._pauses.items()):
            self._road.pause(destination, pause)
            del self._pauses[destination]
        if self._outcomes:
            self._road.settle(self._outcomes, self._clock.now())
            for route in self._routes.values():
                route.release(outcome.id for outcome in self._outcomes)
            self._outcomes = []

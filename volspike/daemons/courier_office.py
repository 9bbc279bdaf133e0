"""What the courier does in one turn: take what has come back, see what is new, and send what may leave."""

import logging
from collections.abc import Mapping

from volspike.clients.errors import Transient
from volspike.daemons.courier_desk import Desk
from volspike.daemons.courier_news import News
from volspike.daemons.courier_peace import Peace
from volspike.daemons.courier_report import Report
from volspike.delivery.database import Damaged
from volspike.delivery.road import Road
from volspike.delivery.route import Route
from volspike.model.delivery import Destination
from volspike.rules import delivery, quiet
from volspike.runtime.clock import Clock

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
"""How late, at most, a new row is noticed: seconds of this machine, whatever the suite's clock does."""
CLOSE_SECONDS = 2.0
EXPIRE_SECONDS = 1.0
CLEAN_SECONDS = 3600.0
UNUSABLE_SECONDS = 60.0
NEVER = float("-inf")


class Office:
    """Everything the courier holds between two turns."""

    def __init__(
        self,
        road: Road,
        routes: Mapping[Destination, Route],
        desk: Desk,
        *,
        news: News,
        peace: Peace,
        report: Report,
        clock: Clock,
    ) -> None:
        self._road = road
        self._routes = routes
        self._desk = desk
        self._news = news
        self._peace = peace
        self._report = report
        self._clock = clock
        self._hindered_since: float | None = None
        self._expired_at = self._cleaned_at = NEVER

    def begin(self) -> None:
        """Go on with destinations whose settings are others than those they were paused for. Raises Transient."""
        for destination, pause in self._road.pauses().items():
            route = self._routes.get(destination)
            if route is None or route.fingerprint == pause.fingerprint:
                log.error("destination is still paused", extra={"destination": destination, "reason": pause.reason})
            else:
                self._road.resume(destination)
                log.info("destination has other settings: delivering again", extra={"destination": destination})

    def turn(self) -> None:
        """Do what there is to do, or wait for a tenth of a second for something. Raises Damaged."""
        self._desk.collect(POLL_SECONDS)
        try:
            self._work()
        except Damaged:
            raise
        except Transient as error:
            self._hindered(error)
        else:
            self._free()

    def _work(self) -> None:
        self._desk.settle()
        self._news.look()
        if self._road.changed():
            self._look()
        self._tidy(self._clock.monotonic())
        self._peace.keep()  # last, for tidying may take its time: who mutes a symbol is heeded from the next message on
        for route in self._routes.values():
            route.dispatch(self._road, self._clock.monotonic(), self._clock.now())
        self._report.tell(self._road)

    def _look(self) -> None:
        for destination, outcome in self._road.refuse_strange(self._clock.now()):
            self._desk.count(destination, [outcome])
        for destination in self._road.asked_to_try():
            if (asked := self._routes.get(destination)) is not None:
                asked.try_now(self._clock.monotonic())
        pauses = self._road.pauses()
        for route in self._routes.values():
            if route.pause is not None and route.destination not in pauses:
                log.info("destination resumed", extra={"destination": route.destination})
            route.pause = pauses.get(route.destination)
            route.stir()

    def _tidy(self, now: float) -> None:
        if now - self._expired_at >= EXPIRE_SECONDS:
            self._expire()
            self._expired_at = now
        if now - self._cleaned_at >= CLEAN_SECONDS:
            self._road.clean(self._clock.now())
            self._road.check()
            for route in self._routes.values():
                route.forget(now)
            self._cleaned_at = now

    def _expire(self) -> None:
        routes, now = self._routes.values(), self._clock.now()
        under_way = [number for route in routes for number in route.under_way]
        respites = {
            route.destination: quiet.respite(route.quiet_hours, now, delivery.EXPIRY_SECONDS)
            for route in routes
            if route.quiet_hours
        }
        for destination, count in self._road.expire(now, under_way, respites).items():
            self._report.counters(destination).expired.inc(count)
            log.warning("deliveries grew too old", extra={"destination": destination, "count": count})
            for route in routes:
                route.stir()

    def _hindered(self, error: Transient) -> None:
        if self._hindered_since is None:
            self._hindered_since = self._clock.monotonic()
            log.error("the outbox cannot be used; it goes on being tried", extra={"problem": str(error)})

    def _free(self) -> None:
        if self._hindered_since is not None:
            lasted = self._clock.monotonic() - self._hindered_since
            log.info("the outbox can be used again", extra={"after_seconds": round(lasted, 1)})
            self._hindered_since = None

    @property
    def usable(self) -> bool:
        """Tell whether the outbox can be used, or could be a minute ago: else the courier does not do its work."""
        since = self._hindered_since
        return since is None or self._clock.monotonic() - since < UNUSABLE_SECONDS

    @property
    def idle(self) -> bool:
        """Tell whether nothing is left that could be delivered now."""
        return not any(route.busy for route in self._routes.values())

    def close(self) -> None:
        """Wait up to two seconds of this machine for what is under way; the next run sends the rest again."""
        end = self._clock.monotonic() + CLOSE_SECONDS * self._clock.rate
        while self._desk.awaited and self._clock.monotonic() < end:
            self._desk.collect(POLL_SECONDS)
        try:
            self._desk.settle()
            self._report.tell(self._road, urgent=True)
        except Transient as error:
            log.error("what has come back is not on the disk", extra={"problem": str(error)})

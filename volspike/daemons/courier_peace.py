"""What people are spared: alerts in their quiet hours, which wait, and those of muted symbols, which are dropped."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from volspike.daemons.courier_report import Report
from volspike.delivery.mutes import Mutes
from volspike.delivery.road import Road
from volspike.delivery.route import ChatRoute
from volspike.model.delivery import Silence
from volspike.model.documents import Mute
from volspike.rules import quiet
from volspike.rules.quiet import QuietHours
from volspike.runtime.clock import Clock

log = logging.getLogger(__name__)


class Peace:
    """Keeps the routes to people informed, and the outbox free of what nobody wants to hear."""

    def __init__(
        self,
        road: Road,
        people: Sequence[ChatRoute],
        report: Report,
        *,
        mutes: Mutes,
        hours: QuietHours | None,
        clock: Clock,
    ) -> None:
        self._road = road
        self._people = people
        self._report = report
        self._mutes = mutes
        self._hours = hours
        self._clock = clock
        self._silence = Silence()
        for route in people:
            route.quiet_hours = hours

    def keep(self) -> None:
        """Heed the time and the mutes of this moment. Raises Transient when the outbox cannot be used."""
        now = self._clock.now()
        muted = self._mutes.in_force()
        ends = quiet.until(self._hours, now) if self._hours else None
        self._fall(Silence(ends, frozenset(muted)))
        self._drop(muted, now)

    def _fall(self, silence: Silence) -> None:
        before, self._silence = self._silence, silence
        if silence == before:
            return
        if silence.quiet_until is not None and before.quiet_until is None:
            log.info("quiet hours: alerts wait until they end", extra={"until": _instant(silence.quiet_until)})
        if silence.quiet_until is None and before.quiet_until is not None:
            log.info("quiet hours are over")
        for route in self._people:
            route.silence = silence
            route.stir()

    def _drop(self, muted: dict[str, Mute], now: float) -> None:
        if not muted:
            return
        reasons = {symbol: f"muted until {_instant(mute.until)} UTC" for symbol, mute in muted.items()}
        under_way = [number for route in self._people for number in route.under_way]
        dropped = self._road.mute([route.destination for route in self._people], reasons, now, under_way)
        for destination, count in dropped.items():
            self._report.counters(destination).muted.inc(count)
            log.info("alerts of muted symbols are not told", extra={"destination": destination, "count": count})


def _instant(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"

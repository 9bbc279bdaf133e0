"""The backend as the daemons use it: it takes alerts, and keeps user alerts, open interest and the liquid universe."""

import logging
from collections.abc import Sequence

from volspike.clients.backend import wire
from volspike.clients.backend.connection import Answer, Connection
from volspike.clients.errors import Faulted, Permanent, Transient
from volspike.model.alerts import Report, UserAlert
from volspike.model.delivery import Kind
from volspike.model.market import OpenInterestSample
from volspike.model.news import Channel, Post
from volspike.model.universe import Member, UniverseRow
from volspike.runtime.closing import Closing

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, a little more than the time after which a lost packet is sent again; and between two packets."""
HTTP_BAD_REQUEST = 400
HTTP_NOT_FOUND = 404
FIRED_ALREADY = "Alert is not active"
GONE = "Alert not found"

INGEST = {Kind.VOLUME: "/api/volume-alerts/ingest", Kind.OPEN_INTEREST: "/api/open-interest-alerts/ingest"}
TRIGGER = "/api/user-alerts-trigger/trigger"
ACTIVE = "/api/user-alerts-trigger/active"
UPDATE_CHECKED = "/api/user-alerts-trigger/update-checked"
SNAPSHOT = "/api/market/open-interest/snapshot"
SAMPLES = "/api/market/open-interest/ingest"
POSTS = "/api/telegram/ingest"
UNIVERSE = "/api/market/open-interest/liquid-universe"
UNIVERSE_UPDATE = "/api/market/open-interest/liquid-universe/update"


class Backend(Closing):
    """One backend, for any number of threads; use it as a context manager, or close it.

    What every method may raise: Transient (Faulted among it), and Permanent (Misdirected among it); see connection.
    """

    def __init__(
        self, url: str, key: str, *, timeout: tuple[float, float] = TIMEOUT_SECONDS, connections: int = 8
    ) -> None:
        """Prepare to ask the backend at `url`; up to `connections` stay open."""
        self._key = key
        self._connection = Connection(url, key, timeout, connections)
        self.lost_alerts = 0
        """How many user alerts of the latest list do not decode."""

    def close(self) -> None:
        """Close what is open and not in use."""
        self._connection.close()

    def deliver(self, kind: Kind, payload: bytes, key: str) -> None:
        """Return once the backend has taken a payload of `wire`; `key` names the episode.

        A trigger that has fired already is success: it fires once, and an answer may have been lost.
        """
        if kind is Kind.TRIGGER:
            self._fire(payload, key)
        else:
            self._take(self._connection.post(INGEST[kind], payload, key))

    def _fire(self, payload: bytes, key: str) -> None:
        answer = self._connection.post(TRIGGER, wire.with_key(payload, self._key), key)
        if answer.status == HTTP_BAD_REQUEST and FIRED_ALREADY in wire.parse_failure(answer.content):
            return
        if answer.status == HTTP_NOT_FOUND and GONE in wire.parse_failure(answer.content):
            raise Permanent(f"{TRIGGER} answered HTTP {HTTP_NOT_FOUND}: {GONE}", HTTP_NOT_FOUND)
        self._take(answer)

    def _take(self, answer: Answer) -> None:
        if not self._connection.parsed(wire.parse_success, answer):
            raise Faulted(f"{answer.path} answered success: false")

    def open_interest_at(self, symbol: str, at: float) -> float | None:
        """Return a symbol's open interest (contracts) at an instant, epoch seconds; None when unknown."""
        answer = self._connection.get(SNAPSHOT, {"symbol": symbol, "ts": wire.instant(at)})
        return self._connection.parsed(lambda content: wire.parse_snapshot(content, at), answer)

    def send_open_interest(self, samples: Sequence[OpenInterestSample], at: float) -> int:
        """Return how many samples of the sweep that began at `at` were taken; a failed chunk does not stop the next.

        Raises what the last failed chunk has met when none of them was taken.
        """
        taken = 0
        failure: Transient | Permanent | None = None
        for payload in wire.open_interest_samples(samples, at):
            try:
                told = self._connection.parsed(wire.parse_ingested, self._connection.post(SAMPLES, payload))
            except (Transient, Permanent) as error:
                failure = error
                continue
            taken += told.inserted
            if told.problem:
                problem = self._connection.without_key(told.problem)[: wire.MAX_REASON]
                failure = Transient(f"{SAMPLES}: {problem}")
        if failure is not None and not taken:
            raise failure
        return taken

    def liquid_universe(self) -> dict[str, Member]:
        """Return the liquid universe by symbol; empty when the backend has none."""
        return self._connection.parsed(wire.parse_universe, self._connection.get(UNIVERSE, {}))

    def send_liquid_universe(self, rows: Sequence[UniverseRow], at: float) -> None:
        """Replace the whole liquid universe. Raises ValueError for an empty one."""
        self._take(self._connection.post(UNIVERSE_UPDATE, wire.universe(rows, at)))

    def send_posts(self, channel: Channel, category: str, posts: Sequence[Post]) -> int:
        """Send at most `wire.MAX_POSTS` posts of a channel; return how many of them the backend could not keep.

        What is sent again is brought up to date there, never doubled. What cannot be written as JSON is Permanent.
        """
        try:
            payload = wire.posts(channel, category, posts)
        except (ValueError, OverflowError, OSError) as error:  # half an emoji, or a date that no calendar has
            raise Permanent(f"it cannot be sent: {error}") from None
        answer = self._connection.post(POSTS, payload)
        return self._connection.parsed(wire.parse_lost_posts, answer)

    def active_alerts(self) -> list[UserAlert]:
        """Return the user alerts that may fire; one that does not decode is left out and counted in `lost_alerts`."""
        listed = self._connection.parsed(wire.parse_alerts, self._connection.get(ACTIVE, {"apiKey": self._key}))
        if listed.lost > self.lost_alerts:
            log.warning("user alerts that do not decode", extra={"alerts": listed.lost, "problem": listed.problem})
        self.lost_alerts = listed.lost
        return listed.alerts

    def report_checked(self, report: Report) -> None:
        """Tell the value at which a user alert was looked at."""
        self._take(self._connection.post(UPDATE_CHECKED, wire.checked(report, self._key)))

"""Where every page gets what it needs: the settings, the time, and the topics it may follow."""

from collections.abc import Callable
from typing import Any, TypeVar

from nicegui import Client, app

from volspike.dashboard import recorder
from volspike.dashboard.recorder import Recorder
from volspike.dashboard.topic import Topic
from volspike.readers.alerts import AlertReader
from volspike.readers.market import MarketReader
from volspike.runtime.clock import Clock
from volspike.settings import Settings

MARKET_SECONDS = 0.4
"""How soon a change of a file is noticed; the file's status tells, so a look costs next to nothing."""
ALERTS_SECONDS = 0.5

Value = TypeVar("Value")


class Place:
    """What the pages share; what only one page reads is a topic that it makes in its `add`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self._topics: list[Topic[Any]] = []
        self.recorder = Recorder(settings, clock)
        self.topic(self.recorder.record, recorder.LOOK_SECONDS, always=True)
        self.market = self.topic(MarketReader(settings, clock).read, MARKET_SECONDS)
        self.alerts = self.topic(AlertReader(settings).read, ALERTS_SECONDS)

    def topic(
        self, read: Callable[[], Value], every_seconds: float, *, always: bool = False, passing: bool = False
    ) -> Topic[Value]:
        """Return a new topic, read at its pace from now on; see :class:`Topic`."""
        topic = Topic(read, every_seconds, always=always, passing=passing)
        self._topics.append(topic)
        return topic

    def begin_what_is_due(self) -> None:
        """Begin every reading whose time has come; called ten times a second by the server.

        The first call comes before the server has its loop, and begins nothing.
        """
        if not app.is_started:
            return
        now = self.clock.monotonic()
        self._topics = [topic for topic in self._topics if not topic.is_over]
        for topic in self._topics:
            topic.begin_when_due(now)

    def close(self) -> None:
        """Leave behind what the next run wants to know."""
        self.recorder.save()

    @property
    def open_pages(self) -> int:
        """Return how many pages are open."""
        return sum(client.has_socket_connection for client in Client.instances.values())

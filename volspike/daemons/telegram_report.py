"""What the Telegram poller says of itself: its status in a sentence, its metrics, and a file for the health monitor."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from volspike.daemons.telegram_sender import PostSender
from volspike.model.documents import VERSION, ChannelsDocument, ChannelState, ChannelTrouble
from volspike.model.news import Page
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon
from volspike.state import documents
from volspike.state.keeper import Keeper


class PollerReport:
    """The voice of the poller; a trouble of a channel is logged once, and so is its end."""

    def __init__(self, daemon: Daemon, path: Path, names: Sequence[str], sender: PostSender, how: str) -> None:
        """Speak for these channels, which are read `how` (in words); `path` is the file for the monitor."""
        self._clock = daemon.clock
        self._file = Keeper(path, daemon.clock.monotonic)
        self._sender = sender
        self._how = how
        self._states = {name: ChannelState() for name in names}
        self._conditions = {name: Condition(f"Telegram channel @{name}", daemon.clock.monotonic) for name in names}
        self._backend_since: float | None = None
        self._posts = 0
        self._latest: float | None = None
        metrics = daemon.metrics
        self._polls = metrics.counter("telegram_polls", "Channels read to their end.")
        self._unreadable = metrics.counter("telegram_messages_unreadable", "Messages that could not be read, left out.")
        self._read_at = metrics.gauge("telegram_read_timestamp_seconds", "When a channel was last read to its end.")
        self._failures = {
            trouble: metrics.counter("telegram_failures", "Channels that could not be read.", trouble=trouble.value)
            for trouble in ChannelTrouble
        }
        self._failing = {
            trouble: metrics.gauge("telegram_channels_failing", "Channels that cannot be read.", trouble=trouble.value)
            for trouble in ChannelTrouble
        }
        metrics.gauge("telegram_channels", "Channels that are to be read.").set(len(self._states))

    @property
    def problem(self) -> str:
        """Return what is wrong, or nothing."""
        named: dict[str, list[str]] = {}
        for name, state in self._states.items():
            if state.trouble:
                named.setdefault(state.problem, []).append(f"@{name}")
        troubles = [f"{', '.join(names)}: {problem}" for problem, names in named.items()]
        if self._sender.problem:
            troubles.append(f"posts wait: {self._sender.problem}")
        return "; ".join(troubles)

    def status(self) -> str:
        """Return what the poller does now, in a sentence."""
        if not self._states:
            return "no channel is to be read: TELEGRAM_CHANNELS is -"
        count = len(self._states)
        channels = "1 channel" if count == 1 else f"{count} channels"
        latest = f", the latest of {datetime.fromtimestamp(self._latest, UTC):%H:%M:%S} UTC" if self._latest else ""
        problem = f"; {self.problem}" if self.problem else ""
        return f"{channels} read {self._how}, {self._posts} posts since the start{latest}{problem}"

    def took(self, page: Page) -> None:
        """Tell of a page whose posts the backend has."""
        self._posts += len(page.posts)
        self._unreadable.inc(page.unreadable)
        if page.posts:
            self._latest = max(self._latest or 0.0, page.posts[-1].date)

    def read(self, name: str) -> None:
        """Tell that a channel was read to its end."""
        now = self._clock.now()
        self._polls.inc()
        self._read_at.set(now)
        self._conditions[name].works()
        self._states[name] = ChannelState(read_at=now)

    def waits(self, name: str) -> None:
        """Tell that a channel can be read, and that its posts wait for the backend."""
        self._conditions[name].works()
        self._states[name] = ChannelState(read_at=self._states[name].read_at)

    def failed(self, name: str, trouble: ChannelTrouble, problem: str) -> None:
        """Tell that a channel cannot be read, and why."""
        self._failures[trouble].inc()
        self._conditions[name].fails(problem)
        state = self._states[name]
        since = self._clock.now() if state.since is None else state.since
        self._states[name] = replace(state, trouble=trouble, since=since, problem=problem)

    def save(self) -> None:
        """Write the file for the monitor, and what the metrics have of it."""
        for trouble, gauge in self._failing.items():
            gauge.set(sum(state.trouble is trouble for state in self._states.values()))
        now, backend_problem = self._clock.now(), self._sender.problem
        self._backend_since = (self._backend_since or now) if backend_problem else None
        document = ChannelsDocument(VERSION, self._states, now, self._backend_since, backend_problem)
        self._file.touch()
        self._file.save(lambda: documents.encode(document), urgent=True)

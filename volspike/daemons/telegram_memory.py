"""`.telegram_poller_state.json`: how far each channel has been read, and which channel its name was resolved to."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from volspike.model.news import Channel
from volspike.runtime.clock import Clock
from volspike.state import documents, keeper
from volspike.state.keeper import Keeper


class Document(Struct, frozen=True):
    """What the file holds: the latest message of each channel that the backend has, and when a channel was last read.

    It stays as operators know it, so it carries no version. Resolved channels are kept because it is asking for names
    again and again that Telegram punishes with pauses of a day.
    """

    last_message_ids: dict[str, int]
    last_fetch: str = ""
    channels: dict[str, Channel] = {}


class PollerMemory:
    """The cursors; a channel that is no longer read keeps its own, for it may come back."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = Keeper(path, clock.monotonic, durable=True)
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        known = keeper.recall_with(path, _read, clock.now()) or Document({})
        self._cursors = {name.lower(): last_id for name, last_id in known.last_message_ids.items()}
        self._channels = dict(known.channels)

    def cursor(self, name: str) -> int | None:
        """Return the latest message that the backend has of a channel; None before the first."""
        return self._cursors.get(name)

    def channel(self, name: str) -> Channel | None:
        """Return the channel that a name was resolved to; None as long as it was not."""
        return self._channels.get(name)

    def resolved(self, name: str, channel: Channel) -> None:
        """Remember which channel has a name."""
        self._channels[name] = channel

    def titled(self, name: str, title: str) -> Channel:
        """Return the channel that a name was resolved to, and remember its title of now, if there is one."""
        channel = self._channels[name]
        if title:
            channel = self._channels[name] = replace(channel, title=title)
        return channel

    def move(self, name: str, last_id: int) -> None:
        """Remember that the backend has everything up to this message; the file says so before this returns."""
        self._cursors[name] = last_id
        self.save()

    def save(self) -> None:
        """Write the file; a disk that fails is reported, and all stays in memory."""
        at = datetime.fromtimestamp(int(self._clock.now()), UTC).isoformat().replace("+00:00", "Z")
        self._file.touch()
        self._file.save(lambda: documents.encode(Document(self._cursors, at, self._channels)), urgent=True)


def _read(path: Path) -> Document:
    return msgspec.json.decode(path.read_bytes(), type=Document)

"""What the readers of public channels have in common: whom they resolve, what they page, and how they fail.

Besides the errors below a reader raises Transient when Telegram cannot be reached or asks for a pause, which then
concerns the one channel: `retry_after` has its seconds.
"""

from collections.abc import Iterator
from typing import Protocol

from volspike.clients.errors import Permanent
from volspike.model.news import Channel, Page

POSTS_A_PAGE = 50
"""At most; as many as the backend takes at once."""


class ChannelGone(Permanent):
    """There is no such channel to be read: it is private, missing or renamed, or shows no preview."""


class ShapeChanged(Permanent):
    """What Telegram answered has another shape than the one that is known; the message names what is missing."""


class LoginLost(Permanent):
    """The account is not logged in, or no longer: no channel can be read until somebody logs it in."""


class ChannelReader(Protocol):
    """A way to read public channels.

    Its calls wait for the network: a process that must end soon makes them in a thread that it does not wait for, and
    the pause which a reader is given between its questions ends them by an exception of its own.
    """

    def resolve(self, name: str) -> Channel:
        """Return the channel of this name (without @). Raises Transient, ChannelGone, ShapeChanged or LoginLost."""

    def pages(self, channel: Channel, after: int | None) -> Iterator[Page]:
        """Yield what is newer than the message `after`, oldest page first; None at first contact: the latest posts.

        A channel that was resolved once, by this process or another, is not resolved again. Nothing new: no page.
        Raises what `resolve` does; the pages that were yielded before stand.
        """

    def close(self) -> None:
        """Close what is open."""

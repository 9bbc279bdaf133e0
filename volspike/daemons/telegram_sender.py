"""Posts of channels to the backend: all of a page or, where one of them cannot be taken, all the others."""

import logging
from collections.abc import Callable, Sequence

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient
from volspike.model.news import Channel, Post
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon

log = logging.getLogger(__name__)

FAULTS_IN_A_ROW = 5
"""How often HTTP 500 may be the answer to the same posts before one of them is taken for its cause."""
LONGEST_ANSWER_SECONDS = 60.0
SENDING = "handing posts to the backend"


class PostSender:
    """Hands posts over; `problem` is why the backend has not taken the latest, or empty."""

    def __init__(self, backend: Backend, daemon: Daemon) -> None:
        metrics = daemon.metrics
        self._sent = metrics.counter("telegram_posts", "Posts of channels that the backend has taken.")
        self._refused = metrics.counter("telegram_posts_refused", "Posts that the backend cannot take, left out.")
        self._backend = backend
        self._daemon = daemon
        self._condition = Condition("the backend for posts of channels", daemon.clock.monotonic)
        self._faults: dict[int, tuple[int, int]] = {}
        """Of each channel whose posts meet HTTP 500: the first of these posts, and how often in a row."""

    @property
    def problem(self) -> str:
        """Return what is wrong with the backend, or nothing."""
        return self._condition.problem

    def deliver(self, channel: Channel, category: str, posts: Sequence[Post]) -> bool:
        """Return once the backend has taken what can be taken of these posts; False where it takes nothing now.

        What it refuses for its content (any 4xx but those of a wrong key or address) costs only the one post: the
        others go out without it. So does HTTP 500, when it was the answer again and again and others pass.
        """
        if not posts:
            return True
        first, faults = self._faults.pop(channel.id, (posts[0].id, 0))
        faults = faults if first == posts[0].id else 0
        attempt = Attempt(self._backend, channel, category, faults >= FAULTS_IN_A_ROW, self._alive)
        try:
            attempt.send(posts)
        except (Transient, Permanent) as error:
            if isinstance(error, Faulted):
                self._faults[channel.id] = (posts[0].id, faults + 1)
            self._condition.fails(str(error))
            return False
        if not self._faults:  # else posts of another channel still wait
            self._condition.works()
        self._report(channel, attempt)
        return True

    def _alive(self) -> None:
        """Say before each request that the daemon works: the search for a cause takes many of them."""
        self._daemon.progress(SENDING, next_due_seconds=LONGEST_ANSWER_SECONDS)

    def _report(self, channel: Channel, attempt: "Attempt") -> None:
        self._sent.inc(attempt.taken)
        self._refused.inc(attempt.lost + len(attempt.refused))
        for post, error in attempt.refused:
            where = {"channel": channel.username, "post": post.id, "problem": str(error)}
            log.warning("post left out: the backend does not take it", extra=where)
        if attempt.lost:
            where = {"channel": channel.username, "posts": attempt.lost}
            log.warning("the backend could not keep some posts", extra=where)


class Attempt:
    """One delivery: how many posts are taken, how many lost over there, and which were refused."""

    def __init__(
        self, backend: Backend, channel: Channel, category: str, looks_for_cause: bool, alive: Callable[[], None]
    ) -> None:
        """Prepare it; `alive` is called before each request."""
        self.taken = 0
        self.lost = 0
        self.refused: list[tuple[Post, Transient | Permanent]] = []
        self._backend = backend
        self._channel = channel
        self._category = category
        self._looks_for_cause = looks_for_cause
        self._alive = alive

    def send(self, posts: Sequence[Post]) -> None:
        """Send posts. Raises Transient or Permanent when it is not theirs that they are not taken."""
        self._send(posts)
        faults = [error for _, error in self.refused if isinstance(error, Faulted)]
        if faults and not self.taken:
            raise faults[0]

    def _send(self, posts: Sequence[Post]) -> None:
        self._alive()
        try:
            lost = self._backend.send_posts(self._channel, self._category, posts)
        except Misdirected:
            raise
        except (Permanent, Faulted) as error:
            if isinstance(error, Faulted) and not self._looks_for_cause:
                raise
            if len(posts) == 1:
                self.refused.append((posts[0], error))
                return
            half = len(posts) // 2
            self._send(posts[:half])
            self._send(posts[half:])
        else:
            self.taken += len(posts) - lost
            self.lost += lost

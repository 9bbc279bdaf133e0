"""Posts of channels to the backend: all of a page or, where one of them cannot be taken, all the others."""

import logging
from collections.abc import Sequence

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Faulted, Misdirected, Permanent, Transient
from volspike.model.news import Channel, Post
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon

log = logging.getLogger(__name__)

FAULTS_IN_A_ROW = 5
"""How often HTTP 500 may be the answer to the same posts before one of them is taken for its cause."""


class PostSender:
    """Hands posts over; `problem` is why the backend has not taken the latest, or empty."""

    def __init__(self, backend: Backend, daemon: Daemon) -> None:
        metrics = daemon.metrics
        self._sent = metrics.counter("telegram_posts", "Posts of channels that the backend has taken.")
        self._refused = metrics.counter("telegram_posts_refused", "Posts that the backend cannot take, left out.")
        self._backend = backend
        self._condition = Condition("the backend for posts of channels", daemon.clock.monotonic)
        self._faults: dict[tuple[int, int], int] = {}

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
        key = (channel.id, posts[0].id)
        attempt = Attempt(self._backend, channel, category, self._faults.get(key, 0) >= FAULTS_IN_A_ROW)
        try:
            attempt.send(posts)
        except (Transient, Permanent) as error:
            self._faults = {key: self._faults.get(key, 0) + 1} if isinstance(error, Faulted) else {}
            self._condition.fails(str(error))
            return False
        self._faults = {}
        self._condition.works()
        self._report(channel, attempt)
        return True

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

    def __init__(self, backend: Backend, channel: Channel, category: str, looks_for_cause: bool) -> None:
        self.taken = 0
        self.lost = 0
        self.refused: list[tuple[Post, Transient | Permanent]] = []
        self._backend = backend
        self._channel = channel
        self._category = category
        self._looks_for_cause = looks_for_cause

    def send(self, posts: Sequence[Post]) -> None:
        """Send posts. Raises Transient or Permanent when it is not theirs that they are not taken."""
        self._send(posts)
        faults = [error for _, error in self.refused if isinstance(error, Faulted)]
        if faults and not self.taken:
            raise faults[0]

    def _send(self, posts: Sequence[Post]) -> None:
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

"""When a job is due that a timer starts: soon after the suite, then on the marks of the suite's clock."""

import time

from volspike.model.suite import DaemonInfo
from volspike.runtime.clock import Clock


class Timer:
    """What the `.timer` unit of a daemon does in production."""

    def __init__(self, info: DaemonInfo, clock: Clock) -> None:
        self._every_seconds = info.every_seconds
        self._retry_seconds = info.retry_seconds
        self._clock = clock
        self._first_at = time.monotonic() + info.first_after_seconds
        self._period: float | None = None

    def fires(self) -> bool:
        """Tell whether the job is due; once told, it is not due again before the next mark.

        A clock that was set back makes it due at once, rather than silent until the old time returns.
        """
        period = self._clock.now() // self._every_seconds
        due = time.monotonic() >= self._first_at if self._period is None else period != self._period
        if due:
            self._period = period
        return due

    def note_failure(self) -> None:
        """Make a job that has failed due again before the next mark, if it is one that is retried."""
        if self._retry_seconds:
            self._first_at = time.monotonic() + self._clock.real_seconds(self._retry_seconds)
            self._period = None

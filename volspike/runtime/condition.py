"""Something that works or does not: a change of it is logged once, with how long it lasted."""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class Condition:
    """The condition of one thing, named as people know it; `problem` is what is wrong with it now, or empty."""

    def __init__(self, name: str, monotonic: Callable[[], float]) -> None:
        self.name = name
        self.problem = ""
        self._monotonic = monotonic
        self._since = 0.0

    def fails(self, problem: str) -> None:
        """Say that it does not work, and why; only the first time in a row is logged."""
        if not self.problem:
            self._since = self._monotonic()
            log.error("lost: %s", self.name, extra={"problem": problem})
        self.problem = problem

    def works(self) -> None:
        """Say that it works."""
        if self.problem:
            self.problem = ""
            after = round(self._monotonic() - self._since, 1)
            log.info("recovered: %s", self.name, extra={"after_seconds": after})

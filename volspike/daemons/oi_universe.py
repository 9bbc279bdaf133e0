"""The symbols to poll: the backend's liquid universe, refreshed beside the sweeps so that it never delays one."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from volspike.clients.backend.client import Backend
from volspike.clients.errors import Permanent, Transient
from volspike.model.documents import LiquidUniverseDocument
from volspike.runtime.clock import Clock
from volspike.runtime.condition import Condition
from volspike.state import documents

log = logging.getLogger(__name__)

REFRESH_SECONDS = 300.0
RETRY_SECONDS = 10.0
"""As long as the backend has not named a universe, it is asked more often."""
FIRST_SECONDS = 3.0
"""How long the first sweep waits for the backend before it takes what the file remembers."""
EMPTY = "the backend has no universe"


class Universe:
    """The liquid universe as last heard: a refresh that fails or is empty leaves the old one.

    Until the backend has named one, it is what the liquid-universe daemon has kept in `.liquid_universe.json`.
    """

    def __init__(self, backend: Backend, clock: Clock, path: Path) -> None:
        self._backend = backend
        self._clock = clock
        self._file = documents.reader(path, LiquidUniverseDocument)
        self._condition = Condition("the liquid universe of the backend", clock.monotonic)
        self._began = clock.monotonic()
        self._tried = False
        self._awaited = False
        self._closed = threading.Event()
        self._symbols: Sequence[str] = ()

    @property
    def problem(self) -> str:
        """Return why there is no universe."""
        if not self._tried:
            return "the backend has not answered yet"
        return f"{self._condition.problem or EMPTY}, and {self._file.path.name} has none"

    @property
    def settled(self) -> bool:
        """Tell whether the backend has been asked, whatever it said."""
        return self._tried

    def start(self) -> None:
        """Begin to ask the backend, in a thread that nobody waits for."""
        threading.Thread(target=self._refresh_for_ever, daemon=True).start()

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()

    def symbols(self) -> Sequence[str]:
        """Return the symbols to poll; empty as long as nobody has named any."""
        if self._symbols or not (self._tried or self._clock.monotonic() - self._began >= FIRST_SECONDS):
            return self._symbols
        remembered = self._file.read()
        return tuple(remembered.symbols) if remembered else ()

    def refresh(self) -> None:
        """Ask the backend once."""
        try:
            symbols = tuple(self._backend.liquid_universe())
        except (Transient, Permanent) as error:
            self._condition.fails(str(error))
        else:
            self._take(symbols)
        self._tried = True

    def _take(self, symbols: Sequence[str]) -> None:
        if symbols:
            if self._awaited and not self._condition.problem:
                log.info("the backend has named a liquid universe", extra={"symbols": len(symbols)})
            self._awaited = False
            self._symbols = symbols
            self._condition.works()
        elif self._symbols or self._condition.problem:
            self._condition.fails(EMPTY)
        elif not self._awaited:  # at a first start nothing is lost: it is not there yet
            self._awaited = True
            log.info("waiting for the liquid universe of the backend")

    def _refresh_for_ever(self) -> None:
        while not self._closed.is_set():
            self.refresh()
            self._closed.wait(self._clock.real_seconds(REFRESH_SECONDS if self._symbols else RETRY_SECONDS))

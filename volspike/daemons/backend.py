"""The embedded backend: takes alerts and keeps user alerts over HTTP on loopback, with no account anywhere."""

import asyncio
import sys

from volspike.backend import tables
from volspike.backend.app import build_app
from volspike.backend.reception import Desk
from volspike.backend.store import Store, UnavailableError
from volspike.backend.tables import OtherReleaseError
from volspike.daemons.launch import CannotStartError, launch
from volspike.rules.loopback import ADDRESS
from volspike.runtime.daemon import Daemon
from volspike.runtime.server import serve
from volspike.runtime.sockets import PortInUseError, listen
from volspike.settings import Settings, require_backend_key
from volspike.state import documents


def run(daemon: Daemon, settings: Settings, once: bool) -> None:
    """Serve until a signal comes; there is nothing to do once. Raises SettingsError without a key."""
    if once:
        raise CannotStartError("backend serves requests; --once has no meaning for it")
    require_backend_key(settings)
    port = settings.backend_port
    try:
        listener = listen(ADDRESS, port)
    except PortInUseError as error:
        raise CannotStartError(f"{error}; stop it or set BACKEND_PORT") from None
    path = settings.state_dir / documents.BACKEND
    try:
        settings.state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        store = Store(path, daemon.clock)
    except (UnavailableError, OtherReleaseError, OSError) as error:
        listener.close()
        raise CannotStartError(f"the database {path} cannot be used: {error}") from None
    desk = Desk(store, settings.backend_key)
    app = build_app(desk, daemon.metrics, settings.liquidity_thresholds, settings.polling_pace)
    housekeeping = Housekeeping(daemon, store)

    def tick() -> str:
        if store.is_lost():
            raise FileLostError(f"{path} is gone, and no new one can be made")
        housekeeping.begin_when_due()
        alerts = "1 alert" if desk.taken == 1 else f"{desk.taken} alerts"
        return f"listening on {ADDRESS}:{port}, {alerts} taken since its start"

    try:
        serve(daemon, app, listener, tick)
    finally:
        store.close()


class FileLostError(Exception):
    """The file was removed, with its directory or the mount that held it; systemd makes that anew for a new process."""


class Housekeeping:
    """Removes what is too old, a little every minute, between the requests; and at once when the file is another."""

    def __init__(self, daemon: Daemon, store: Store) -> None:
        self._clock = daemon.clock
        self._store = store
        self._removed = daemon.metrics.counter("backend_rows_removed", "Rows removed because of their age.")
        self._due: float | None = None
        self._sweeping: asyncio.Task[None] | None = None

    def begin_when_due(self) -> None:
        """Begin a sweep when a minute has passed since the last one or the first call, or to let go of a lost file.

        All calls but the first come from within the server's loop.
        """
        now = self._clock.monotonic()
        if self._due is not None and now < self._due and not self._store.is_ghost():
            return
        if self._due is not None:
            self._sweeping = asyncio.get_running_loop().create_task(self.sweep())
        self._due = now + tables.SWEEP_SECONDS

    async def sweep(self) -> None:
        """Remove a part of what is too old; a file that cannot be written is for the next time."""
        now = self._store.now()
        try:
            removed = await self._store.write(lambda database: tables.sweep(database, now))
        except UnavailableError:
            return
        self._removed.inc(removed)


if __name__ == "__main__":
    sys.exit(launch("backend", run))

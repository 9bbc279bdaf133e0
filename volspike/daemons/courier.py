"""Courier: carries the outbox to the backends and to the chat, each at its own pace and with its own failures."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

from volspike.clients.errors import Permanent, Transient
from volspike.daemons import courier_destinations
from volspike.daemons.courier_desk import Desk
from volspike.daemons.courier_news import News
from volspike.daemons.courier_office import Office
from volspike.daemons.courier_peace import Peace
from volspike.daemons.courier_report import Report
from volspike.daemons.launch import CannotStartError, launch
from volspike.delivery import salvage
from volspike.delivery.carrier import Returns
from volspike.delivery.database import replace_if_damaged
from volspike.delivery.mutes import Mutes
from volspike.delivery.outbox import Outbox
from volspike.delivery.road import BUSY_SECONDS, Road
from volspike.delivery.route import ChatRoute
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, file

log = logging.getLogger(__name__)


def run(daemon: Daemon, settings: Settings, once: bool) -> None:
    """Deliver until a signal comes; with `once`, until nothing is left that can be delivered now."""
    with ExitStack() as stack:
        stack.enter_context(_alone(settings.state_dir))
        try:
            _carry(daemon, settings, stack, once=once)
        except (Transient, Permanent) as error:
            raise CannotStartError(str(error)) from None


def _carry(daemon: Daemon, settings: Settings, stack: ExitStack, *, once: bool) -> None:
    path = settings.state_dir / documents.OUTBOX
    _mend(path, settings.clock.now())
    returns: Returns = SimpleQueue()
    road = stack.enter_context(Road(path))
    outbox = stack.enter_context(Outbox(path, settings.clock, settings.routes, busy_seconds=BUSY_SECONDS))
    routes = {route.destination: route for route in courier_destinations.routes(settings, returns, stack)}
    report = Report(daemon.metrics, list(routes.values()), settings.runtime_dir, settings.clock)
    desk = Desk(road, routes, returns, report, settings.clock)
    news = News(outbox, settings.state_dir, settings.runtime_dir, settings.clock)
    people = [route for route in routes.values() if isinstance(route, ChatRoute)]
    mutes = Mutes(settings.state_dir, settings.clock)
    peace = Peace(road, people, report, mutes=mutes, hours=settings.quiet_hours, clock=settings.clock)
    office = Office(road, routes, desk, news=news, peace=peace, report=report, clock=settings.clock)
    office.begin()
    daemon.ready(f"delivering to {', '.join(routes)}")
    while not daemon.stopping:
        office.turn()
        if office.usable:
            daemon.progress(report.sentence)
        if once and office.idle:
            break
    office.close()


@contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    """Be the only courier of this state directory. Raises CannotStartError where there is one."""
    try:
        state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        lock = file.hold(state_dir / documents.OUTBOX_LOCK)
    except OSError as error:
        raise CannotStartError(f"{state_dir} cannot be written ({error.strerror}); set VOLSPIKE_STATE_DIR") from None
    if lock is None:
        raise CannotStartError(f"another courier carries the outbox in {state_dir}")
    try:
        yield
    finally:
        os.close(lock)


def _mend(path: Path, now: float) -> None:
    aside = replace_if_damaged(path, now)
    if aside is not None:
        log.error(
            "the outbox was damaged; a new one begins, with what still waits in the old one and can be read",
            extra={"moved_to": str(aside), "saved": salvage.save(aside, path, now)},
        )


if __name__ == "__main__":
    sys.exit(launch("courier", run))

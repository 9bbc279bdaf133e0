"""Volume alerts: scans every symbol's hourly candles on each 5-minute mark, and tells of hours that spike."""

import sys
from contextlib import ExitStack, suppress
from functools import partial

from volspike.clients.backend.client import Backend
from volspike.clients.binance.rest import Rest
from volspike.clients.binance.weight import WeightAccount
from volspike.clients.errors import Permanent, Transient
from volspike.daemons import volume_enrichment, volume_scan, volume_teller
from volspike.daemons.launch import CannotStartError, launch
from volspike.daemons.listing import Listing
from volspike.daemons.volume_enrichment import Sources
from volspike.daemons.volume_hours import Volumes
from volspike.daemons.volume_memory import Memories
from volspike.daemons.volume_report import VolumeReport
from volspike.daemons.volume_scan import Tools, scan
from volspike.delivery.outbox import Outbox
from volspike.readers.feeds import Feeds
from volspike.rules.volume_spike import SCAN_EVERY_SECONDS
from volspike.rules.weight import WeightClass
from volspike.runtime import errands
from volspike.runtime.condition import Condition
from volspike.runtime.daemon import Daemon
from volspike.runtime.errands import Abandoned
from volspike.settings import Settings, require_backend_key
from volspike.state import documents


def run(daemon: Daemon, settings: Settings, once: bool) -> int:
    """Scan at once and then on each mark until a signal comes; with `once`, a single time.

    Returns 1 when the only scan has failed, else 0.
    """
    require_backend_key(settings)
    with ExitStack() as held:
        try:
            tools = _tools(daemon, settings, held)
        except (Transient, Permanent) as error:
            raise CannotStartError(str(error)) from None
        report = VolumeReport(daemon)
        daemon.ready("scanning for the first time")
        with suppress(Abandoned):
            for now in daemon.ticks(SCAN_EVERY_SECONDS):
                outcome = scan(tools, now.timestamp())
                report.tell(outcome)
                if once:
                    return 1 if outcome.failed else 0
                errands.run(tools.listing.refresh, lambda: daemon.stopping)
    return 0


def _tools(daemon: Daemon, settings: Settings, held: ExitStack) -> Tools:
    """Return what every scan works with, recalled from the last process; `held` lets go of it at the end."""
    clock = daemon.clock
    account = held.enter_context(WeightAccount(settings.runtime_dir, clock))
    outbox = held.enter_context(Outbox(settings.state_dir / documents.OUTBOX, clock, settings.routes))
    backend = Backend(
        settings.backend_url,
        settings.backend_key,
        timeout=volume_enrichment.TIMEOUT_SECONDS,
        connections=volume_teller.HANDS,
    )
    held.enter_context(backend)
    asking = partial(Rest, settings.binance_rest_url, clock, account, WeightClass.ALERT)
    rest = asking(pause=partial(errands.pause, daemon), connections=volume_scan.HANDS)
    hurried = asking(
        pause=partial(errands.pause, daemon),
        patience_seconds=volume_enrichment.PATIENCE_SECONDS,
        timeout=volume_enrichment.TIMEOUT_SECONDS,
        connections=volume_teller.HANDS,
    )
    snapshots = Condition("open-interest snapshots of the backend", clock.monotonic)
    return Tools(
        daemon,
        settings.volume_limits,
        rest,
        Listing(rest, clock),
        Memories(settings, clock, outbox),
        Volumes(settings.runtime_dir / documents.HOURLY_VOLUME, clock),
        outbox,
        Sources(Feeds(settings, clock), hurried, backend, snapshots),
    )


if __name__ == "__main__":
    sys.exit(launch("volume-alerts", run))

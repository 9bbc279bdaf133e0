"""How many hours lie between two fundings of each symbol, kept for whoever wants a year's funding of it.

They change at run time, and what Binance does not list is unknown. The answer costs no weight.
"""

import logging
from pathlib import Path

from volspike.clients.binance.rest import Rest
from volspike.clients.errors import Permanent, Transient
from volspike.model.documents import VERSION, FundingIntervalsDocument
from volspike.runtime.clock import Clock
from volspike.state import documents
from volspike.state.keeper import Keeper

log = logging.getLogger(__name__)


def refresh(rest: Rest, path: Path, clock: Clock) -> None:
    """Ask for the intervals and write them; when Binance or the disk fails, the old ones stay."""
    try:
        hours = rest.funding_intervals()
    except (Transient, Permanent) as error:
        log.warning("funding intervals not refreshed", extra={"problem": str(error)})
        return
    keeping = Keeper(path, clock.monotonic)
    keeping.touch()
    keeping.save(lambda: documents.encode(FundingIntervalsDocument(VERSION, hours, clock.now())), urgent=True)

"""What a scrape gets: the metrics of all daemons as one text, and of what the machine shares, the weight account."""

import logging
from pathlib import Path

from volspike.clients.binance import weight
from volspike.model.suite import DAEMONS
from volspike.rules.weight import CEILING, SECONDS_PER_MINUTE
from volspike.runtime import metrics
from volspike.runtime.metrics import Metrics
from volspike.state import documents

log = logging.getLogger(__name__)


def scrape(registry: Metrics, runtime_dir: Path, now: float) -> bytes:
    """Return the metrics of all daemons as one text; this daemon's own are as of now, a broken file is left out."""
    record_weight(registry, runtime_dir, now)
    found = [metrics.parsed(registry.text())]
    for daemon in DAEMONS:
        path = documents.metrics_path(runtime_dir, daemon.name)
        if daemon.name == registry.daemon or not path.exists():
            continue
        try:
            found.append(metrics.parsed(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            log.warning("metrics file left out", extra={"path": str(path), "problem": str(error)})
    return metrics.merge(found)


def record_weight(registry: Metrics, runtime_dir: Path, now: float) -> None:
    """Set the gauges of the machine's weight account; until somebody has asked Binance there is none."""
    account = weight.peek(runtime_dir)
    if account is None:
        return
    used = account.used if account.minute == int(now // SECONDS_PER_MINUTE) else 0
    registry.gauge("binance_weight_used", "Request weight used in this UTC minute.").set(used)
    registry.gauge("binance_weight_ceiling", "What the suite allows itself of it in a minute.").set(CEILING)
    registry.gauge(
        "binance_shut_out_until_timestamp_seconds",
        "Until when Binance refuses to answer this machine; 0 if it never did.",
    ).set(account.closed_until)

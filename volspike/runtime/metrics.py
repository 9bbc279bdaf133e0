"""A daemon's metrics: counters and gauges in a registry of its own, kept in a file in the Prometheus text format."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from volspike.state import file

DAEMON_LABEL = "daemon"


class Metrics:
    """The metrics of one daemon; every sample carries its name."""

    def __init__(self, daemon: str) -> None:
        self.registry = CollectorRegistry()
        self._daemon = daemon
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}

    def counter(self, name: str, help_text: str) -> Counter:
        """Return the counter `volspike_<name>_total` of this daemon."""
        if name not in self._counters:
            metric = Counter(f"volspike_{name}", help_text, [DAEMON_LABEL], registry=self.registry)
            self._counters[name] = metric.labels(self._daemon)
        return self._counters[name]

    def gauge(self, name: str, help_text: str) -> Gauge:
        """Return the gauge `volspike_<name>` of this daemon; a time is a timestamp, never an age."""
        if name not in self._gauges:
            metric = Gauge(f"volspike_{name}", help_text, [DAEMON_LABEL], registry=self.registry)
            self._gauges[name] = metric.labels(self._daemon)
        return self._gauges[name]

    def save(self, path: Path) -> None:
        """Write the text form to `path`."""
        file.write(path, generate_latest(self.registry), mode=0o644)


def merge(texts: Iterable[str]) -> bytes:
    """Return many daemons' metrics as one text, each family once, as a scrape demands it.

    Raises ValueError when a text is not in the Prometheus format.
    """
    families: dict[str, Metric] = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            merged = families.setdefault(family.name, family)
            if merged is not family:
                merged.samples.extend(family.samples)
    return generate_latest(_Collected(families.values()))


class _Collected:
    """What generate_latest asks of a registry."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families

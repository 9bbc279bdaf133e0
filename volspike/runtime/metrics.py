"""A daemon's metrics: counters and gauges in a registry of its own, kept in a file in the Prometheus text format."""

from collections.abc import Iterable
from itertools import chain
from typing import TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

disable_created_metrics()  # start_time_seconds tells the same, once for all counters

Kind = TypeVar("Kind", Counter, Gauge)


class Metrics:
    """The metrics of one daemon; every sample carries its name as the label `daemon`."""

    def __init__(self, daemon: str) -> None:
        self.daemon = daemon
        self._registry = CollectorRegistry()
        self._families: dict[str, Counter | Gauge] = {}

    def counter(self, name: str, help_text: str, **labels: str) -> Counter:
        """Return the counter `volspike_<name>_total`; the values of a label are few and known."""
        return self._child(Counter, name, help_text, labels)

    def gauge(self, name: str, help_text: str, **labels: str) -> Gauge:
        """Return the gauge `volspike_<name>`; a time is a timestamp, never an age."""
        return self._child(Gauge, name, help_text, labels)

    def _child(self, kind: type[Kind], name: str, help_text: str, labels: dict[str, str]) -> Kind:
        if name not in self._families:
            names = ["daemon", *labels]
            self._families[name] = kind(f"volspike_{name}", help_text, names, registry=self._registry)
        family = self._families[name]
        return cast("Kind", family.labels(daemon=self.daemon, **labels))

    def forget(self, name: str) -> None:
        """Tell nothing more of the counter or gauge, which has no labels of its own; nothing where it is not known."""
        if name in self._families:
            self._families[name].remove(self.daemon)

    def text(self) -> str:
        """Return the metrics in the Prometheus text format."""
        return generate_latest(self._registry).decode()


def parsed(text: str) -> list[Metric]:
    """Return the families of metrics in a text. Raises ValueError when it is not in the Prometheus format."""
    return list(text_string_to_metric_families(text))


def merge(many: Iterable[Iterable[Metric]]) -> bytes:
    """Return many daemons' families of metrics as one text, each family once, as a scrape demands it."""
    families: dict[str, Metric] = {}
    for family in chain.from_iterable(many):
        merged = families.setdefault(family.name, family)
        if merged is not family:
            merged.samples.extend(family.samples)
    return generate_latest(_Collected(families.values()))


class _Collected(Collector):
    """What generate_latest asks of a registry."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families

"""Metrics: one registry a daemon, one text for all."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from volspike.runtime import metrics
from volspike.runtime.metrics import Metrics


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_sample_carries_its_daemon() -> None:
    registry = Metrics("funding-ws")
    registry.counter("frames", "Frames.").inc(2)
    registry.gauge("symbols", "Symbols.").set(648)

    assert samples(registry.text()) == {
        ("volspike_frames_total", "funding-ws"): 2,
        ("volspike_symbols", "funding-ws"): 648,
    }


def test_asking_again_for_a_metric_returns_the_same_one() -> None:
    registry = Metrics("funding-api")

    registry.counter("http_requests", "Requests.", route="all").inc()
    registry.counter("http_requests", "Requests.", route="all").inc()
    registry.counter("http_requests", "Requests.", route="root").inc()

    assert samples(registry.text()) == {
        ("volspike_http_requests_total", "funding-api", "all"): 2,
        ("volspike_http_requests_total", "funding-api", "root"): 1,
    }


def test_two_daemons_do_not_share_a_registry() -> None:
    one, other = Metrics("one"), Metrics("other")
    one.counter("frames", "Frames.").inc()

    assert samples(other.text()) == {}


def test_merged_metrics_name_each_family_once_and_keep_every_sample() -> None:
    texts = []
    for number, name in enumerate(("funding-ws", "funding-api"), 1):
        registry = Metrics(name)
        registry.counter("frames", "Frames.").inc(number)
        registry.gauge(f"own_{number}", "Its own.").set(number)
        texts.append(registry.text())

    merged = metrics.merge(map(metrics.parsed, texts)).decode()

    assert merged.count("# TYPE volspike_frames_total counter") == 1
    assert samples(merged) == {
        ("volspike_frames_total", "funding-ws"): 1,
        ("volspike_frames_total", "funding-api"): 2,
        ("volspike_own_1", "funding-ws"): 1,
        ("volspike_own_2", "funding-api"): 2,
    }


def test_the_merge_of_nothing_is_empty() -> None:
    assert metrics.merge([]) == b""


@pytest.mark.parametrize("text", ["volspike_frames_total{daemon=", "a b c d e\n"])
def test_a_text_in_another_format_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        metrics.parsed(text)

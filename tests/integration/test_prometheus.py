"""The real Prometheus and its promtool over the metrics of a whole running suite."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from msgspec import yaml
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests import prometheus
from tests.integration.test_up import simulated
from tests.ports import free_port
from tests.processes import until
from volspike.model.suite import DAEMONS

PATIENCE_SECONDS = 90.0
FIRST_SECONDS = 60.0
MOST_SERIES = 100
pytestmark = pytest.mark.timeout(400)  # waits add up on a busy machine
LATER = {
    "volspike_machine_cpu_busy_ratio": "the monitor watches the CPUs for five minutes first",
    "volspike_unit_memory_bytes": "only systemd tells it",
}
"""What a suite that has just started in the foreground does not tell yet."""


class Watched(NamedTuple):
    """A running suite's metrics, and a Prometheus that scrapes it."""

    metrics_url: str
    prometheus_url: str

    def metrics(self) -> str:
        return requests.get(self.metrics_url, timeout=30).text

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of Prometheus."""
        answer = requests.get(f"{self.prometheus_url}/api/v1/{path}", params=parameters, timeout=30).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def rows(self, expression: str) -> list[Any]:
        """Return what an expression gives now."""
        rows: list[Any] = self.ask("query", query=expression)["result"]
        return rows

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.prometheus_url}/-/ready", timeout=30).status_code == 200
        except requests.ConnectionError:
            return False


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The shipped configuration, but for the port and the pace, around the demo."""
    server, directory = prometheus.program("prometheus"), tmp_path_factory.mktemp("prometheus")
    demo = tmp_path_factory.mktemp("demo")
    with simulated(demo) as running:
        target, port = f"127.0.0.1:{running.suite.port}", free_port()
        config = prometheus.load(prometheus.CONFIG)
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(prometheus.RULES)]
        config["scrape_configs"][0]["static_configs"] = [{"targets": [target]}]
        (directory / "prometheus.yml").write_bytes(yaml.encode(config))
        with (directory / "log").open("wb") as log:
            process = subprocess.Popen(
                [server, f"--config.file={directory / 'prometheus.yml'}", f"--storage.tsdb.path={directory / 'data'}",
                 f"--web.listen-address=127.0.0.1:{port}"], cwd=directory, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            suite = Watched(f"http://{target}/metrics", f"http://127.0.0.1:{port}")
            until(suite.is_ready, PATIENCE_SECONDS, "an answer of Prometheus")
            until(lambda: told_by(suite) >= prompt(), PATIENCE_SECONDS, "metrics of every daemon")
            yield suite
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def prompt() -> set[str]:
    """Return who in a demo runs within its first minute."""
    return {daemon.name for daemon in DAEMONS if daemon.first_after_seconds < FIRST_SECONDS}


def told_by(suite: Watched) -> set[str]:
    return {row["metric"]["daemon"] for row in suite.rows("volspike_start_time_seconds")}


def samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


def test_every_metric_of_every_daemon_is_documented_and_follows_the_conventions(watched: Watched) -> None:
    text = watched.metrics()

    checked = prometheus.promtool("check", "metrics", text=text)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert {sample.name for sample in samples(text)} <= prometheus.documented()
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("volspike_")
        assert not family.name.endswith(("_age", "_ago", "_milliseconds", "_ms", "_percent", "_minutes"))
        assert family.documentation
        assert len(family.samples) < MOST_SERIES
    for sample in samples(text):
        assert sample.labels["daemon"] in {daemon.name for daemon in DAEMONS}
        assert not any(value.endswith("USDT") for value in sample.labels.values())


def test_the_shipped_rules_and_dashboard_get_data_from_a_suite_that_is_well_and_nothing_critical_fires(
    watched: Watched,
) -> None:
    def targets() -> list[tuple[str, str]]:
        return [(target["health"], target["lastError"]) for target in watched.ask("targets")["activeTargets"]]

    def rules() -> list[dict[str, Any]]:
        return [rule for group in watched.ask("rules")["groups"] for rule in group["rules"]]

    def without_data() -> list[str]:
        metrics = prometheus.metrics_in(" ".join(rule["expr"] for rule in prometheus.rules().values()))
        wanted = [*metrics, *prometheus.expressions().values()]
        return [expression for expression in wanted if expression not in LATER and not watched.rows(expression)]

    until(lambda: targets() == [("up", "")], PATIENCE_SECONDS, "a scrape")
    until(lambda: all(rule["health"] != "unknown" for rule in rules()), PATIENCE_SECONDS, "an evaluation")
    until_empty(without_data)

    assert {rule["name"] for rule in rules()} == prometheus.rules().keys()
    assert [(rule["name"], rule.get("lastError", "")) for rule in rules() if rule["health"] != "ok"] == []
    critical = [rule for rule in rules() if rule["labels"]["severity"] == "critical"]
    assert [rule["name"] for rule in critical if rule["state"] == "firing"] == []
    for expression in LATER:  # what is not told yet is nonetheless understood
        watched.rows(expression)


def until_empty(left: Callable[[], list[str]]) -> None:
    """Wait until nothing is left, and say what is when that takes too long."""
    with suppress(AssertionError):
        until(lambda: not left(), PATIENCE_SECONDS)
    assert left() == []


def test_the_shipped_configuration_and_its_rules_are_right_and_every_rule_does_what_its_cases_say() -> None:
    checked = prometheus.promtool("check", "config", prometheus.CONFIG.name)
    tested = prometheus.promtool("test", "rules", prometheus.TESTS.name)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_rule_that_does_not_fire_when_it_should_is_found_out(tmp_path: Path) -> None:
    deaf = prometheus.RULES.read_text().replace("volspike_health_healthy == 0", "volspike_health_healthy == 7")
    (tmp_path / prometheus.RULES.name).write_text(deaf)
    cases = prometheus.load(prometheus.TESTS)
    cases["tests"] = [case for case in cases["tests"] if case["name"].startswith("VolSpikeUnhealthy")]
    (tmp_path / prometheus.TESTS.name).write_bytes(yaml.encode(cases))

    tested = prometheus.promtool("test", "rules", str(tmp_path / prometheus.TESTS.name))

    assert tested.returncode == 1
    assert "VolSpikeUnhealthy" in tested.stdout + tested.stderr

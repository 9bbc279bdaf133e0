"""The alert rules, their tests and the dashboard speak of metrics that exist, and of nothing by halves."""

import re
from typing import Any

import pytest

from tests import prometheus
from volspike.model.suite import DAEMONS, Kind
from volspike.settings import VARIABLES

RUNBOOK = prometheus.DOCS / "runbook.md"
RULES = prometheus.rules()
CASES = [case for test in prometheus.load(prometheus.TESTS)["tests"] for case in test["alert_rule_test"]]


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_how_bad_it_is_what_it_means_and_where_to_read_on(name: str) -> None:
    rule = RULES[name]

    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["annotations"].keys() == {"summary", "runbook"}
    assert re.fullmatch(r"docs/runbook\.md#[a-z0-9-]+", rule["annotations"]["runbook"])


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(name: str) -> None:
    fired = {bool(case["exp_alerts"]) for case in CASES if case["alertname"] == name}

    assert fired == {True, False}


def test_no_case_is_left_of_a_rule_that_is_gone() -> None:
    assert {case["alertname"] for case in CASES} == RULES.keys()


def test_where_a_rule_points_to_there_is_a_chapter_of_the_runbook() -> None:
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert {rule["annotations"]["runbook"].partition("#")[2] for rule in RULES.values()} <= anchors


@pytest.mark.parametrize("name", RULES)
def test_every_metric_of_a_rule_is_documented(name: str) -> None:
    assert prometheus.metrics_in(RULES[name]["expr"]) <= prometheus.documented()


def test_every_metric_of_the_dashboard_is_documented() -> None:
    assert prometheus.metrics_in(" ".join(prometheus.expressions().values())) <= prometheus.documented()


def test_every_metric_that_the_daemons_name_is_documented_and_every_documented_one_is_named() -> None:
    package = prometheus.DOCS.parent / "volspike"
    source = "\n".join(path.read_text() for path in package.rglob("*.py"))
    named = {
        f"volspike_{name}{'_total' if kind == 'counter' else ''}"
        for kind, name in re.findall(r'\b(counter|gauge)\(\s*"(\w+)"', source)
    }

    assert named == prometheus.documented()


def test_what_timers_start_again_and_again_does_not_count_as_restarting() -> None:
    (names,) = re.findall(r'daemon!~"([^"]+)"', RULES["VolSpikeRestarts"]["expr"])

    often = {daemon.name for daemon in DAEMONS if daemon.kind is Kind.TIMER and daemon.every_seconds < 3600}
    assert set(names.split("|")) == often


def test_the_scrape_and_the_data_source_go_to_the_usual_ports() -> None:
    (job,) = prometheus.load(prometheus.CONFIG)["scrape_configs"]
    port = next(variable.default for variable in VARIABLES if variable.name == "FUNDING_API_PORT")

    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{port}"]}]
    assert prometheus.load(prometheus.CONFIG)["rule_files"] == [prometheus.RULES.name]


def provisioned(name: str) -> Any:
    return prometheus.load(prometheus.DOCS / "grafana" / "provisioning" / name / "volspike.yml")


def test_every_query_of_the_dashboard_goes_to_the_data_source_that_is_provisioned() -> None:
    (source,) = provisioned("datasources")["datasources"]
    (provider,) = provisioned("dashboards")["providers"]

    used = {query["datasource"]["uid"] for panel in prometheus.panels() for query in panel["targets"]}
    assert used == {source["uid"]}
    assert (source["type"], provider["type"]) == ("prometheus", "file")


def test_every_panel_has_a_place_of_its_own_a_unit_and_words() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in prometheus.panels():
        place = panel["gridPos"]
        cells = {(place["x"] + column, place["y"] + line) for column in range(place["w"]) for line in range(place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        assert panel["title"]
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        taken |= cells
    assert len({panel["id"] for panel in prometheus.panels()}) == len(prometheus.panels())

"""What docs/prometheus and docs/grafana say, and the real programs of Debian's package `prometheus`."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec import yaml

DOCS = Path(__file__).parents[1] / "docs"
PROMETHEUS = DOCS / "prometheus"
RULES = PROMETHEUS / "volspike.rules.yml"
TESTS = PROMETHEUS / "volspike.test.yml"
CONFIG = PROMETHEUS / "prometheus.yml"
DASHBOARD = DOCS / "grafana" / "dashboards" / "volspike.json"
REQUIRED = "VOLSPIKE_REQUIRE_PROMTOOL"


def program(name: str) -> str:
    """Return the path of promtool or prometheus; without it the test is skipped, or fails where it is required."""
    found = shutil.which(name)
    if found is None and os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, and {name} is not on PATH: apt-get install prometheus")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian package prometheus)")
    return found


def promtool(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool in docs/prometheus, with a text to read."""
    command = [program("promtool"), *arguments]
    return subprocess.run(command, cwd=PROMETHEUS, input=text, capture_output=True, text=True, timeout=180, check=False)


def load(path: Path) -> Any:
    """Return the content of a YAML file."""
    return yaml.decode(path.read_bytes())


def rules() -> dict[str, dict[str, Any]]:
    """Return the alert rules by name."""
    return {rule["alert"]: rule for group in load(RULES)["groups"] for rule in group["rules"]}


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard, without the rows that only part them."""
    content: dict[str, Any] = json.loads(DASHBOARD.read_bytes())
    return [panel for panel in content["panels"] if panel["type"] != "row"]


def expressions() -> dict[str, str]:
    """Return every expression of the dashboard, by the panel's title and the letter of the query."""
    return {f"{panel['title']} {query['refId']}": query["expr"] for panel in panels() for query in panel["targets"]}


def metrics_in(text: str) -> set[str]:
    """Return the names of the suite's metrics in an expression or in a page."""
    return set(re.findall(r"\bvolspike_[a-z0-9_]+\b", text))


def documented() -> set[str]:
    """Return the metrics that docs/metrics.md has a row for."""
    return set(re.findall(r"^\| `(volspike_\w+)` \|", (DOCS / "metrics.md").read_text(), re.MULTILINE))

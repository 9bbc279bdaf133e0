"""The monitor by hand."""

import json

from tests.unit.cli.conftest import Command, Supervise
from tests.unit.examples import unit_state


def running(volspike: Command, supervise: Supervise, active_state: str = "active") -> None:
    unit = unit_state("health-monitor", "funding-health-check.service", active_state, result="exit-code")
    supervise(volspike.runtime_dir, unit)
    volspike.environment |= {"WS_FUNDING_ENABLED": "false", "BINANCE_REST_URL": "http://127.0.0.1:1"}


def test_a_healthy_suite_is_a_report_and_exit_zero(volspike: Command, supervise: Supervise) -> None:
    running(volspike, supervise)

    result = volspike("health")

    assert result.exit_code == 0
    assert "✅ STATUS: HEALTHY" in result.stdout


def test_an_unhealthy_suite_is_exit_one_and_nothing_is_repaired(volspike: Command, supervise: Supervise) -> None:
    running(volspike, supervise, "failed")

    result = volspike("health")

    assert result.exit_code == 1
    assert "❌ STATUS: UNHEALTHY - ACTION REQUIRED" in result.stdout
    assert not (volspike.runtime_dir / ".restart").exists()


def test_machines_get_one_object(volspike: Command, supervise: Supervise) -> None:
    running(volspike, supervise)

    told = json.loads(volspike("health", "--json").stdout)

    assert (told["version"], told["healthy"], told["repairs"]) == (1, True, [])
    assert {"check", "severity", "text"} == told["findings"][0].keys()


def test_a_bad_setting_is_named_and_the_report_is_made_all_the_same(volspike: Command, supervise: Supervise) -> None:
    running(volspike, supervise)
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    result = volspike("health")

    assert result.exit_code == 0
    assert "✅ STATUS: HEALTHY" in result.stdout
    assert "VOLUME_MULTIPLE" in result.stderr

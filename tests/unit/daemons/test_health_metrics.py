"""The monitor's look in metrics."""

from msgspec.structs import replace

from tests.unit.examples import NOW, unit_state
from tests.unit.rules.test_limits import seen
from volspike.daemons import health_metrics
from volspike.model.health import ExchangeAnswer, Finding, MachineState, Observation, Report, Severity
from volspike.model.limits import CpuReading, LimitsMemory
from volspike.runtime.metrics import Metrics

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


def recorded(observation: Observation, *findings: Finding, healthy: bool = True) -> set[str]:
    metrics = Metrics("health-monitor")
    health_metrics.record(metrics, observation, Report(1, NOW, healthy, list(findings), ["restarted x.service: why"]))
    text = metrics.text().replace('daemon="health-monitor",', "").replace(',daemon="health-monitor"', "")
    lines = text.replace('{daemon="health-monitor"}', "").splitlines()
    return {line for line in lines if not line.startswith("#")}


def test_the_verdict_and_the_worst_of_each_check() -> None:
    findings = (
        Finding("disk", ERROR, "full"),
        Finding("disk", WARNING, "nearly full"),
        Finding("api", INFO, "well"),
        Finding("clock", WARNING, "late"),
    )

    told = recorded(seen(), *findings, healthy=False)

    assert {
        "volspike_health_healthy 0.0",
        "volspike_health_repairs 1.0",
        'volspike_health_check_level{check="disk"} 2.0',
        'volspike_health_check_level{check="api"} 0.0',
        'volspike_health_check_level{check="clock"} 1.0',
    } <= told
    (at,) = (line for line in told if line.startswith("volspike_health_report_timestamp_seconds "))
    assert float(at.split()[1]) == NOW


def test_a_healthy_suite_is_one() -> None:
    assert "volspike_health_healthy 1.0" in recorded(seen())


def test_every_unit_is_told_with_the_memory_it_uses_if_that_is_known() -> None:
    first, second = unit_state(), unit_state("funding-api", "binance-funding-api.service", "failed")

    unused = unit_state("backend", "volspike-backend.service", "inactive", enabled=False)

    told = recorded(seen(units=[first, replace(second, memory_bytes=None), unused]))

    assert {
        'volspike_unit_active{unit="binance-funding-ws.service"} 1.0',
        'volspike_unit_active{unit="binance-funding-api.service"} 0.0',
        'volspike_unit_memory_bytes{unit="binance-funding-ws.service"} 3e+07',
        "volspike_suite_memory_bytes 6e+07",
    } <= told
    assert not any("volspike-backend" in line for line in told)
    assert not any("volspike_unit_memory_bytes" in line and "api" in line for line in told)


def test_the_machine_is_told_as_far_as_it_is_known() -> None:
    machine = MachineState({"/data": 0.25}, 0.5, CpuReading(NOW, 75, 100))
    watched = seen(
        machine, limits_memory=LimitsMemory(cpu=[CpuReading(NOW - 300, 0, 0)]),
        exchange=ExchangeAnswer(clock_skew_seconds=-0.5),
    )  # fmt: skip

    assert {
        'volspike_machine_disk_used_ratio{directory="/data"} 0.25',
        "volspike_machine_memory_used_ratio 0.5",
        "volspike_machine_cpu_busy_ratio 0.75",
        "volspike_machine_clock_skew_seconds -0.5",
    } <= recorded(watched)
    assert not any("machine" in line for line in recorded(seen()))

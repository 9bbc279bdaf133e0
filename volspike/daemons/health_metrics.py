"""What the health monitor's look says in metrics: the verdict, each check, each unit, and how full the machine is."""

from volspike.model.health import Observation, Report, Severity
from volspike.rules import limits
from volspike.runtime.metrics import Metrics

LEVELS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def record(metrics: Metrics, seen: Observation, report: Report) -> None:
    """Set the gauges to what was seen and found; what is unknown has none."""
    metrics.gauge("health_healthy", "1 if the suite is healthy, else 0.").set(report.healthy)
    metrics.gauge("health_report_timestamp_seconds", "When the latest report was made.").set(report.at)
    metrics.gauge("health_repairs", "Units that the latest look has restarted, or left alone.").set(len(report.repairs))
    for check, level in _worst(report).items():
        metrics.gauge("health_check_level", "What a check has found: 0 well, 1 warning, 2 error.", check=check).set(
            level
        )
    _record_units(metrics, seen)
    _record_machine(metrics, seen)


def _worst(report: Report) -> dict[str, int]:
    worst: dict[str, int] = {}
    for finding in report.findings:
        worst[finding.check] = max(worst.get(finding.check, 0), LEVELS[finding.severity])
    return worst


def _record_units(metrics: Metrics, seen: Observation) -> None:
    for unit in (unit for unit in seen.units if unit.enabled):
        active = metrics.gauge(
            "unit_active", "1 if an enabled unit is active, else 0; for a job its timer.", unit=unit.unit
        )
        active.set(unit.active_state == "active")
        if unit.memory_bytes is not None:
            used = metrics.gauge(
                "unit_memory_bytes", "Memory that the unit uses, cached files included.", unit=unit.unit
            )
            used.set(unit.memory_bytes)


def _record_machine(metrics: Metrics, seen: Observation) -> None:
    suite, memory, cpu = limits.suite_bytes(seen), seen.machine.memory, limits.cpu_share(seen)
    if suite is not None:
        metrics.gauge("suite_memory_bytes", "Memory that all units together use, cached files included.").set(suite)
    if memory is not None:
        metrics.gauge("machine_memory_used_ratio", "Share of the machine's memory in use.").set(memory)
    if cpu is not None:
        metrics.gauge("machine_cpu_busy_ratio", "How busy all CPUs were over five minutes.").set(cpu)
    for path, share in seen.machine.disks.items():
        metrics.gauge("machine_disk_used_ratio", "Share of a directory's disk in use.", directory=path).set(share)
    if seen.exchange.clock_skew_seconds is not None:
        skew = metrics.gauge("machine_clock_skew_seconds", "By how much this clock is at least behind Binance's.")
        skew.set(seen.exchange.clock_skew_seconds)

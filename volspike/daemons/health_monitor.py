"""Health monitor: looks at the whole suite, restarts what fails, reports, and goes away until the next minute."""

import logging
import sys
from pathlib import Path

from volspike.clients.errors import Transient
from volspike.clients.local import funding_api
from volspike.clients.supervision import Supervisor, supervisor_of
from volspike.daemons import health_metrics
from volspike.daemons.health_observation import observe
from volspike.daemons.launch import launch
from volspike.model.health import Observation, Repair, Report, RestartBudget, Severity
from volspike.model.suite import HEALTH_MONITOR
from volspike.rules import health, health_text, limits, repairs
from volspike.runtime.daemon import Daemon
from volspike.settings import Settings
from volspike.state import documents, file, keeper

log = logging.getLogger(__name__)

READABLE = 0o644
"""The report holds no secret, and others than root tell it on."""
EVERY_SECONDS = 60.0


def run(daemon: Daemon, settings: Settings, _once: bool) -> int:
    """Look, repair and report once; return 0 when the suite is healthy, 1 when it is not."""
    supervisor = supervisor_of(settings.runtime_dir)
    seen = observe(settings, supervisor)
    report = health.judge(seen, repair(settings, supervisor, seen))
    path = documents.health_directory(settings.runtime_dir) / documents.HEALTH_REPORT
    tell_change(documents.reader(path, Report).read(), report)
    keep(path, documents.encode(report))
    keep(path.with_name(documents.LIMITS), documents.encode(limits.step(seen)[0]))
    sys.stdout.write(health_text.render(report) + "\n")
    daemon.progress(verdict(report), next_due_seconds=EVERY_SECONDS)
    health_metrics.record(daemon.metrics, seen, report)
    daemon.save_metrics()
    if report.healthy and settings.healthcheck_ping_url:
        ping(settings.healthcheck_ping_url)
    return 0 if report.healthy else 1


def repair(settings: Settings, supervisor: Supervisor, seen: Observation) -> list[str]:
    """Restart what should be, within the budget; return what was done.

    The budget is kept before anything is done: a monitor that cannot count its restarts makes none.
    """
    path = documents.health_directory(settings.state_dir) / documents.RESTART_BUDGET
    before = keeper.recall(path, RestartBudget, seen.now) or RestartBudget()
    budget, wanted = repairs.plan(before, seen)
    if any(not each.held_back for each in wanted) and not keep(path, documents.encode(budget), durable=True):
        return [f"could not restart {each.unit}: {path} cannot be written" for each in wanted]
    return [_restart(supervisor, each) for each in wanted]


def keep(path: Path, content: bytes, *, durable: bool = False) -> bool:
    """Write one of the monitor's files; tell whether that was possible."""
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        file.write(path, content, durable=durable, mode=READABLE)
    except OSError as error:
        log.error("cannot write", extra={"path": str(path), "problem": error.strerror})
        return False
    return True


def _restart(supervisor: Supervisor, wanted: Repair) -> str:
    if wanted.held_back:
        return f"left {wanted.unit} as it is, restarted too often lately: {wanted.reason}"
    try:
        supervisor.restart(wanted.unit, reset_failed=wanted.reset_failed)
    except Transient as error:
        log.error("restart failed", extra={"unit": wanted.unit, "problem": str(error)})
        return f"could not restart {wanted.unit}: {error}"
    log.warning("restarted a unit", extra={"unit": wanted.unit, "reason": wanted.reason})
    return f"restarted {wanted.unit}: {wanted.reason}"


def tell_change(before: Report | None, report: Report) -> None:
    """Log the verdict when it, or what it rests on, is another one than a minute ago."""
    if before is None or failed_checks(before) != failed_checks(report):
        log.warning("the suite is now %s", verdict(report))


def failed_checks(report: Report) -> set[str]:
    """Return the names of the checks that have found an error."""
    return {finding.check for finding in report.findings if finding.severity is Severity.ERROR}


def verdict(report: Report) -> str:
    """Return the verdict in a sentence."""
    errors = [finding.text for finding in report.findings if finding.severity is Severity.ERROR]
    return "healthy" if report.healthy else f"unhealthy: {'; '.join(errors)}"


def ping(url: str) -> None:
    """Tell the dead man's switch outside this machine that all is well."""
    try:
        funding_api.ping(url)
    except Transient as error:
        log.warning("%s", error)


if __name__ == "__main__":
    sys.exit(launch(HEALTH_MONITOR, run))

"""What people are told of the suite's health: that it has changed, and every hour that it is still bad."""

from msgspec import Struct

from volspike.model.documents import EmergencyStop
from volspike.model.health import Report, Severity

REMIND_SECONDS = 3600.0
FRESH_SECONDS = 600.0
"""An older report is not the present any more: the monitor itself has stopped, and others notice that."""
MINUTE_SECONDS = 60.0


class Told(Struct, frozen=True):
    """What people know: the verdict, when they were told of it last, and since when it holds (epoch seconds)."""

    healthy: bool = True
    at: float | None = None
    since: float | None = None


def step(told: Told, report: Report, now: float) -> tuple[Told, str | None]:
    """Take the monitor's latest report; return what people then know, and the words that tell them, if any.

    A suite that was never told of is taken for healthy. The verdict on an emergency stop is none to tell: whoever can
    tell it has been let go on.
    """
    if now - report.at > FRESH_SECONDS or report.emergency is not None:
        return told, None
    if report.healthy == told.healthy and (report.healthy or not _is_due(told, now)):
        return told, None
    changed = report.healthy != told.healthy
    known = Told(report.healthy, now, now if changed or told.since is None else told.since)
    if report.healthy:
        return known, f"✅ VolSpike is healthy again{_after(told, now)}"
    head = "❌ VolSpike is unhealthy" if changed else f"❌ VolSpike is still unhealthy{_after(told, now)}"
    return known, "\n".join((f"{head}:", *_errors(report)))


def ended(report: Report, now: float) -> EmergencyStop | None:
    """Return the emergency stop that held when the monitor looked, if that is news: it has ended since."""
    return report.emergency if now - report.at <= FRESH_SECONDS else None


def _is_due(told: Told, now: float) -> bool:
    return told.at is None or not 0 <= now - told.at < REMIND_SECONDS


def _after(told: Told, now: float) -> str:
    return "" if told.since is None else f" after {max(0.0, now - told.since) / MINUTE_SECONDS:.0f} min"


def _errors(report: Report) -> list[str]:
    return [f"• {finding.text}" for finding in report.findings if finding.severity is Severity.ERROR]

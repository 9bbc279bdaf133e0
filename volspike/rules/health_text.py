"""The health report as operators know it."""

from datetime import UTC, datetime

from volspike.model.health import Report, Severity

RULE = "=" * 100
_HEADS = {
    Severity.INFO: "✅ INFO:",
    Severity.WARNING: "⚠️  WARNINGS:",
    Severity.ERROR: "❌ ERRORS:",
}


def render(report: Report) -> str:
    """Return the report as text; a kind of finding that did not occur has no section."""
    at = datetime.fromtimestamp(report.at, UTC)
    lines = [RULE, f"Funding Data Health Check - {at:%Y-%m-%d %H:%M:%S}", RULE, ""]
    for severity, head in _HEADS.items():
        texts = [finding.text for finding in report.findings if finding.severity is severity]
        if texts:
            lines += [head, *(f"  {text}" for text in texts), ""]
    if report.repairs:
        lines += ["🔧 REPAIRS:", *(f"  {repair}" for repair in report.repairs), ""]
    lines += ["✅ STATUS: HEALTHY" if report.healthy else "❌ STATUS: UNHEALTHY - ACTION REQUIRED", RULE]
    return "\n".join(lines)

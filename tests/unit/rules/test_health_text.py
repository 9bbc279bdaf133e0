"""The report as operators know it."""

from volspike.model.health import Finding, Report, Severity
from volspike.rules import health_text

AT = 1_764_726_265.0  # 2025-12-03 01:44:25 UTC
RULE = "=" * 100
INFO = Finding("feed", Severity.INFO, "WebSocket is connected to Binance")
WARNING = Finding("disk", Severity.WARNING, "Disk of / is 86% full")
ERROR = Finding("api", Severity.ERROR, "API health check: no answer")


def test_a_healthy_report_has_only_the_sections_it_needs() -> None:
    assert health_text.render(Report(1, AT, True, [INFO], [])) == "\n".join(
        [
            RULE,
            "Funding Data Health Check - 2025-12-03 01:44:25",
            RULE,
            "",
            "✅ INFO:",
            "  WebSocket is connected to Binance",
            "",
            "✅ STATUS: HEALTHY",
            RULE,
        ]
    )


def test_an_unhealthy_report_shows_warnings_errors_and_repairs_in_this_order() -> None:
    text = health_text.render(Report(1, AT, False, [ERROR, INFO, WARNING], ["restarted a unit: it hung"]))

    assert text.splitlines()[4:] == [
        "✅ INFO:",
        "  WebSocket is connected to Binance",
        "",
        "⚠️  WARNINGS:",
        "  Disk of / is 86% full",
        "",
        "❌ ERRORS:",
        "  API health check: no answer",
        "",
        "🔧 REPAIRS:",
        "  restarted a unit: it hung",
        "",
        "❌ STATUS: UNHEALTHY - ACTION REQUIRED",
        RULE,
    ]

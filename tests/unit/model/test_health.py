"""The nouns of health."""

import msgspec

from volspike.model.health import ExchangeAnswer, Finding, Report, RestartBudget, Severity
from volspike.model.market import PremiumIndex


def test_binance_is_reachable_exactly_when_it_told_a_price() -> None:
    assert ExchangeAnswer(PremiumIndex("BTCUSDT", 1.0, None, 0)).reachable
    assert not ExchangeAnswer(problem="connection refused").reachable
    assert not ExchangeAnswer(problem="HTTP 418: banned", shut_out_seconds=120.0).reachable


def test_the_report_reads_the_same_for_machines() -> None:
    report = Report(1, 2.0, False, [Finding("disk", Severity.WARNING, "Disk of / is 86% full")], ["restarted it"])

    assert msgspec.json.decode(msgspec.json.encode(report)) == {
        "version": 1,
        "at": 2.0,
        "healthy": False,
        "findings": [{"check": "disk", "severity": "warning", "text": "Disk of / is 86% full"}],
        "repairs": ["restarted it"],
        "emergency": None,
    }


def test_an_empty_budget_has_spent_nothing() -> None:
    assert RestartBudget().restarts == {}

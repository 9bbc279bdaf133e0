"""An emergency stop in words."""

from volspike.model.documents import VERSION, EmergencyStop
from volspike.rules import emergency


def test_it_says_since_when_and_what_that_means() -> None:
    said = emergency.sentence(EmergencyStop(VERSION, 1_764_724_344.9))

    assert said == "emergency stop since 2025-12-03 01:12:24 UTC: nothing is asked, nothing is sent"
    assert said.startswith(emergency.BEGINS)


def test_a_reason_is_told_with_it() -> None:
    said = emergency.sentence(EmergencyStop(VERSION, 1_764_724_344.0, "wrong thresholds"))

    assert "UTC (wrong thresholds): nothing" in said

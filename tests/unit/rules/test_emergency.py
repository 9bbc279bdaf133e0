"""An emergency stop in words."""

import pytest

from volspike.model.documents import VERSION, EmergencyStop
from volspike.rules import emergency


def test_it_says_since_when_and_what_that_means() -> None:
    said = emergency.sentence(EmergencyStop(VERSION, 1_764_724_344.9))

    assert said == "emergency stop since 2025-12-03 01:12:24 UTC: nothing is asked, nothing is sent"
    assert said.startswith(emergency.BEGINS)


def test_a_reason_is_told_with_it() -> None:
    said = emergency.sentence(EmergencyStop(VERSION, 1_764_724_344.0, "wrong thresholds"))

    assert "UTC (wrong thresholds): nothing" in said


def test_what_a_job_left_undone_is_told_as_past_for_it_stays_told_when_the_stop_is_over() -> None:
    undone = emergency.undone(EmergencyStop(VERSION, 1_764_724_344.0, "a drill"))

    assert undone == "did nothing because of the emergency stop since 2025-12-03 01:12:24 UTC (a drill)"
    assert not undone.startswith(emergency.BEGINS)


@pytest.mark.parametrize(
    ("seconds", "lasted"), [(-5.0, "0 s"), (59.4, "59 s"), (60.0, "1 min"), (4020.0, "67 min"), (86_400.0, "1440 min")]
)
def test_its_end_says_how_long_it_has_lasted_and_since_when(seconds: float, lasted: str) -> None:
    stop = EmergencyStop(VERSION, 1_764_724_344.0, "wrong thresholds")

    assert emergency.end(stop, stop.since + seconds) == (
        f"▶️ VolSpike goes on after an emergency stop of {lasted} (wrong thresholds): "
        "from 2025-12-03 01:12:24 UTC on nothing was asked or sent"
    )

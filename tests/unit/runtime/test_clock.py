"""The one clock: fast time that every process agrees on."""

import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volspike.runtime import clock
from volspike.runtime.clock import Clock


def test_at_the_rate_of_one_it_is_the_machine_s_clock() -> None:
    before = time.time()

    assert before <= Clock().now() <= time.time()
    assert Clock(1.0, anchor=5.0).now() >= before


def test_a_fast_clock_is_ahead_of_its_anchor_by_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    anchor = 1_790_812_800.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(time=lambda: anchor + 10))

    assert Clock(60.0, anchor).now() == anchor + 600
    assert clock.parse(f"60@{anchor}").now() == anchor + 600, "another process must agree on it"


def test_monotonic_time_passes_at_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    told = SimpleNamespace(monotonic=lambda: 5.0 + sum(slept), sleep=slept.append)
    monkeypatch.setattr(clock, "time", told)
    fast = Clock(1000.0)
    assert fast.monotonic() == 5000.0

    fast.sleep(20)

    assert slept == [0.02]
    assert fast.monotonic() == 5020.0


def test_the_operating_system_waits_real_seconds() -> None:
    assert Clock(60.0).real_seconds(90.0) == 1.5


def test_what_takes_real_seconds_takes_many_simulated_ones() -> None:
    assert Clock(60.0).simulated_seconds(1.5) == 90.0


def test_a_bare_rate_is_anchored_at_midnight_so_that_processes_agree() -> None:
    parsed = clock.parse("60")

    assert parsed.anchor % 86_400 == 0
    assert 0 <= time.time() - parsed.anchor < 86_400 + 5


@pytest.mark.parametrize(("text", "expected"), [("1", Clock()), ("1.0", Clock()), ("60@5", Clock(60.0, 5.0))])
def test_a_clock_is_read_from_its_text(text: str, expected: Clock) -> None:
    assert clock.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "fast", "0", "-1", "3600.1", "nan", "inf", "60@noon", "60@nan", "60@inf", "@5", "1@2@3"]
)
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - settings names the variable and what is allowed
        clock.parse(text)


@given(st.floats(0, 3600, exclude_min=True), st.floats(0, 2e9))
def test_the_text_of_a_clock_is_the_same_clock_for_another_process(rate: float, anchor: float) -> None:
    told = Clock(rate, anchor)

    assert clock.parse(str(told)) == told

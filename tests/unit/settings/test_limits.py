"""The limits of the health monitor, as an operator writes them."""

from collections.abc import Callable

import pytest

from volspike.model.limits import Limit, Limits
from volspike.settings import SettingsError, limits, load
from volspike.settings.limits import Memory

KEY = {"VOLSPIKE_API_KEY": "k"}


@pytest.mark.parametrize(("text", "fraction"), [("85%", 0.85), ("0.5 %", 0.005), ("100%", 1.0)])
def test_a_share_is_written_in_percent(text: str, fraction: float) -> None:
    assert limits.share(text) == pytest.approx(fraction)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90.0), ("5m", 300.0), ("2 h", 7200.0)]
)  # fmt: skip
def test_a_time_has_its_unit_behind_it(text: str, seconds: float) -> None:
    assert limits.duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3GB", Memory(3e9, None)),
        ("1.5 gb", Memory(1.5e9, None)),
        ("800MB", Memory(8e8, None)),
        ("1TB", Memory(1e12, None)),
        ("80%", Memory(None, 0.8)),
        ("3GB, 90%", Memory(3e9, 0.9)),
        ("90%,3GB", Memory(3e9, 0.9)),
        ("off", Memory(None, None)),
        ("OFF", Memory(None, None)),
    ],
)
def test_memory_is_an_amount_of_the_suite_or_a_share_of_the_machine_or_both(text: str, expected: Memory) -> None:
    assert limits.memory(text) == expected


@pytest.mark.parametrize(
    ("parse", "bad"),
    [
        *[(limits.share, bad) for bad in ("85", "0%", "101%", "%", "-5%", "0.85", "eighty%")],
        *[(limits.duration, bad) for bad in ("5", "0m", "5d", "m", "-5m", "1.5h")],
        *[(limits.amount, bad) for bad in ("3", "0GB", "3G", "-3GB", "3KB", "GB")],
        *[(limits.memory, bad) for bad in ("3GB,4GB", "80%,90%", "3GB,off", "3GB,", "", "lots")],
    ],
)
def test_anything_else_is_refused(parse: Callable[[str], object], bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text may be any
        parse(bad)


def test_off_is_no_limit() -> None:
    assert limits.unless_off(limits.share)("Off") is None
    assert limits.unless_off(limits.share)("50%") == 0.5


def test_without_settings_the_limits_are_those_of_the_readme() -> None:
    assert load(KEY).limits == Limits(
        memory_share=Limit(0.90, 0.97),
        suite_bytes=Limit(3e9, 4e9),
        cpu_share=Limit(0.70, 0.90),
        disk_share=Limit(0.85, 0.90),
        outbox_age_seconds=Limit(300.0, 1800.0),
    )
    assert load(KEY).limits == Limits()


def test_each_can_be_set_or_switched_off() -> None:
    own = {"MEMORY_WARNING": "70%", "MEMORY_CRITICAL": "2GB", "CPU_WARNING": "off", "CPU_CRITICAL": "OFF",
           "DISK_CRITICAL": "95%", "OUTBOX_AGE_WARNING": "90s"}  # fmt: skip

    assert load({**KEY, **own}).limits == Limits(
        memory_share=Limit(0.70, None),
        suite_bytes=Limit(None, 2e9),
        cpu_share=Limit(None, None),
        disk_share=Limit(0.85, 0.95),
        outbox_age_seconds=Limit(90.0, 1800.0),
    )


def test_a_limit_that_is_critical_before_it_warns_is_named_with_its_value() -> None:
    own = {"MEMORY_CRITICAL": "2GB, 80%", "CPU_CRITICAL": "60%", "DISK_CRITICAL": "80%", "OUTBOX_AGE_CRITICAL": "1m"}

    with pytest.raises(SettingsError) as caught:
        load({**KEY, **own})

    assert [str(problem) for problem in caught.value.problems] == [
        "MEMORY_CRITICAL='80%': must be at least what MEMORY_WARNING is",
        "MEMORY_CRITICAL='2GB': must be at least what MEMORY_WARNING is",
        "CPU_CRITICAL='60%': must be at least what CPU_WARNING is",
        "DISK_CRITICAL='80%': must be at least what DISK_WARNING is",
        "OUTBOX_AGE_CRITICAL='60s': must be at least what OUTBOX_AGE_WARNING is",
    ]

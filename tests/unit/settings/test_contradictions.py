"""Values that contradict each other, and those that only seem to."""

import pytest

from tests.unit.settings.environments import MINIMAL, problems
from volspike import settings
from volspike.settings import SettingsError


@pytest.mark.parametrize("suffix", ["", "_DEV"])
def test_a_backend_elsewhere_needs_a_key(suffix: str) -> None:
    (problem,) = problems(**{f"VOLSPIKE_API_URL{suffix}": "https://api.example"})

    assert str(problem) == f"VOLSPIKE_API_KEY{suffix}='': must be set for the backend at https://api.example"


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"TELEGRAM_TOKEN": "1:a"}, "CHAT_ID"),
        ({"TELEGRAM_API_ID": "1"}, "TELEGRAM_API_HASH"),
        ({"TELEGRAM_API_HASH": "0" * 32}, "TELEGRAM_API_ID"),
        ({"BACKEND_PORT": "8888"}, "BACKEND_PORT"),
        ({"FUNDING_API_PORT": "3001"}, "BACKEND_PORT"),
        ({"OI_LIQUID_EXIT_QUOTE_24H": "5e6"}, "OI_LIQUID_EXIT_QUOTE_24H"),
        ({"OI_MIN_INTERVAL_SEC": "30"}, "OI_MIN_INTERVAL_SEC"),
    ],
)
def test_values_that_contradict_each_other_are_refused(environment: dict[str, str], variable: str) -> None:
    assert [problem.variable for problem in problems(**environment)] == [variable]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("LOG_LEVEL", ["LOG_LEVEL", "BACKEND_PORT", "CPU_CRITICAL"]),
        ("FUNDING_API_PORT", ["FUNDING_API_PORT", "CPU_CRITICAL"]),
        ("BACKEND_PORT", ["BACKEND_PORT", "CPU_CRITICAL"]),
        ("VOLSPIKE_API_URL", ["VOLSPIKE_API_URL", "CPU_CRITICAL"]),
        ("CPU_WARNING", ["CPU_WARNING", "BACKEND_PORT"]),
    ],
)
def test_contradictions_are_told_beside_bad_values_unless_they_come_from_these(bad: str, told: list[str]) -> None:
    given = {"FUNDING_API_PORT": "3001", "CPU_WARNING": "90%", "CPU_CRITICAL": "80%", bad: "?"}

    assert [problem.variable for problem in problems(**given)] == told


def test_a_port_that_no_service_of_this_machine_listens_at_is_free_for_another() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://api.example", "VOLSPIKE_API_KEY": "k"}

    assert settings.load({**MINIMAL, **hosted, "FUNDING_API_PORT": "3001"}).funding_api_port == 3001


def test_a_rule_names_only_what_there_is() -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load({**MINIMAL, "NOTIFY_URLS": "ntfy://host/topic", "NOTIFY_RULES": "volume:ntfy,pigeon,backend"})

    allowed = "must be one of telegram, discord, ntfy; names beside telegram and discord come from NOTIFY_URLS"
    assert [str(problem) for problem in caught.value.problems] == [
        f"NOTIFY_RULES='pigeon': {allowed}",
        f"NOTIFY_RULES='backend': {allowed}",
    ]


def test_a_name_belongs_to_one_destination() -> None:
    hook = {"DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/secret"}

    with pytest.raises(SettingsError, match="NOTIFY_URLS='discord': must have another name"):
        settings.load({**MINIMAL, **hook, "NOTIFY_URLS": "discord://1/secret"})


def test_another_key_for_the_embedded_backend_as_the_second_one_is_refused() -> None:
    hosted = {"VOLSPIKE_API_URL": "https://backend.example", "VOLSPIKE_API_KEY": "k"}

    (problem,) = problems(**hosted, VOLSPIKE_API_URL_DEV="http://127.0.0.1:3001", VOLSPIKE_API_KEY_DEV="my-secret")

    assert (problem.variable, problem.value) == ("VOLSPIKE_API_KEY_DEV", "(not shown)")


@pytest.mark.parametrize("taken", ["8888", "3001"])
def test_the_dashboard_cannot_have_the_port_of_another_service(taken: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings.load({**MINIMAL, "DASHBOARD_PORT": taken})

    assert [problem.variable for problem in refused.value.problems] == ["DASHBOARD_PORT"]
    assert "two services cannot have the same one" in str(refused.value)

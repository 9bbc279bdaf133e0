"""Becoming one daemon."""

import os
import sys

import pytest

from tests.unit.cli.conftest import Command


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """What this process would have become."""
    told: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _, arguments, environment: told.append((arguments, environment)))
    return told


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("funding-ws",), ["-P", "-m", "volspike.daemons.funding_ws"]),
        (("health-monitor", "--once"), ["-P", "-m", "volspike.daemons.health_monitor", "--once"]),
    ],
)
def test_a_daemon_replaces_the_command_with_its_settings_in_the_environment(
    volspike: Command,
    became: list[tuple[list[str], dict[str, str]]],
    arguments: tuple[str, ...],
    command: list[str],
) -> None:
    (volspike.place / ".env").write_text("FUNDING_API_PORT=9999\n")

    volspike("run", *arguments)

    ((told, environment),) = became
    assert told == [sys.executable, *command]
    assert environment["FUNDING_API_PORT"] == "9999"


def test_bad_settings_are_told_before(volspike: Command, became: list[object]) -> None:
    volspike.environment["FUNDING_API_PORT"] = "x"

    result = volspike("run", "funding-ws")

    assert (result.exit_code, became) == (78, [])
    assert "FUNDING_API_PORT='x'" in result.stderr


def test_an_unknown_daemon_is_a_usage_error_that_names_the_known_ones(volspike: Command) -> None:
    result = volspike("run", "funding-wz")

    assert result.exit_code == 2
    for name in ("funding-ws", "funding-api", "health-monitor"):
        assert name in result.stderr


def test_force_is_refused_where_it_means_nothing(volspike: Command, became: list[object]) -> None:
    result = volspike("run", "funding-ws", "--force")

    assert (result.exit_code, became) == (2, [])
    assert result.stderr == "volspike: --force is for liquid-universe alone\n"

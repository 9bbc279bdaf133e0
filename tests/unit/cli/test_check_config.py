"""Checking settings before they matter."""

import pytest

from tests.unit.cli.conftest import Command


def test_good_settings_are_said_to_be_good(volspike: Command) -> None:
    result = volspike("check-config")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "settings are good (2 set, the others at their defaults)\n"


def test_every_error_is_told_at_once(volspike: Command) -> None:
    volspike.environment |= {"FUNDING_API_PORT": "x", "LOG_LEVEL": "LOUD", "HEALTHCHECK_PING_URL": "my-secret"}

    result = volspike("check-config")

    assert result.exit_code == 78
    assert result.stderr.splitlines() == [
        "error: FUNDING_API_PORT='x': must be a port from 1 to 65535",
        "error: HEALTHCHECK_PING_URL='(not shown)': must be an http:// or https:// address, or nothing",
        "error: LOG_LEVEL='LOUD': must be DEBUG, INFO, WARNING or ERROR",
    ]


def test_an_env_file_is_checked_alone(volspike: Command) -> None:
    volspike.environment["LOG_LEVEL"] = "LOUD"
    (volspike.place / "new.env").write_text("FUNDING_API_PORT=9999\n")

    result = volspike("check-config", "--file", "new.env")

    assert result.exit_code == 0
    assert "1 set" in result.stdout


def test_a_comment_behind_a_value_is_a_warning_that_names_the_variable_and_not_the_value(volspike: Command) -> None:
    (volspike.place / "new.env").write_text("HEALTHCHECK_PING_URL=https://hc-ping.com/my-secret # ours\n")

    result = volspike("check-config", "--file", "new.env")

    assert result.stderr == (
        "warning: HEALTHCHECK_PING_URL: systemd takes a trailing comment as part of the value; "
        "put it on a line of its own\n"
    )
    assert "my-secret" not in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("name", ["missing.env", "."])
def test_a_file_that_is_none_is_one_line(volspike: Command, name: str) -> None:
    result = volspike("check-config", "--file", name)

    assert (result.exit_code, result.stderr) == (2, f"volspike: {name} is not a file\n")


def test_a_file_that_is_no_text_is_one_error(volspike: Command) -> None:
    (volspike.place / ".env").write_bytes(b"LOG_LEVEL=\xff\n")

    result = volspike("check-config", "--file", ".env")

    assert result.exit_code == 78
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: .env=")

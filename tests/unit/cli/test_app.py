"""The command line as a newcomer meets it."""

import subprocess
import sys

import pytest

from tests.unit.cli.conftest import Command
from volspike import __version__

COMMANDS = ("up", "status", "tail", "outbox", "health", "compare", "maintenance", "config", "doctor", "logs", "restart",
            "run", "simulate")  # fmt: skip


def test_the_version_is_one_line(volspike: Command) -> None:
    result = volspike("--version")

    assert (result.exit_code, result.stdout) == (0, f"volspike {__version__}\n")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command_and_where_to_start(volspike: Command, flag: str) -> None:
    result = volspike(flag)

    assert result.exit_code == 0
    assert all(command in result.stdout for command in COMMANDS)
    assert "volspike up --simulate" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_of_its_own(volspike: Command, command: str) -> None:
    result = volspike(command, "--help")

    assert result.exit_code == 0
    assert f"volspike {command}" in result.stdout
    assert len(result.stdout) > 200


def test_without_a_command_the_help_is_shown(volspike: Command) -> None:
    assert "volspike up" in volspike().output


@pytest.mark.parametrize("arguments", [("fly",), ("status", "--loud"), ("up", "--simulator-port", "0")])
def test_what_does_not_exist_is_a_usage_error(volspike: Command, arguments: tuple[str, ...]) -> None:
    result = volspike(*arguments)

    assert result.exit_code == 2
    assert result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("outbox list --state foo", "Invalid value for '--state': 'foo' is not one of 'waiting', 'delivered',"),
        ("alerts add BTC volume 1", "Invalid value for 'WATCHED': 'volume' is not one of 'price', 'funding', 'oi'."),
    ],
)
def test_a_wrong_choice_is_told_with_the_right_ones_and_nothing_else(
    volspike: Command, arguments: str, told: str
) -> None:
    result = volspike(*arguments.split())

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"Error: {told}")


def test_help_and_completion_wait_for_no_heavy_library() -> None:
    """Tab and a slip of the finger cost an import of the whole table; what a command needs it imports when it runs."""
    heavy = {"requests", "aiohttp", "uvicorn", "fastapi", "nicegui", "apprise", "mcp", "pyrogram", "prometheus_client"}
    program = f"import sys, volspike.cli.app; sys.stdout.write(' '.join({heavy} & sys.modules.keys()))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == ""

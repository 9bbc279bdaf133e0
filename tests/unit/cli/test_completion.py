"""Completion, as a shell asks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command


def completed(line: str, place: Path) -> list[str]:
    """Return what a bash is offered behind this line."""
    words = line.split(" ")
    done = subprocess.run(
        [sys.executable, "-m", "volspike"],
        env={
            "_VOLSPIKE_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "HOME": str(place),
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_a_shell_is_offered_commands_daemons_and_settings(tmp_path: Path) -> None:
    assert completed("volspike do", tmp_path) == ["doctor"]
    assert completed("volspike restart funding-w", tmp_path) == ["funding-ws"]
    assert completed("volspike config set VOLUME_M", tmp_path) == ["VOLUME_MULTIPLE"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_the_command(volspike: Command, shell: str) -> None:
    result = volspike("completion", shell)

    assert result.exit_code == 0
    assert f"_VOLSPIKE_COMPLETE=complete_{shell}" in result.stdout
    assert "%(" not in result.stdout


def test_the_script_for_bash_is_one(volspike: Command) -> None:
    script = volspike("completion", "bash").stdout

    done = subprocess.run(
        ["bash", "-ec", f"{script}\ncomplete -p volspike"], capture_output=True, text=True, check=True
    )

    assert done.stdout == "complete -o default -F _volspike_completion volspike\n"


def test_another_shell_is_a_usage_error(volspike: Command) -> None:
    assert volspike("completion", "ksh").exit_code == 2


@pytest.mark.parametrize(
    "line", ["alerts add BT", "tail --symbol BT", "outbox list --symbol BT", "mute BT", "unmute BT"]
)
def test_symbols_are_offered_wherever_one_is_asked_for(line: str, tmp_path: Path) -> None:
    directory = tmp_path / ".local-runtime"
    directory.mkdir()
    (directory / ".funding_state.json").write_text('{"version":1,"funding_state":{"BTCUSDT":{},"ETHUSDT":{}}}')
    (tmp_path / ".env").write_text(f"VOLSPIKE_RUNTIME_DIR={directory}\n")

    assert completed(f"volspike {line}", tmp_path) == ["BTCUSDT"]

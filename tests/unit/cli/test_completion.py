"""Completion, as a shell asks for it."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from volspike.__main__ import main

Completed = Callable[[str], list[str]]


@pytest.fixture
def completed(volspike: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Completed:
    """What a bash is offered behind a line, in the test's place."""

    monkeypatch.setattr(sys, "argv", ["volspike"])
    monkeypatch.setattr(logging.lastResort, "formatter", None)  # which main sets

    def offered(line: str) -> list[str]:
        variables = {"_VOLSPIKE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        assert (ended.value.code, written.err) == (0, "")
        return written.out.split()

    return offered


def test_a_process_that_is_asked_for_completions_writes_them_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "volspike"],
        env={
            "_VOLSPIKE_COMPLETE": "complete_bash",
            "COMP_WORDS": "volspike do",
            "COMP_CWORD": "1",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.split(), done.stderr) == (["doctor"], "")


def test_a_shell_is_offered_commands_daemons_and_settings(completed: Completed) -> None:
    assert completed("volspike do") == ["doctor"]
    assert completed("volspike restart funding-w") == ["funding-ws"]
    assert completed("volspike config set VOLUME_M") == ["VOLUME_MULTIPLE"]


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
def test_symbols_are_offered_wherever_one_is_asked_for(line: str, completed: Completed, tmp_path: Path) -> None:
    directory = tmp_path / ".local-runtime"
    directory.mkdir()
    (directory / ".funding_state.json").write_text('{"version":1,"funding_state":{"BTCUSDT":{},"ETHUSDT":{}}}')
    (tmp_path / ".env").write_text(f"VOLSPIKE_RUNTIME_DIR={directory}\n")

    assert completed(f"volspike {line}") == ["BTCUSDT"]

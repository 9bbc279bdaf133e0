"""`volspike logs`: which journal is shown, by a journalctl that says what it was asked."""

import os

import pytest

from tests.unit.cli.conftest import Command, Supervise, Systemctl
from volspike.model.suite import DAEMONS


class Replaced(BaseException):
    """The process would be another one now."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, server: Systemctl, volspike: Command) -> list[str]:
    """What takes the place of the process."""
    replaced: list[str] = []
    journalctl = volspike.place / "bin/journalctl"
    journalctl.write_text("#!/bin/sh\n")
    journalctl.chmod(0o755)

    def replace(program: str, arguments: list[str]) -> None:
        replaced.extend([program, *arguments])
        raise Replaced

    monkeypatch.setattr(os, "execvp", replace)
    return replaced


def test_the_journals_of_the_daemons_that_are_named(volspike: Command, asked: list[str]) -> None:
    with pytest.raises(Replaced):
        volspike("logs", "funding-ws", "volspike.service", "-f", "-n", "5", "--since", "10 min ago")

    assert asked == [
        "journalctl", "journalctl", "--unit=binance-funding-ws.service", "--unit=volspike.service",
        "--lines=5", "--since=10 min ago", "--follow",
    ]  # fmt: skip


def test_without_a_name_the_last_lines_of_all(volspike: Command, asked: list[str]) -> None:
    with pytest.raises(Replaced):
        volspike("logs")

    assert asked[2:] == [*(f"--unit={daemon.unit}" for daemon in DAEMONS), "--lines=100"]


def test_since_a_moment_means_all_lines_since_then(volspike: Command, asked: list[str]) -> None:
    with pytest.raises(Replaced):
        volspike("logs", "courier", "--since=today")

    assert asked[2:] == ["--unit=volspike-courier.service", "--since=today"]


def test_without_a_journal_that_is_one_line(volspike: Command, server: Systemctl) -> None:
    result = volspike("logs")

    assert (result.exit_code, result.stderr) == (
        1,
        "volspike: journalctl is not installed here, so there is no journal to show\n",
    )


def test_a_suite_in_a_terminal_logs_there(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir)

    result = volspike("logs", "funding-ws")

    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"volspike: the suite in {volspike.runtime_dir} logs to the terminal that it was started in; "
    )


def test_a_bad_setting_hides_nothing_of_where_the_logs_are(volspike: Command, supervise: Supervise) -> None:
    supervise(volspike.runtime_dir)
    volspike.environment["VOLUME_MULTIPLE"] = "abc"

    assert "logs to the terminal" in volspike("logs").stderr

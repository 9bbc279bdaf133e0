"""Taking a backup back on a server: its suite is stopped only for what is sound, and always started again."""

import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Systemctl
from tests.unit.cli.restores import files_of_at_most
from volspike.archive import making, packing, staging
from volspike.cli import restore
from volspike.model.backup import VERSION, Manifest
from volspike.model.units import TARGET
from volspike.state import documents

pytestmark = pytest.mark.usefixtures("state_dir")

Captured = pytest.CaptureFixture[str]
NOW = 1_764_724_344.0


def test_nothing_to_finish_costs_no_outage(volspike: Command, server: Systemctl, state_dir: Path) -> None:
    refused = volspike("restore", "--finish", "--stop")

    assert (refused.exit_code, server.asked) == (1, [])
    assert refused.stderr == f"volspike: no restore was interrupted in {state_dir}\n"


@pytest.mark.parametrize("given", ["latest", "-", "FILE"])
def test_a_damaged_backup_costs_no_outage(
    volspike: Command, server: Systemctl, backup: Path, capfd: Captured, given: str
) -> None:
    backup.write_bytes(backup.read_bytes()[:-60])

    refused = volspike("restore", str(backup) if given == "FILE" else given, "--stop", typed="nothing")

    name = "the backup" if given == "-" else backup
    assert refused.exit_code == 1
    assert capfd.readouterr().err.startswith("volspike: nothing was restored: the backup: it is ")
    assert refused.stderr == f"volspike: nothing was stopped, the suite is as it was: {name} was not restored\n"
    assert server.asked == []


def test_a_damaged_database_in_a_sound_backup_costs_no_outage(
    volspike: Command, server: Systemctl, state_dir: Path, tmp_path: Path, capfd: Captured
) -> None:
    staged, backup = tmp_path / "staged", tmp_path / "backup"
    staged.mkdir()
    (staged / "outbox.db").write_bytes(staging.SQLITE + b"no database" * 1000)
    packing.pack(backup, Manifest(VERSION, NOW, "1", [staging.part_of(staged / "outbox.db", 0o640)]), staged)

    assert volspike("restore", str(backup), "--stop").exit_code == 1

    assert "the backup: outbox.db is damaged: " in capfd.readouterr().err
    assert server.asked == []
    assert sorted(path.name for path in state_dir.iterdir()) == [making.LOCK, "memory.json"]


def test_a_disk_without_room_costs_no_outage(
    volspike: Command, server: Systemctl, state_dir: Path, capfd: Captured
) -> None:
    (state_dir / "memory.json").write_bytes(bytes(2 << 20))
    volspike("backup")

    with files_of_at_most(1 << 20):
        failed = volspike("restore", "latest", "--stop")

    assert failed.exit_code == 1
    assert capfd.readouterr().err == f"volspike: nothing was restored: {state_dir}: File too large\n"
    assert server.asked == []


def test_half_a_restore_costs_no_outage(volspike: Command, server: Systemctl, state_dir: Path, capfd: Captured) -> None:
    (state_dir / documents.RESTORE_DECIDED).mkdir()

    assert volspike("restore", "latest", "--stop").exit_code == 1

    assert capfd.readouterr().err == "volspike: a restore was interrupted: volspike restore --finish first\n"
    assert server.asked == []


def test_a_sound_one_is_restored_between_a_stop_and_a_start(
    volspike: Command, server: Systemctl, state_dir: Path
) -> None:
    restored = volspike("restore", "latest", "--stop")

    assert restored.exit_code == 0
    stop, start = server.asked
    assert {TARGET, "binance-funding-ws.service"} < set(stop.split()), "the target ends before its daemons"
    assert start.split() == ["start", TARGET]
    assert (state_dir / "memory.json").read_text() == "then"


def restoring_by(place: Path, script: str) -> str:
    """Return a program that stands in for the process that restores, once it was tried."""
    program = place / "restoring"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--check*) exit 0 ;; esac\n{script}\n')
    program.chmod(0o755)
    return str(program)


def test_a_suite_is_started_again_when_the_command_is_ended_while_it_stops_it(
    volspike: Command, server: Systemctl, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", restoring_by(volspike.place, f"echo then > {state_dir}/memory.json"))
    server.answers(then='case "$*" in *stop*) kill -HUP $PPID ;; esac')

    ended = volspike("restore", "latest", "--stop")

    assert ended.exit_code == 129
    assert [line.split()[0] for line in server.asked] == ["stop", "start"]
    assert (state_dir / "memory.json").read_text() == "now"


def test_a_suite_is_started_again_when_the_command_is_ended_but_not_before_what_restores_has_ended(
    volspike: Command, server: Systemctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidies = f"/bin/sleep 0.3; echo tidied >> {volspike.place}/asked; exit"
    script = f"trap '{tidies}' TERM\n/bin/sleep 0.3\nkill -TERM $PPID\nwhile :; do /bin/sleep 0.01; done"
    monkeypatch.setattr(sys, "executable", restoring_by(volspike.place, script))

    ended = volspike("restore", "latest", "--stop")

    assert ended.exit_code == 143
    assert [line.split()[0] for line in server.asked] == ["stop", "tidied", "start"]


def test_a_suite_is_started_again_where_the_terminal_has_gone_meanwhile(
    volspike: Command, server: Systemctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(text: str) -> None:
        if text == "starting the suite":
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(restore, "_say", say)
    monkeypatch.setattr(sys, "executable", restoring_by(volspike.place, "exit 0"))

    volspike("restore", "latest", "--stop")

    assert [line.split()[0] for line in server.asked] == ["stop", "start"]

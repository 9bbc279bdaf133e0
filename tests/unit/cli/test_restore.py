"""Taking a backup back by hand."""

import errno
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.restores import files_of_at_most
from tests.unit.locks import held
from volspike.archive import making, restoration
from volspike.cli import restore
from volspike.state import documents

pytestmark = pytest.mark.usefixtures("state_dir")

Captured = pytest.CaptureFixture[str]
NOW = 1_764_724_344.0


def test_what_was_then_is_back_and_what_is_now_is_kept_aside(volspike: Command, state_dir: Path, backup: Path) -> None:
    restored = volspike("restore", str(backup))

    (aside,) = state_dir.glob("before-restore-*")
    assert restored.exit_code == 0
    assert (state_dir / "memory.json").read_text() == "then"
    assert (aside / "memory.json").read_text() == "now"
    assert re.match(
        r"  memory\.json\n1 files of release \S+, backed up at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, are restored\.\n",
        restored.stdout,
    )
    assert f"What was there before is in {aside}; remove it when all is well.\n" in restored.stdout


def test_the_latest_one_needs_no_name(volspike: Command, state_dir: Path) -> None:
    assert volspike("restore", "latest").exit_code == 0
    assert (state_dir / "memory.json").read_text() == "then"


@pytest.fixture
def courier(volspike: Command) -> Iterator[None]:
    """A courier that lives."""
    with held(documents.heartbeat_path(volspike.runtime_dir, "courier").with_suffix(".lock")):
        yield


@pytest.mark.usefixtures("courier")
@pytest.mark.parametrize(
    ("installed", "remedy"),
    [(True, "stop the suite first, or use --stop"), (False, "end the suite first: Ctrl-C in its terminal")],
)
def test_while_a_daemon_lives_nothing_is_restored(
    volspike: Command, state_dir: Path, request: pytest.FixtureRequest, *, installed: bool, remedy: str
) -> None:
    if installed:
        request.getfixturevalue("server")
    refused = volspike("restore", "latest")

    assert refused.exit_code == 1
    assert refused.stderr == f"volspike: courier runs in {volspike.runtime_dir}: {remedy}\n"
    assert (state_dir / "memory.json").read_text() == "now"


@pytest.mark.usefixtures("courier")
def test_where_no_restore_was_interrupted_a_suite_that_runs_is_not_in_the_way(
    volspike: Command, state_dir: Path
) -> None:
    refused = volspike("restore", "--finish")

    assert refused.stderr == f"volspike: no restore was interrupted in {state_dir}\n"


def test_while_a_backup_is_made_by_hand_nothing_is_restored(volspike: Command, state_dir: Path) -> None:
    with held(state_dir / making.LOCK):
        refused = volspike("restore", "latest")

    assert refused.exit_code == 1
    problem = f"another backup or a restore is under way in {state_dir}: wait for it"
    assert refused.stderr == f"volspike: nothing was restored: {problem}\n"
    assert (state_dir / "memory.json").read_text() == "now"


def test_where_the_state_directory_cannot_be_made_that_is_one_line(volspike: Command, backup: Path) -> None:
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(backup / "state")

    failed = volspike("restore", str(backup))

    assert failed.stderr == f"volspike: nothing was restored: {backup / 'state'}: Not a directory\n"


@pytest.mark.usefixtures("courier")
def test_a_check_changes_nothing_and_hinders_no_daemon(volspike: Command, state_dir: Path) -> None:
    checked = volspike("restore", "latest", "--check")

    assert checked.exit_code == 0
    assert checked.stdout.endswith(" UTC, are sound, and there is room for them.\n")
    assert sorted(path.name for path in state_dir.iterdir()) == [making.LOCK, "memory.json"]
    assert (state_dir / "memory.json").read_text() == "now"


@pytest.mark.parametrize("step", ["take", "finish"])
def test_the_instant_that_changes_everything_is_not_disturbed(
    volspike: Command, state_dir: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    change = getattr(restoration, step)

    def disturbed(directory: Path) -> Path:
        os.kill(os.getpid(), signal.SIGTERM)
        aside: Path = change(directory)
        return aside

    if step == "finish":
        with backup.open("rb") as content:
            restoration.unpack(content, state_dir, lambda _: None)
        (state_dir / documents.RESTORE_UNPACKING).rename(state_dir / documents.RESTORE_DECIDED)
    monkeypatch.setattr(restoration, step, disturbed)

    ended = volspike("restore", *(["--finish"] if step == "finish" else ["latest"]))

    assert ended.exit_code == 143
    assert "What was there before is in " in ended.stdout
    assert (state_dir / "memory.json").read_text() == "then"
    assert not documents.is_half_restored(state_dir)


def test_what_is_restored_is_not_denied_where_the_terminal_has_gone_meanwhile(
    volspike: Command, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(_text: str) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(restore, "_say", say)

    restored = volspike("restore", "latest")

    assert (restored.exit_code, restored.stderr) == (0, "")
    assert (state_dir / "memory.json").read_text() == "then"


@pytest.mark.parametrize("given", ["latest", "FILE"])
def test_one_that_is_cut_off_is_refused_by_its_name_and_nothing_has_changed(
    volspike: Command, state_dir: Path, backup: Path, given: str
) -> None:
    backup.write_bytes(backup.read_bytes()[:-60])

    refused = volspike("restore", str(backup) if given == "FILE" else given)

    assert refused.exit_code == 1
    assert f"volspike: nothing was restored: {backup}: " in refused.stderr
    assert sorted(path.name for path in state_dir.iterdir()) == [making.LOCK, "memory.json"]
    assert (state_dir / "memory.json").read_text() == "now"


def test_one_for_which_the_disk_has_no_room_changes_nothing_and_leaves_nothing(
    volspike: Command, state_dir: Path, backup: Path
) -> None:
    with files_of_at_most(0):
        failed = volspike("restore", str(backup))

    assert failed.exit_code == 1
    assert failed.stderr == f"volspike: nothing was restored: {state_dir}: File too large\n"
    assert sorted(path.name for path in state_dir.iterdir()) == [making.LOCK, "memory.json"]
    assert (state_dir / "memory.json").read_text() == "now"


def test_one_that_fails_in_the_middle_says_how_to_go_on(volspike: Command, state_dir: Path, backup: Path) -> None:
    with backup.open("rb") as content:
        restoration.unpack(content, state_dir, lambda _: None)
    decided = (state_dir / documents.RESTORE_UNPACKING).rename(state_dir / documents.RESTORE_DECIDED)
    in_the_way = state_dir / f"before-restore-{int(decided.stat().st_mtime)}"
    in_the_way.touch()

    failed = volspike("restore", "--finish")

    assert failed.exit_code == 1
    problem = f"{in_the_way}: File exists"
    remedy = "mend that, then: volspike restore --finish"
    assert failed.stderr == f"volspike: the restore was interrupted: {problem}; {remedy}\n"


def test_one_that_was_interrupted_is_finished_first(volspike: Command, state_dir: Path, backup: Path) -> None:
    with backup.open("rb") as content:
        restoration.unpack(content, state_dir, lambda _: None)
    (state_dir / documents.RESTORE_UNPACKING).rename(state_dir / documents.RESTORE_DECIDED)

    refused, finished = volspike("restore", "latest"), volspike("restore", "--finish")
    again = volspike("restore", "--finish")

    assert refused.stderr == "volspike: a restore was interrupted: volspike restore --finish first\n"
    assert finished.exit_code == 0
    assert finished.stdout.startswith("the restore is finished.\n")
    assert (state_dir / "memory.json").read_text() == "then"
    assert again.stderr == f"volspike: no restore was interrupted in {state_dir}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "give either the file of a backup (volspike backup --list shows them) or --finish"),
        (("latest", "--finish"), 2, "give either the file"),
        (("--check", "--finish"), 2, "--check finishes nothing: leave --finish away"),
        (("latest", "--check", "--stop"), 2, "--check stops nothing: leave --stop away"),
        (("/nowhere.tar.gz",), 1, "/nowhere.tar.gz cannot be read (No such file or directory)"),
        (("latest", "--stop"), 1, "--stop is for root on a server"),
    ],
)
def test_what_cannot_be_done_is_one_line(volspike: Command, arguments: tuple[str, ...], code: int, told: str) -> None:
    failed = volspike("restore", *arguments)

    assert (failed.exit_code, len(failed.stderr.splitlines())) == (code, 1)
    assert told in failed.stderr


def test_what_comes_through_a_pipe_is_called_the_backup(volspike: Command) -> None:
    assert "nothing was restored: the backup: it is no backup" in volspike("restore", "-", typed="nothing").stderr


def test_without_a_backup_there_is_no_latest_one(volspike: Command, backup: Path) -> None:
    backup.unlink()

    assert "there are no backups in " in volspike("restore", "latest").stderr


def test_without_a_backup_no_state_directory_is_begun(volspike: Command, tmp_path: Path) -> None:
    volspike.environment["VOLSPIKE_STATE_DIR"] = str(tmp_path / "fresh")

    assert "there are no backups in " in volspike("restore", "latest").stderr
    assert not (tmp_path / "fresh").exists()

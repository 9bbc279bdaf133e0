"""Where a restore takes a backup from."""

import io
import os
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from volspike.archive import making
from volspike.cli import restore_source, suite
from volspike.settings import Settings
from volspike.state import documents

NOW = 1_764_724_344.0


@pytest.fixture
def settings(volspike: Command) -> Settings:
    return suite.load_settings(volspike.environment)


@pytest.fixture
def backup(settings: Settings) -> Path:
    """A backup of a state directory with a memory in it."""
    (settings.state_dir / "memory.json").write_text("then")
    directory = documents.backups_directory(settings.state_dir)
    return making.make(settings.state_dir, directory, None, "1", NOW, progress=lambda _: None).path


@pytest.mark.parametrize("archive", ["latest", "FILE"])
def test_a_backup_is_open_at_its_beginning_for_another_process(settings: Settings, backup: Path, archive: str) -> None:
    with restore_source.kept(str(backup) if archive == "FILE" else archive, settings) as content:
        assert os.read(content.fileno(), 1 << 20) == backup.read_bytes()


def test_a_pipe_is_kept_for_another_process_and_leaves_nothing(
    settings: Settings, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(backup.read_bytes())))

    with restore_source.kept(restore_source.PIPE, settings) as content:
        assert os.pread(content.fileno(), 1 << 20, 0) == backup.read_bytes()

    assert not [path for path in settings.state_dir.iterdir() if path.name not in ("memory.json", making.LOCK)]


def test_a_pipe_for_which_there_is_no_disk_is_one_line(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.state_dir.rmdir()

    with pytest.raises(SystemExit):
        restore_source.kept(restore_source.PIPE, settings)

    told = capsys.readouterr().err
    assert told.startswith(f"volspike: nothing was stopped or restored: {settings.state_dir}")


def test_the_latest_is_none_of_the_future(settings: Settings, backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (backup.parent / making.name_of(settings.clock.now() + 86_400)).touch()

    with restore_source.latest(settings) as content:
        assert content.read() == backup.read_bytes()
    backup.unlink()
    with pytest.raises(SystemExit):
        restore_source.latest(settings)

    assert "are dated into the future: see to the clock, or name a file" in capsys.readouterr().err

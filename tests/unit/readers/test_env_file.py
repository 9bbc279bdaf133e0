"""Whose settings a suite has."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.locks import held
from volspike.model.supervision import Supervision
from volspike.readers import env_file
from volspike.state import documents, file


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a server."""
    path = tmp_path / "volspike.env"
    path.touch()
    monkeypatch.setattr(env_file, "PRODUCTION_ENV_FILE", path)
    return path


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[None]:
    """A `volspike up` that lives."""
    with held(tmp_path / documents.SUPERVISION_LOCK):
        yield


def write_down(runtime_dir: Path, *, simulated: bool) -> None:
    said = Supervision(1, os.getpid(), simulated, {}, [])
    file.write(runtime_dir / documents.SUPERVISION, documents.encode(said))


def test_the_installed_suite_has_the_server_s(tmp_path: Path, installed: Path) -> None:
    assert env_file.env_file_of(tmp_path) == installed


def test_elsewhere_they_are_in_the_folder(tmp_path: Path, installed: Path) -> None:
    installed.unlink()

    assert env_file.env_file_of(tmp_path) == Path(".env")


@pytest.mark.usefixtures("installed", "lock")
@pytest.mark.parametrize(("simulated", "theirs"), [(False, Path(".env")), (True, None)])
def test_a_suite_in_the_foreground_has_never_those_of_the_server(
    tmp_path: Path, simulated: bool, theirs: Path | None
) -> None:
    write_down(tmp_path, simulated=simulated)

    assert env_file.env_file_of(tmp_path) == theirs


def test_one_that_may_not_be_looked_for_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forbidden:
        def exists(self) -> bool:
            raise PermissionError

    forbidden = Forbidden()
    monkeypatch.setattr(env_file, "PRODUCTION_ENV_FILE", forbidden)

    assert id(env_file.env_file_of(tmp_path)) == id(forbidden)
